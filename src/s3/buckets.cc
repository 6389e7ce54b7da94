#include "s3/buckets.h"

#include "aws/arn.h"
#include "codec/base64.h"
#include "policy/document.h"
#include "s3/errors.h"
#include "s3/index.h"
#include "s3/names.h"

namespace larder::s3 {
namespace {

using storage::CommitOutcome;

const std::string catalogue = "buckets";
const std::string configuration_key = "bucket";
const std::string policy_key = "policy";
const std::vector<storage::Guard> unguarded;
constexpr char policy_version = '\x01';
constexpr std::size_t cached_max = 10'000;

std::string configuration(const std::string& id) { return "bucket/" + id; }

/// A document that cannot be read stays null: it denies.
std::shared_ptr<const policy::NamedPolicy> named_policy(const std::string& bucket,
                                                        std::string_view stored) {
  auto named = std::make_shared<policy::NamedPolicy>();
  named->name = aws::bucket_arn(bucket);
  if (stored.empty() || stored[0] != policy_version) return named;
  auto document = policy::parse(stored.substr(1), policy::Kind::bucket, {.bucket = bucket});
  if (document) named->document = std::make_shared<policy::Document>(*std::move(document));
  return named;
}

}  // namespace

class Buckets::Deletion {
 public:
  Deletion(Buckets& buckets, std::string id) : buckets_(buckets), id_(std::move(id)) {
    const std::lock_guard lock(buckets_.mutex_);
    first_ = buckets_.being_deleted_.insert(id_).second;
  }
  ~Deletion() {
    if (!first_) return;
    const std::lock_guard lock(buckets_.mutex_);
    buckets_.being_deleted_.erase(id_);
  }
  Deletion(const Deletion&) = delete;
  Deletion& operator=(const Deletion&) = delete;

  /// False: another one is at it.
  bool first() const { return first_; }

 private:
  Buckets& buckets_;
  const std::string id_;
  bool first_;
};

void Buckets::forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  ++generation_;
  cache_.erase(name);
}

Task<Result<std::shared_ptr<const aws::Fact>>> Buckets::load(std::string name) {
  if (!is_bucket_name(name)) co_return errors::invalid_bucket_name(name);
  CO_TRY(auto fact, co_await find(name));
  if (!fact) co_return errors::no_such_bucket(name);
  co_return fact;
}

Task<Result<std::shared_ptr<const BucketFact>>> Buckets::find(std::string name) {
  for (;;) {
    std::uint64_t generation = 0;
    {
      const std::lock_guard lock(mutex_);
      generation = generation_;
      if (const auto found = cache_.find(name); found != cache_.end()) co_return found->second;
    }
    if (!is_bucket_name(name)) co_return nullptr;
    CO_TRY(const auto stored, co_await kv_.get(catalogue, name));
    if (!stored) co_return nullptr;
    auto fact = std::make_shared<BucketFact>();
    CO_TRY(fact->record, decode_bucket(name, *stored));
    fact->account = fact->record.account;
    CO_TRY(const auto text, co_await kv_.get(configuration(fact->record.id), policy_key));
    if (text) fact->policy = named_policy(name, *text);
    const std::lock_guard lock(mutex_);
    // Read before a change of some bucket's: of this one's, perhaps.
    if (generation != generation_) continue;
    if (cache_.size() >= cached_max) cache_.clear();
    cache_[name] = fact;
    usage_.add(fact->record);
    co_return fact;
  }
}

Task<Result<Buckets::Creation>> Buckets::create(std::string name, std::string account,
                                                std::string region, Time now) {
  BucketRecord record{.name = name,
                      .id = hex_encode(random_.bytes(16)),
                      .account = std::move(account),
                      .region = std::move(region),
                      .created = now};
  const std::string value = encode(record);
  CO_TRY(const auto taken, co_await kv_.get(catalogue, name));
  if (taken) {
    CO_TRY(auto other, decode_bucket(name, *taken));
    co_return Creation{std::move(other), false};
  }
  std::vector<storage::Write> configured{{configuration_key, value}};
  CO_TRY(const auto prepared, co_await kv_.commit(configuration(record.id), {}, configured));
  if (prepared != CommitOutcome::committed) co_return errors::try_again();
  std::vector<storage::Guard> absent{{name, std::nullopt}};
  std::vector<storage::Write> named{{name, value}};
  usage_.add(record);  // nobody can write to it before the name is there
  auto outcome = co_await kv_.commit(catalogue, absent, named);
  forget(name);
  if (!outcome) {
    usage_.remove(record.id);
    co_return fail(std::move(outcome).error());
  }
  if (*outcome == CommitOutcome::committed) co_return Creation{std::move(record), true};
  CO_TRY(const auto stored, co_await kv_.get(catalogue, name));
  if (stored != value) usage_.remove(record.id);
  if (!stored) co_return errors::try_again();
  CO_TRY(auto holder, decode_bucket(name, *stored));
  const bool ours = holder.id == record.id;
  co_return Creation{std::move(holder), ours};
}

Task<Result<std::vector<BucketRecord>>> Buckets::list_all() {
  std::vector<BucketRecord> all;
  storage::KeyRange range{};
  for (;;) {
    CO_TRY(const auto page, co_await kv_.scan(catalogue, range, 1000));
    for (const auto& entry : page.entries) {
      CO_TRY(auto record, decode_bucket(entry.key, entry.value));
      all.push_back(std::move(record));
    }
    if (!page.more) co_return all;
    range.begin = page.entries.back().key + '\0';
  }
}

Task<Result<std::vector<BucketRecord>>> Buckets::list(std::string account) {
  CO_TRY(auto all, co_await list_all());
  std::erase_if(all, [&](const BucketRecord& record) { return record.account != account; });
  co_return all;
}

Task<Result<std::optional<std::string>>> Buckets::policy(const BucketRecord& bucket) {
  CO_TRY(const auto stored, co_await kv_.get(configuration(bucket.id), policy_key));
  if (!stored) co_return std::nullopt;
  co_return stored->substr(1);
}

Task<Result<void>> Buckets::set_policy(BucketRecord bucket, std::optional<std::string> text) {
  if (text) text->insert(0, 1, policy_version);
  std::vector<storage::Write> writes{{policy_key, text}};
  auto outcome = co_await kv_.commit(configuration(bucket.id), {}, writes);
  forget(bucket.name);
  if (!outcome) co_return fail(std::move(outcome).error());
  if (*outcome == CommitOutcome::committed) co_return Result<void>();
  CO_TRY(const auto stored, co_await kv_.get(configuration(bucket.id), policy_key));
  forget(bucket.name);
  if (stored != text) co_return errors::try_again();
  co_return Result<void>();
}

Task<Result<void>> Buckets::close(const BucketRecord& bucket, std::string mark) {
  Index index(kv_, bucket.id);
  std::vector<storage::Write> writes{{closed_key(), mark}};
  CO_TRY(const auto outcome, co_await index.commit_always(unguarded, writes));
  if (outcome == CommitOutcome::committed) co_return Result<void>();
  CO_TRY(const auto stored, co_await index.get(closed_key()));
  if (stored != mark) co_return errors::try_again();
  co_return Result<void>();
}

Task<Result<bool>> Buckets::is_empty(const BucketRecord& bucket) {
  Index index(kv_, bucket.id);
  CO_TRY(const auto page, co_await index.scan(all_of(Table::objects), 1));
  co_return page.entries.empty();
}

Task<Result<void>> Buckets::remove_name(const BucketRecord& bucket) {
  std::vector<storage::Guard> guards{{bucket.name, encode(bucket)}};
  std::vector<storage::Write> writes{{bucket.name, std::nullopt}};
  auto outcome = co_await kv_.commit(catalogue, guards, writes);
  forget(bucket.name);
  if (!outcome) co_return fail(std::move(outcome).error());
  if (*outcome == CommitOutcome::committed) co_return Result<void>();
  if (*outcome == CommitOutcome::guard_failed) co_return errors::no_such_bucket(bucket.name);
  CO_TRY(const auto stored, co_await kv_.get(catalogue, bucket.name));
  if (stored == encode(bucket)) co_return errors::try_again();
  co_return Result<void>();
}

Task<Result<void>> Buckets::remove(BucketRecord bucket) {
  const Deletion deletion(*this, bucket.id);
  if (!deletion.first()) co_return errors::operation_aborted();
  const std::string mark = random_.bytes(16);
  CO_TRY_VOID(co_await close(bucket, mark));
  auto empty = co_await is_empty(bucket);
  Result<void> removed;
  if (empty && *empty) {
    removed = co_await remove_name(bucket);
    if (removed) {
      usage_.remove(bucket.id);
      std::vector<storage::Write> writes{{configuration_key, std::nullopt},
                                         {policy_key, std::nullopt}};
      // Best effort: nothing refers to it any more.
      [[maybe_unused]] auto cleared =
          co_await kv_.commit(configuration(bucket.id), {}, std::move(writes));
      co_return Result<void>();
    }
  }
  if (empty && *empty && removed.error().code.http_status == 404) co_return removed;
  // Open again. If this fails, the next write finds a mark without a deletion and takes it away.
  Index index(kv_, bucket.id);
  std::vector<storage::Guard> guards{{closed_key(), mark}};
  std::vector<storage::Write> writes{{closed_key(), std::nullopt}};
  [[maybe_unused]] auto opened = co_await index.commit_always(std::move(guards), std::move(writes));
  if (!empty) co_return fail(std::move(empty).error());
  if (!*empty) co_return errors::bucket_not_empty(bucket.name);
  co_return removed;
}

Task<Result<void>> Buckets::check_open(BucketRecord bucket) {
  Index index(kv_, bucket.id);
  CO_TRY(const auto mark, co_await index.get(closed_key()));
  if (!mark) co_return Result<void>();
  {
    const std::lock_guard lock(mutex_);
    if (being_deleted_.contains(bucket.id)) co_return errors::operation_aborted();
  }
  CO_TRY(const auto stored, co_await kv_.get(catalogue, bucket.name));
  if (stored != encode(bucket)) co_return errors::no_such_bucket(bucket.name);
  std::vector<storage::Guard> guards{{closed_key(), *mark}};
  std::vector<storage::Write> writes{{closed_key(), std::nullopt}};
  CO_TRY_VOID(co_await index.commit_always(std::move(guards), std::move(writes)));
  co_return Result<void>();
}

}  // namespace larder::s3
