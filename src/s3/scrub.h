// Goes through all stored objects while the server serves, again and again: is every record
// readable, every blob there and whole? What it finds is reported and counted.
//
// (1) A finding is about what was stored all the time: an object replaced or removed meanwhile is
//     not looked at, and the blobs of one that is looked at are kept from the sweep.
// (2) It goes on where it stopped, also in another process: partition `scrub`, docs/formats/s3.md.
#pragma once

#include <atomic>
#include <cstdint>
#include <set>
#include <string>

#include "base/clock.h"
#include "s3/content.h"
#include "s3/entry_check.h"
#include "s3/pace.h"
#include "s3/usage.h"
#include "storage/finding.h"
#include "storage/kv.h"

namespace larder::s3 {

/// Since the process started. From any thread.
struct ScrubCounters {
  std::atomic<std::uint64_t> passes = 0;   // that were finished
  std::atomic<std::uint64_t> records = 0;  // objects and parts
  std::atomic<std::uint64_t> bytes = 0;    // read of blobs
  std::atomic<std::uint64_t> damaged = 0;  // findings, each counted once
};

/// One core. Reads one block of one blob at a time.
class Scrub {
 public:
  /// A pass begins this long after the one before began, or when that has ended.
  static constexpr std::chrono::days interval{7};

  /// All outlive it. `report` is told of each damage once in the life of this object (of at most
  /// 10,000 places).
  Scrub(storage::Kv& kv, storage::Blobs& blobs, ContentStore& contents, const Clock& clock,
        Usage& usage, Pace& pace, storage::FindingSink report);

  /// Pass after pass. Ends with an error of `pace` alone; when the stores fail it waits a minute
  /// and goes on.
  Task<Result<void>> run();
  /// The rest of the pass that was begun, or a whole one.
  Task<Result<void>> run_pass();

  const ScrubCounters& counters() const { return counters_; }

 private:
  /// Behind which everything has been checked.
  struct Position {
    Time began{};          // the pass
    bool finished = true;  // there is none to go on with
    std::string bucket{};  // its name; empty: before the first
    std::string bucket_id{};
    std::string key{};  // the first of the index that is to be checked
  };

  Task<Result<Position>> load();
  Task<Result<void>> save(bool now);
  Task<Result<void>> check_bucket(BucketRecord bucket);
  /// Puts the numbers of what the bucket holds right when they are wrong.
  Task<Result<void>> check_use(const BucketRecord& bucket);
  Task<Result<void>> check_table(const BucketRecord& bucket, Table table);
  Task<Result<void>> check_entry(const BucketRecord& bucket, const storage::Entry& entry);
  Task<Result<std::vector<ContentDamage>>> check_bytes(const EntryView& view);
  void report(const BucketRecord& bucket, const storage::Entry& entry, const EntryView& view,
              ContentDamage damage);
  void tell(const storage::Finding& finding);

  class CountingPace;

  storage::Kv& kv_;
  storage::Blobs& blobs_;
  ContentStore& contents_;
  const Clock& clock_;
  Usage& usage_;
  Pace& pace_;
  const storage::FindingSink report_;
  ScrubCounters counters_;
  Position position_;
  Time saved_{};
  std::set<std::string> told_;
};

}  // namespace larder::s3
