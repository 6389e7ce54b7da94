// Checks a whole data directory while no server runs on it.
#pragma once

#include <cstdint>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "s3/fsck.h"
#include "storage/file_system.h"
#include "storage/finding.h"

namespace larder::server {

struct FsckOptions {
  std::string data;  // DIR
  /// Damaged blobs are moved to DIR/quarantine when all has been checked; nothing else is changed.
  bool quarantine = false;
};

struct FsckSummary {
  s3::FsckTally tally;
  std::uint64_t damaged = 0;  // findings
  std::uint64_t notes = 0;
  std::uint64_t quarantined = 0;  // blobs
};

/// Is called on the thread that calls fsck().
class FsckObserver {
 public:
  virtual ~FsckObserver() = default;
  virtual void found(const storage::Finding& finding) = 0;
  /// Often: for each record and each block. `bytes` were read of blobs so far.
  virtual void progressed(const s3::FsckTally& tally, std::uint64_t bytes) = 0;
};

/// Reads all of DIR, holding its lock. Damage is reported, to the observer and in the summary.
/// Errors mean that it could not be checked: Locked (a server runs; the message names its process),
/// BadDataDirectory, StorageFailure. `files` and `random` are used during the call only.
Result<FsckSummary> fsck(const FsckOptions& options, storage::FileSystem& files, Random& random,
                         FsckObserver& observer);

}  // namespace larder::server
