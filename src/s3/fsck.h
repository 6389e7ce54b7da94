// Checks all that S3 has stored while nothing else uses the stores: every record, every reference
// both ways, every byte.
//
// (1) Nothing is changed.
// (2) Memory has a bound. What a record names is looked up in the blobs; what no record names is
//     found by going through all blobs, so many at a time, and reading the metadata once for each
//     such batch.
// (3) When a record could not be read, nothing is said of blobs that nothing names: that record
// may.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "s3/entry_check.h"
#include "s3/pace.h"
#include "s3/use.h"
#include "storage/finding.h"
#include "storage/inspectable_kv.h"

namespace larder::s3 {

/// What a check has gone through so far.
struct FsckTally {
  std::uint64_t buckets = 0;
  std::uint64_t objects = 0;
  std::uint64_t uploads = 0;
  std::uint64_t parts = 0;
  std::uint64_t blobs = 0;
  std::uint64_t bytes = 0;  // of objects and parts
  std::uint64_t orphans = 0;
  std::uint64_t orphan_bytes = 0;  // that the next start frees
};

/// One core; once.
class Fsck {
 public:
  struct Options {
    /// 17 bytes of memory for each, and a pass through the metadata for each so many blobs.
    std::size_t blobs_at_once = 4'000'000;
    std::function<bool(const std::string& account)> account_exists;
  };

  /// All outlive it. `pace` is told of every byte, and so of progress.
  Fsck(storage::InspectableKv& kv, storage::Blobs& blobs, Pace& pace, storage::FindingSink report,
       Options options)
      : kv_(kv),
        blobs_(blobs),
        pace_(pace),
        report_(std::move(report)),
        options_(std::move(options)) {}

  /// `partitions`: all of the store's. Damage is reported, not an error: those are of the stores
  /// and of `pace`.
  Task<Result<void>> run(const std::vector<storage::Partition>& partitions);

  const FsckTally& tally() const { return tally_; }

  /// Whether a partition is one of S3's.
  static bool owns(std::string_view partition);

 private:
  /// The index of a bucket, or of one that is gone.
  struct Place {
    storage::Partition partition;
    std::string bucket;  // its name; empty: it has none
  };

  Task<Result<void>> check_catalogue();
  Task<Result<void>> check_bucket(const storage::Entry& entry);
  Task<Result<void>> check_configuration(const storage::Partition& partition);
  Task<Result<void>> check_index(const Place& place);
  /// The numbers of what the bucket holds, when its index has been gone through.
  Task<Result<void>> check_use(const Place& place);
  Task<Result<void>> check_nameless(const Place& place);
  Task<Result<void>> check_entry(const Place& place, const storage::Entry& entry);
  Task<Result<void>> check_bytes(const Place& place, const storage::Entry& entry, EntryView view);
  Task<Result<void>> check_upload(const Place& place, const storage::Entry& entry,
                                  const EntryView& view);
  Task<Result<void>> check_blobs(const std::vector<Place>& places);
  Task<Result<void>> count_names(const std::vector<Place>& places,
                                 const std::vector<storage::BlobId>& ids,
                                 std::vector<std::uint8_t>& names);
  Task<Result<void>> report_orphan(storage::BlobId id);
  /// As EntryWalk::next, but what cannot be read is reported and ends the walk.
  Task<Result<std::optional<storage::Entry>>> next(storage::EntryWalk& walk,
                                                   const storage::Partition& partition);

  storage::Finding about(const Place& place, const storage::Entry& entry, const EntryView& view,
                         std::string what) const;
  void report(storage::Finding finding) { report_(finding); }

  storage::InspectableKv& kv_;
  storage::Blobs& blobs_;
  Pace& pace_;
  const storage::FindingSink report_;
  const Options options_;
  std::map<std::string, std::string> names_;  // of buckets, by id
  bool all_read_ = true;                      // every record that may name a blob
  bool has_numbers_ = false;                  // of what buckets hold
  CountedUse counted_;                        // in the index that is gone through
  FsckTally tally_;
};

}  // namespace larder::s3
