#include "s3/objects.h"

#include "s3/conditions.h"
#include "s3/damage.h"
#include "s3/errors.h"
#include "storage/errors.h"

namespace larder::s3 {

using storage::CommitOutcome;

Task<Result<std::optional<ObjectRecord>>> Objects::get(const BucketRecord& bucket,
                                                       const std::string& key) {
  Index index(kv_, bucket.id);
  auto stored = co_await index.get(object_key(key));
  if (!stored) co_return fail(object_error(bucket.name, key, std::move(stored).error()));
  if (!*stored) co_return std::nullopt;
  auto record = decode_object(**stored);
  if (!record) co_return fail(object_error(bucket.name, key, std::move(record).error()));
  co_return *std::move(record);
}

Task<Result<void>> Objects::check_room(const BucketRecord& bucket, const std::string& key,
                                       std::uint64_t size) {
  const auto bytes = static_cast<std::int64_t>(size);
  if (usage_.check_room(bucket.id, bytes)) co_return Result<void>();
  const auto old = co_await get(bucket, key);
  // Of a damaged record nobody knows what it would free; it can be replaced all the same.
  const auto freed = old && *old ? static_cast<std::int64_t>((*old)->content.size) : 0;
  co_return usage_.check_room(bucket.id, bytes - freed);
}

Task<Result<void>> Objects::put(BucketRecord bucket, std::string key, ObjectRecord record,
                                WriteCondition condition) {
  const std::optional<ObjectRecord> next(std::move(record));
  Error failure = errors::try_again().error();
  bool discardable = true;
  for (int tries = 0; tries < tries_max; ++tries) {
    auto outcome = co_await try_replace(bucket, key, next, condition, Alongside());
    if (!outcome) {
      failure = std::move(outcome).error();
      discardable = discardable && !(failure.code == larder::codes::service_unavailable);
      break;
    }
    if (*outcome == Outcome::done) co_return Result<void>();
    if (*outcome == Outcome::in_doubt) discardable = false;
  }
  if (discardable) co_await contents_.discard(next->content);
  co_return fail(std::move(failure));
}

Task<Result<void>> Objects::remove(BucketRecord bucket, std::string key, WriteCondition condition) {
  const std::optional<ObjectRecord> nothing;
  for (int tries = 0; tries < tries_max; ++tries) {
    CO_TRY(const auto outcome, co_await try_replace(bucket, key, nothing, condition, Alongside()));
    if (outcome == Outcome::done) co_return Result<void>();
  }
  co_return errors::try_again();
}

Task<Result<Objects::Outcome>> Objects::try_replace(const BucketRecord& bucket,
                                                    const std::string& key,
                                                    const std::optional<ObjectRecord>& next,
                                                    const WriteCondition& condition,
                                                    Alongside alongside) {
  Index index(kv_, bucket.id);
  const std::string at = object_key(key);
  CO_TRY(const auto old_text, co_await index.get(at));
  std::optional<ObjectRecord> old;
  if (old_text) {
    auto decoded = decode_object(*old_text);
    // A damaged record can be replaced and removed, or nobody could ever mend the object. Its
    // blobs, which nobody knows, are left to the sweep.
    const bool conditional = condition.if_match || condition.if_absent;
    if (!decoded && conditional)
      co_return fail(object_error(bucket.name, key, std::move(decoded).error()));
    if (decoded) old = *std::move(decoded);
  }
  if (next && old && old->write_id == next->write_id) co_return Outcome::done;
  CO_TRY_VOID(check(condition, old, key));
  if (!next && !old_text) co_return Outcome::done;

  auto guards = std::move(alongside.guards);
  auto writes = std::move(alongside.writes);
  guards.push_back({at, old_text});
  writes.push_back({at, next ? std::optional(encode(*next)) : std::nullopt});
  if (old) Garbage::enqueue(old->content, writes);
  if (old_text && !old) ask_for_recount(writes);
  const auto bytes = [](const auto& record) {
    return record ? static_cast<std::int64_t>(record->content.size) : 0;
  };
  auto change = alongside.change;
  change.objects += int{next.has_value()} - int{old_text.has_value()};
  change.bytes += bytes(next) - bytes(old);
  CO_TRY(const auto outcome,
         co_await usage_.commit(bucket.id, std::move(guards), std::move(writes), change));
  if (outcome == CommitOutcome::unknown) {
    auto resolved = co_await resolve(index, at, old_text, next);
    if (!resolved) co_return errors::try_again();
    co_return resolved;
  }
  if (outcome == CommitOutcome::guard_failed) {
    CO_TRY_VOID(co_await buckets_.check_open(bucket));
    co_return Outcome::lost;
  }
  if (old) co_await garbage_.free_soon(bucket.id, std::move(old->content));
  co_return Outcome::done;
}

// What is there now tells, unless others have been there since.
Task<Result<Objects::Outcome>> Objects::resolve(Index& index, const std::string& at,
                                                const std::optional<std::string>& old,
                                                const std::optional<ObjectRecord>& next) {
  CO_TRY(const auto now, co_await index.get(at));
  if (now == old) co_return Outcome::in_doubt;
  if (!next)
    co_return Outcome::done;  // gone; or replaced by another, which the removal then preceded
  if (!now) co_return errors::try_again();
  CO_TRY(const auto record, decode_object(*now));
  if (record.write_id != next->write_id) co_return errors::try_again();
  co_return Outcome::done;
}

Task<Result<std::optional<std::unique_ptr<ByteSource>>>> Objects::open(const BucketRecord& bucket,
                                                                       const std::string& key,
                                                                       const ObjectRecord& record,
                                                                       storage::ByteRange range) {
  InUse::Hold hold;
  if (record.content.pieces.size() >= 2) {
    // Later pieces are opened later: hold them all, and be sure that they were named after that.
    hold = contents_.hold(record.content);
    CO_TRY(const auto now, co_await get(bucket, key));
    if (!now || now->write_id != record.write_id) co_return std::nullopt;
  }
  auto opened = co_await contents_.open(record.content, range, std::move(hold));
  if (!opened) co_return fail(object_error(bucket.name, key, std::move(opened).error()));
  if (*opened) co_return report_damage(**std::move(opened), bucket.name, key);
  // Replaced since the record was read, or missing?
  CO_TRY(const auto now, co_await get(bucket, key));
  if (!now || now->write_id != record.write_id) co_return std::nullopt;
  Error missing{larder::codes::corrupt, "its blob is missing"};
  co_return fail(object_error(bucket.name, key, std::move(missing)));
}

}  // namespace larder::s3
