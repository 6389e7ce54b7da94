// Objects: the current record of each key, replaced and removed by single commits.
//
// (1) A record is written only after its blobs are durable, and an answer is given only after that.
// (2) Whatever a commit takes the last name from, it queues as garbage.
// (3) A commit of unknown outcome is never repeated with blobs that it may have named already.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/random.h"
#include "s3/buckets.h"
#include "s3/content.h"
#include "s3/garbage.h"
#include "s3/index.h"
#include "s3/records.h"
#include "s3/usage.h"

namespace larder::s3 {

/// If-Match and If-None-Match of a write.
struct WriteCondition {
  std::optional<std::string> if_match;  // as sent
  bool if_absent = false;               // If-None-Match: *
};

/// What a commit does beside replacing the current record, under guards of its own.
struct Alongside {
  std::vector<storage::Guard> guards;
  std::vector<storage::Write> writes;
  Use change{};  // of what the bucket holds, by these writes
};

/// Safe from any core.
class Objects {
 public:
  Objects(storage::Kv& kv, Buckets& buckets, ContentStore& contents, Garbage& garbage, Usage& usage)
      : kv_(kv), buckets_(buckets), contents_(contents), garbage_(garbage), usage_(usage) {}

  Task<Result<std::optional<ObjectRecord>>> get(const BucketRecord& bucket, const std::string& key);

  /// Before the bytes of a new object are taken in: QuotaExceeded when its account has no room for
  /// them, the object that they replace gone. What counts is put(), later.
  Task<Result<void>> check_room(const BucketRecord& bucket, const std::string& key,
                                std::uint64_t size);

  /// Makes `record` the current one. QuotaExceeded. On a failure that leaves no doubt its blobs are
  /// discarded.
  Task<Result<void>> put(BucketRecord bucket, std::string key, ObjectRecord record,
                         WriteCondition condition);
  /// An absent object is success.
  Task<Result<void>> remove(BucketRecord bucket, std::string key, WriteCondition condition);

  /// `lost`: a guard failed, so everything is to be read again. `in_doubt`: it seems not to have
  /// happened; to be tried again, but its blobs are not to be discarded.
  enum class Outcome { done, lost, in_doubt };
  /// One try. `next` empty: removes. ServiceUnavailable when it may have happened; any other error
  /// means that nothing did.
  Task<Result<Outcome>> try_replace(const BucketRecord& bucket, const std::string& key,
                                    const std::optional<ObjectRecord>& next,
                                    const WriteCondition& condition, Alongside alongside);

  /// The object's bytes, whole even when it is replaced meanwhile. nullopt: it was replaced before
  /// they could be opened, so read the record again. Damage is InternalError, and in the log.
  Task<Result<std::optional<std::unique_ptr<ByteSource>>>> open(const BucketRecord& bucket,
                                                                const std::string& key,
                                                                const ObjectRecord& record,
                                                                storage::ByteRange range);

 private:
  Task<Result<Outcome>> resolve(Index& index, const std::string& at,
                                const std::optional<std::string>& old,
                                const std::optional<ObjectRecord>& next);

  storage::Kv& kv_;
  Buckets& buckets_;
  ContentStore& contents_;
  Garbage& garbage_;
  Usage& usage_;
};

/// What tries again after a lost race gives up after this many, with ServiceUnavailable: each loss
/// is another one's success, so only a crowd gets there.
inline constexpr int tries_max = 1000;

}  // namespace larder::s3
