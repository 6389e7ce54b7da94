#include "s3/usage.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "s3/errors.h"

namespace larder::s3 {

using storage::CommitOutcome;

void Usage::set(const BucketRecord& bucket, const Use& use, bool in_doubt) {
  const std::lock_guard lock(mutex_);
  auto& account = accounts_[bucket.account];
  const auto [at, fresh] = buckets_.try_emplace(bucket.id, State{.name = bucket.name,
                                                                 .account = &account,
                                                                 .account_id = bucket.account,
                                                                 .use = use,
                                                                 .in_doubt = in_doubt});
  if (fresh) account.use += use;
}

void Usage::add(const BucketRecord& bucket) { set(bucket, Use(), false); }

void Usage::remove(const std::string& bucket_id) {
  const std::lock_guard lock(mutex_);
  const auto found = buckets_.find(bucket_id);
  if (found == buckets_.end()) return;
  found->second.account->use -= found->second.use;
  buckets_.erase(found);
}

Result<void> Usage::check_room(const std::string& account_id, const Account& account,
                               std::int64_t bytes) const {
  if (bytes <= 0 || !max_bytes_) return {};
  const auto max_bytes = max_bytes_(account_id);
  const auto held = account.use.total_bytes() + account.reserved;
  if (!max_bytes || std::cmp_less_equal(held + bytes, *max_bytes)) return {};
  return errors::quota_exceeded(account_id, *max_bytes, held, bytes);
}

Result<void> Usage::check_room(const std::string& bucket_id, std::int64_t bytes) const {
  const std::lock_guard lock(mutex_);
  const auto found = buckets_.find(bucket_id);
  if (found == buckets_.end()) return {};
  return check_room(found->second.account_id, *found->second.account, bytes);
}

Result<Usage::Begun> Usage::begin(const std::string& bucket_id, const Use& change) {
  const std::lock_guard lock(mutex_);
  const auto found = buckets_.find(bucket_id);
  if (found == buckets_.end()) return Begun();
  auto& bucket = found->second;
  const Begun begun{.account = bucket.account,
                    .growth = std::max<std::int64_t>(change.total_bytes(), 0)};
  TRY_VOID(check_room(bucket.account_id, *bucket.account, begun.growth));
  bucket.account->reserved += begun.growth;
  ++bucket.commits;
  ++bucket.changes;
  return begun;
}

bool Usage::end(const std::string& bucket_id, const Begun& begun, const Use& change,
                const Result<CommitOutcome>& outcome) {
  if (begun.account == nullptr) return false;
  const std::lock_guard lock(mutex_);
  begun.account->reserved -= begun.growth;
  const auto found = buckets_.find(bucket_id);
  if (found == buckets_.end()) return false;
  auto& bucket = found->second;
  --bucket.commits;
  const bool unknown = outcome == CommitOutcome::unknown;
  if (outcome == CommitOutcome::committed || (unknown && begun.growth > 0)) {
    bucket.use += change;
    bucket.account->use += change;
  }
  bucket.in_doubt = bucket.in_doubt || unknown;
  return bucket.in_doubt && bucket.commits == 0;
}

Task<Result<CommitOutcome>> Usage::commit(const std::string& bucket_id,
                                          std::vector<storage::Guard> guards,
                                          std::vector<storage::Write> writes, Use change,
                                          Closed closed) {
  CO_TRY(const auto begun, begin(bucket_id, change));
  add_to(change, writes);
  Index index(kv_, bucket_id);
  auto outcome = closed == Closed::refuses
                     ? co_await index.commit(std::move(guards), std::move(writes))
                     : co_await index.commit_always(std::move(guards), std::move(writes));
  if (end(bucket_id, begun, change, outcome)) co_await resolve(bucket_id);
  co_return outcome;
}

Task<Result<CommitOutcome>> Usage::commit(const std::string& bucket_id,
                                          std::vector<storage::Guard> guards,
                                          std::vector<storage::Write> writes, Use change) {
  return commit(bucket_id, std::move(guards), std::move(writes), change, Closed::refuses);
}

Task<Result<CommitOutcome>> Usage::commit_always(const std::string& bucket_id,
                                                 std::vector<storage::Guard> guards,
                                                 std::vector<storage::Write> writes, Use change) {
  return commit(bucket_id, std::move(guards), std::move(writes), change, Closed::does_not_matter);
}

std::optional<std::uint64_t> Usage::quiet(const std::string& bucket_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = buckets_.find(bucket_id);
  if (found == buckets_.end() || found->second.commits > 0) return std::nullopt;
  return found->second.changes;
}

Task<void> Usage::resolve(std::string bucket_id) {
  const auto changes = quiet(bucket_id);
  if (!changes) co_return;
  Index index(kv_, bucket_id);
  const auto stored = co_await read_use(index);
  if (!stored) co_return;  // the next change, or whoever asks, tries again
  const std::lock_guard lock(mutex_);
  const auto found = buckets_.find(bucket_id);
  if (found == buckets_.end() || found->second.changes != *changes) co_return;
  auto& bucket = found->second;
  bucket.account->use -= bucket.use;
  bucket.use = stored->use;
  bucket.account->use += bucket.use;
  bucket.in_doubt = false;
}

Task<void> Usage::resolve() {
  std::vector<std::string> doubtful;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, bucket] : buckets_)
      if (bucket.in_doubt) doubtful.push_back(id);
  }
  for (const auto& id : doubtful) co_await resolve(id);
}

std::vector<Usage::Bucket> Usage::buckets() const {
  std::vector<Bucket> all;
  {
    const std::lock_guard lock(mutex_);
    all.reserve(buckets_.size());
    for (const auto& [id, state] : buckets_) all.push_back(shown(state));
  }
  std::ranges::sort(all, {},
                    [](const Bucket& bucket) { return std::tie(bucket.account, bucket.name); });
  return all;
}

std::vector<Usage::Bucket> Usage::largest(std::size_t limit) const {
  std::vector<Bucket> out;
  const std::lock_guard lock(mutex_);
  std::vector<const State*> all;
  all.reserve(buckets_.size());
  for (const auto& [id, state] : buckets_) all.push_back(&state);
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(limit, all.size()));
  std::ranges::nth_element(all, end, std::ranges::greater(), [](const State* state) {
    return std::pair(state->use.total_bytes(), state->use.objects);
  });
  for (auto at = all.begin(); at != end; ++at) out.push_back(shown(**at));
  return out;
}

std::map<std::string, Use> Usage::accounts() const {
  std::map<std::string, Use> all;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, account] : accounts_) all.emplace(id, account.use);
  return all;
}

std::size_t Usage::bucket_count() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

}  // namespace larder::s3
