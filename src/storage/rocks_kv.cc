#include "storage/rocks_kv.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/check.h"
#include "storage/errors.h"
#include "storage/kv_rules.h"
#include "storage/rocks_committer.h"
#include "storage/rocks_database.h"

namespace larder::storage {
namespace {

using Value = std::optional<std::string>;

enum class Where { inline_only, anywhere };

rocksdb::ReadOptions read_options(Where where) {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  if (where == Where::inline_only) {
    options.read_tier = rocksdb::kBlockCacheTier;
    options.max_skippable_internal_keys = 10'000;  // a run of deleted keys is no work for a core
  }
  return options;
}

/// The database, and what its log has besides when that was not written into it.
struct View {
  explicit View(const RocksDatabase& database)
      : db(database.current()), unwritten(database.unwritten()) {}

  rocksdb::Status get(const rocksdb::ReadOptions& options, const std::string& key,
                      rocksdb::PinnableSlice* value) const {
    auto* family = db->DefaultColumnFamily();
    if (unwritten == nullptr) return db->Get(options, family, key, value);
    return unwritten->GetFromBatchAndDB(db.get(), options, family, key, value);
  }
  std::unique_ptr<rocksdb::Iterator> iterate(const rocksdb::ReadOptions& options) const {
    std::unique_ptr<rocksdb::Iterator> at(db->NewIterator(options));
    if (unwritten == nullptr) return at;
    return std::unique_ptr<rocksdb::Iterator>(
        unwritten->NewIteratorWithBase(db->DefaultColumnFamily(), at.release(), &options));
  }

  std::shared_ptr<rocksdb::DB> db;  // null: it is being reopened
  rocksdb::WriteBatchWithIndex* unwritten;
};

std::optional<Result<Value>> get_now(const View& view, const std::string& key, Where where) {
  rocksdb::PinnableSlice value;
  const auto status = view.get(read_options(where), key, &value);
  if (status.IsIncomplete() && where == Where::inline_only) return std::nullopt;
  if (status.IsNotFound()) return Result<Value>(std::nullopt);
  if (!status.ok()) return Result<Value>(fail(error_of(status)));
  // RocksDB says OK, and gives nothing, for a key in a table file that is not open: "may exist".
  // No value of ours is empty.
  if (value.empty() && where == Where::inline_only) return std::nullopt;
  return Result<Value>(value.ToString());
}

struct Scan {
  std::size_t prefix_size;
  std::string begin;
  std::string end;
  std::size_t limit;
};

std::optional<Result<ScanPage>> scan_now(const View& view, const Scan& scan, Where where) {
  auto options = read_options(where);
  const rocksdb::Slice bound(scan.end);
  options.iterate_upper_bound = &bound;
  const auto at = view.iterate(options);
  ScanPage page{.entries = {}, .more = false};
  std::size_t bytes = 0;
  for (at->Seek(scan.begin); at->Valid() && at->key().compare(bound) < 0; at->Next()) {
    if (page.entries.size() == scan.limit || bytes >= scan_page_bytes) {
      page.more = true;
      break;
    }
    auto key = at->key();
    key.remove_prefix(scan.prefix_size);
    bytes += key.size() + at->value().size();
    page.entries.push_back({key.ToString(), at->value().ToString()});
  }
  if (at->status().IsIncomplete() && where == Where::inline_only) return std::nullopt;
  if (!at->status().ok()) return Result<ScanPage>(fail(error_of(at->status())));
  return Result<ScanPage>(std::move(page));
}

std::unexpected<Error> recovering() {
  return fail(codes::service_unavailable, "The metadata store is recovering from a failure.");
}

/// The names of at most `limit` partitions whose keys begin at `from`.
Result<std::vector<Partition>> partitions_now(const View& view, std::string from,
                                              std::size_t limit) {
  const auto at = view.iterate(read_options(Where::anywhere));
  std::vector<Partition> names;
  for (at->Seek(from); at->Valid() && names.size() < limit; at->Seek(from)) {
    const auto name = partition_of_rocks_key(at->key().ToStringView());
    if (!name) return fail(codes::corrupt, "The metadata has a key that belongs to no partition.");
    names.emplace_back(*name);
    from = keys_with_prefix(rocks_key_prefix(*name)).end;
    if (from.empty()) break;
  }
  if (!at->status().ok()) return fail(error_of(at->status()));
  return names;
}

class RocksKv final : public InspectableKv {
 public:
  RocksKv(std::unique_ptr<RocksDatabase> database, FileSystem& files, BlockingPool& pool,
          const std::string& directory, RocksKvOptions options)
      : database_(std::move(database)), pool_(pool) {
    if (!options.read_only) committer_.emplace(*database_, files, directory, options);
  }

  void register_metrics(metrics::Registry& registry) const {
    database_->register_metrics(registry);
    if (committer_) committer_->register_metrics(registry);
  }

  Task<Result<Value>> get(Partition partition, std::string key) override {
    check_key(partition, key);
    key.insert(0, rocks_key_prefix(partition));
    View view(*database_);
    if (!view.db) co_return recovering();
    if (auto found = get_now(view, key, Where::inline_only)) co_return *std::move(found);
    // The call owns what it uses, the database too: it ends its use when it ends.
    auto call = [view = std::move(view), key = std::move(key)]() mutable {
      auto found = *get_now(view, key, Where::anywhere);
      view.db.reset();
      return found;
    };
    co_return co_await pool_.run(std::move(call));
  }

  Task<Result<ScanPage>> scan(Partition partition, KeyRange range, std::size_t limit) override {
    check_scan(partition, limit);
    const auto prefix = rocks_key_prefix(partition);
    Scan scan{.prefix_size = prefix.size(),
              .begin = prefix + range.begin,
              .end = range.end.empty() ? keys_with_prefix(prefix).end : prefix + range.end,
              .limit = limit};
    if (scan.begin >= scan.end) co_return ScanPage{.entries = {}, .more = false};
    View view(*database_);
    if (!view.db) co_return recovering();
    if (auto page = scan_now(view, scan, Where::inline_only)) co_return *std::move(page);
    auto call = [view = std::move(view), scan = std::move(scan)]() mutable {
      auto page = *scan_now(view, scan, Where::anywhere);
      view.db.reset();
      return page;
    };
    co_return co_await pool_.run(std::move(call));
  }

  Task<Result<CommitOutcome>> commit(Partition partition, std::vector<Guard> guards,
                                     std::vector<Write> writes) override {
    if (!committer_)
      co_return fail(codes::storage_failure, "The metadata is open to be read only.");
    CO_TRY(const auto bytes, measure_commit(partition, guards, writes));
    const auto prefix = rocks_key_prefix(partition);
    for (auto& guard : guards) guard.key.insert(0, prefix);
    for (auto& write : writes) write.key.insert(0, prefix);
    PendingCommit pending{
        .guards = std::move(guards), .writes = std::move(writes), .bytes = bytes, .done = nullptr};
    const auto executor = co_await boost::asio::this_coro::executor;
    std::optional<Result<CommitOutcome>> outcome;
    auto initiate = [&](auto handler) {
      // The handler is move-only; std::function copies.
      auto shared = std::make_shared<decltype(handler)>(std::move(handler));
      pending.done = [shared, executor, &outcome](Result<CommitOutcome> result) {
        outcome.emplace(std::move(result));
        boost::asio::post(executor, [shared] { std::move (*shared)(); });
      };
      committer_->submit(std::move(pending));
    };
    co_await boost::asio::async_initiate<decltype(boost::asio::use_awaitable), void()>(
        initiate, boost::asio::use_awaitable);
    co_return *std::move(outcome);
  }

  Task<Result<std::vector<Partition>>> partitions(Partition after, std::size_t limit) override {
    CHECK(limit >= 1);
    View view(*database_);
    if (!view.db) co_return recovering();
    // Behind the key that says what the tables have: no partition's name is empty.
    auto from =
        after.empty() ? std::string("\0\1", 2) : keys_with_prefix(rocks_key_prefix(after)).end;
    auto call = [view = std::move(view), from = std::move(from), limit]() mutable {
      auto names = partitions_now(view, std::move(from), limit);
      view.db.reset();
      return names;
    };
    co_return co_await pool_.run(std::move(call));
  }

  Task<Result<void>> verify() override {
    auto db = database_->current();
    if (!db) co_return recovering();
    auto call = [db = std::move(db)]() mutable -> Result<void> {
      const auto status = db->VerifyChecksum(read_options(Where::anywhere));
      db.reset();
      if (!status.ok()) return fail(error_of(status));
      return {};
    };
    co_return co_await pool_.run(std::move(call));
  }

 private:
  const std::unique_ptr<RocksDatabase> database_;
  BlockingPool& pool_;
  std::optional<RocksCommitter> committer_;  // none when read only; before database_ goes
};

}  // namespace

Result<std::unique_ptr<InspectableKv>> open_rocks_kv(const std::string& directory,
                                                     FileSystem& files, BlockingPool& pool,
                                                     Random& random, RocksKvOptions options) {
  TRY(auto database, RocksDatabase::open(directory, files, random, options));
  auto kv = std::make_unique<RocksKv>(std::move(database), files, pool, directory, options);
  if (options.metrics != nullptr) kv->register_metrics(*options.metrics);
  return kv;
}

}  // namespace larder::storage
