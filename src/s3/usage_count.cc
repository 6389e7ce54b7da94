// Counting what is there: once for a data directory that has no numbers yet, and to check them.
#include "base/log.h"
#include "s3/entry_check.h"
#include "s3/usage.h"
#include "storage/inspectable_kv.h"

namespace larder::s3 {
namespace {

using storage::CommitOutcome;

const storage::Partition catalogue = "buckets";
const storage::Partition usage_partition = "usage";
const std::string counted_key = "counted";
const std::string is_done(1, '\x01');
const std::vector<storage::Guard> unguarded;
constexpr std::uint64_t told_every = 256ull << 20;  // bytes

/// Holds nobody up; says now and then how far it is.
class CountingProgress final : public Pace {
 public:
  Task<Result<void>> spend(std::uint64_t bytes) override {
    bytes_ += bytes;
    if (bytes_ / told_every > (bytes_ - bytes) / told_every)
      log::info("counting what buckets hold: {} MiB of metadata so far", bytes_ >> 20);
    co_return Result<void>();
  }
  Task<Result<void>> rest_until(Time) override { co_return Result<void>(); }

 private:
  std::uint64_t bytes_ = 0;
};

}  // namespace

Task<Result<bool>> Usage::is_counted(storage::Kv& kv) {
  CO_TRY(const auto stored, co_await kv.get(usage_partition, counted_key));
  co_return stored.has_value();
}

Task<Result<void>> Usage::load() {
  CO_TRY(const bool counted, co_await is_counted(kv_));
  bool all_stored = true;
  CountingProgress progress;
  storage::EntryWalk walk(kv_, catalogue, storage::KeyRange());
  for (;;) {
    CO_TRY(const auto entry, co_await walk.next());
    if (!entry) break;
    if (!counted && bucket_count() == 0)
      log::info("counting what buckets hold, once: this version keeps the numbers");
    CO_TRY_VOID(co_await load_bucket(*entry, counted, all_stored, progress));
  }
  if (counted || !all_stored) co_return Result<void>();
  if (bucket_count() > 0) log::info("counted what {} buckets hold", bucket_count());
  std::vector<storage::Write> writes{{counted_key, is_done}};
  // Otherwise the next start counts again.
  CO_TRY_VOID(co_await kv_.commit(usage_partition, unguarded, std::move(writes)));
  co_return Result<void>();
}

Task<Result<void>> Usage::load_bucket(const storage::Entry& entry, bool counted, bool& all_stored,
                                      Pace& pace) {
  const auto bucket = decode_bucket(entry.key, entry.value);
  if (!bucket || !is_id(bucket->id)) co_return Result<void>();  // nobody can use it
  Index index(kv_, bucket->id);
  const auto stored = co_await read_use(index);
  if (stored && counted && !stored->recount) {
    set(*bucket, stored->use, false);
    co_return Result<void>();
  }
  const auto found = co_await count_use(kv_, bucket->id, pace);
  if (!found) {
    log::error("what the bucket {} holds cannot be counted: {}", bucket->name,
               found.error().message);
    all_stored = false;
    set(*bucket, stored ? stored->use : Use(), true);
    co_return Result<void>();
  }
  set(*bucket, found->use, false);
  const auto outcome = stored ? co_await store_use(index, *stored, found->use)
                              : Result<CommitOutcome>(fail(stored.error()));
  if (outcome == CommitOutcome::committed) co_return Result<void>();
  all_stored = false;
  log::warning("what the bucket {} holds is counted again at the next start: {}", bucket->name,
               outcome ? "the numbers could not be written" : outcome.error().message);
  co_return Result<void>();
}

Task<Result<std::optional<Usage::Correction>>> Usage::check(std::string bucket_id, Pace& pace) {
  const auto before = quiet(bucket_id);
  if (!before) co_return std::nullopt;
  Index index(kv_, bucket_id);
  CO_TRY(const auto stored, co_await read_use(index));
  CO_TRY(const auto found, co_await count_use(kv_, bucket_id, pace));
  if (!found.whole || quiet(bucket_id) != before) co_return std::nullopt;
  if (found.use == stored.use && !stored.recount) co_return std::nullopt;
  // Guarded by the numbers: a change that came since would have changed them, or leaves what there
  // is as it was.
  CO_TRY(const auto outcome, co_await store_use(index, stored, found.use));
  if (outcome != CommitOutcome::committed) co_return std::nullopt;
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = buckets_.find(bucket_id); at != buckets_.end()) at->second.in_doubt = true;
  }
  co_await resolve(bucket_id);
  co_return Correction{.was = stored, .is = found.use};
}

}  // namespace larder::s3
