// The catalogue of buckets: names, owners, policies; and how a bucket begins and ends.
//
// (1) A name appears after its configuration is there, and disappears before the rest does.
// (2) A bucket is deleted only when its index is closed to writes and then found empty.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "aws/operation.h"
#include "base/random.h"
#include "s3/records.h"
#include "s3/usage.h"
#include "storage/kv.h"

namespace larder::s3 {

/// What the pipeline knows of a bucket before it decides.
struct BucketFact : aws::Fact {
  BucketRecord record;
};

/// Safe from any core. One process: another one's changes are seen after a restart only.
class Buckets final : public aws::FactSource {
 public:
  Buckets(storage::Kv& kv, Random& random, Usage& usage)
      : kv_(kv), random_(random), usage_(usage) {}

  /// NoSuchBucket, or InvalidBucketName for what never can be one.
  Task<Result<std::shared_ptr<const aws::Fact>>> load(std::string name) override;
  /// As load; null when there is none.
  Task<Result<std::shared_ptr<const BucketFact>>> find(std::string name);

  /// The name is taken: the bucket that has it, and `created` is false.
  struct Creation {
    BucketRecord record;
    bool created;
  };
  Task<Result<Creation>> create(std::string name, std::string account, std::string region,
                                Time now);
  /// BucketNotEmpty, with everything as it was; NoSuchBucket when somebody was faster.
  Task<Result<void>> remove(BucketRecord bucket);
  /// All of one account, by name.
  Task<Result<std::vector<BucketRecord>>> list(std::string account);
  Task<Result<std::vector<BucketRecord>>> list_all();

  Task<Result<std::optional<std::string>>> policy(const BucketRecord& bucket);
  /// nullopt: removes it.
  Task<Result<void>> set_policy(BucketRecord bucket, std::optional<std::string> text);

  /// After a commit to the bucket's index has failed its guards: NoSuchBucket when the bucket is
  /// gone, OperationAborted while it is being deleted. A mark that a dead deletion left behind is
  /// taken away. Otherwise success: look again.
  Task<Result<void>> check_open(BucketRecord bucket);

 private:
  /// Marks that the deletion runs in this process.
  class Deletion;

  Task<Result<void>> close(const BucketRecord& bucket, std::string mark);
  Task<Result<bool>> is_empty(const BucketRecord& bucket);
  Task<Result<void>> remove_name(const BucketRecord& bucket);
  void forget(const std::string& name);

  storage::Kv& kv_;
  Random& random_;
  Usage& usage_;

  std::mutex mutex_;
  // Guarded by mutex_. The generation counts changes: what was read before one is not kept.
  std::map<std::string, std::shared_ptr<const BucketFact>> cache_;
  std::uint64_t generation_ = 0;
  std::set<std::string> being_deleted_;  // ids
};

}  // namespace larder::s3
