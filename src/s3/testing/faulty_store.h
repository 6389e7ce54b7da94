// A Kv and Blobs that fail at a chosen step: with an error before, an error after (for a commit: an
// unknown outcome, with the change made or not), or for good, as a crash. For tests.
#pragma once

#include "storage/blobs.h"
#include "storage/kv.h"

namespace larder::s3::test {

enum class Fault {
  refuses,           // nothing happened, and an error says so
  unknown_happened,  // of a commit: CommitOutcome::unknown, but it was made
  unknown_not_happened,
  crashes,  // this step and all after it fail
};

/// Counts the steps of both stores together. One thread.
class Faults {
 public:
  /// Steps count from 0; -1: never.
  void fail_at(int step, Fault fault) {
    step_ = step;
    fault_ = fault;
    count_ = 0;
    reached_ = false;
  }
  bool reached() const { return reached_; }

  /// What this step does: nullopt, as usual.
  std::optional<Fault> next() {
    const int now = count_++;
    if (now == step_ || (fault_ == Fault::crashes && reached_)) {
      reached_ = true;
      return fault_;
    }
    return std::nullopt;
  }

 private:
  int step_ = -1;
  int count_ = 0;
  bool reached_ = false;
  Fault fault_ = Fault::refuses;
};

class FaultyKv final : public storage::Kv {
 public:
  FaultyKv(storage::Kv& below, Faults& faults) : below_(below), faults_(faults) {}
  Task<Result<std::optional<std::string>>> get(storage::Partition partition,
                                               std::string key) override;
  Task<Result<storage::ScanPage>> scan(storage::Partition partition, storage::KeyRange range,
                                       std::size_t limit) override;
  Task<Result<storage::CommitOutcome>> commit(storage::Partition partition,
                                              std::vector<storage::Guard> guards,
                                              std::vector<storage::Write> writes) override;

 private:
  storage::Kv& below_;
  Faults& faults_;
};

class FaultyBlobs final : public storage::Blobs {
 public:
  FaultyBlobs(storage::Blobs& below, Faults& faults) : below_(below), faults_(faults) {}
  Task<Result<std::unique_ptr<storage::BlobWriter>>> create(storage::BlobId id) override;
  Task<Result<std::optional<std::unique_ptr<ByteSource>>>> read(storage::BlobId id,
                                                                storage::ByteRange range) override;
  Task<Result<void>> remove(storage::BlobId id) override;
  Task<Result<std::vector<storage::BlobId>>> list(std::optional<storage::BlobId> after,
                                                  std::size_t limit) override;

 private:
  storage::Blobs& below_;
  Faults& faults_;
};

}  // namespace larder::s3::test
