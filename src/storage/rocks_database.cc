#include "storage/rocks_database.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/metrics_registry.h"
#include "storage/errors.h"
#include "storage/little_endian.h"
#include "storage/rocks_file_system.h"

namespace larder::storage {
namespace {

/// RocksDB's own log has no file: its warnings and errors go into ours.
class LogBridge final : public rocksdb::Logger {
 public:
  LogBridge() : Logger(rocksdb::WARN_LEVEL) {}

  using Logger::Logv;
  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list args) override {
    if (level < rocksdb::WARN_LEVEL || level == rocksdb::HEADER_LEVEL) return;
    line(format, args);
  }
  void Logv(const char* format, va_list args) override { line(format, args); }

 private:
  static void line(const char* format, va_list args) {
    char text[1024];
    std::vsnprintf(text, sizeof text, format, args);
    log::warning("rocksdb: {}", text);
  }
};

/// Of the log's segments, before the tables have to catch up.
constexpr std::uint64_t log_segments_max = 6;

/// Partitions' names have at least one byte: no key of theirs begins with a length of 0.
constexpr std::string_view applied_key("\0\0applied", 9);

/// What set_applied() adds to a batch, at most.
constexpr std::size_t applied_bytes_max = 64;

Result<void> set_applied(rocksdb::WriteBatch& batch, std::uint64_t number) {
  char bytes[8];
  put<std::uint64_t>(bytes, number);
  const auto status = batch.Put(applied_key, rocksdb::Slice(bytes, sizeof bytes));
  return status.ok() ? Result<void>() : fail(error_of(status));
}

/// The number of the last record whose writes are in the tables (`tier` persisted) or anywhere.
/// DataCorrupted: the table that says so is damaged.
Result<std::uint64_t> applied_by(rocksdb::DB& db, rocksdb::ReadTier tier) {
  rocksdb::ReadOptions options;
  options.read_tier = tier;
  std::string value;
  const auto status = db.Get(options, applied_key, &value);
  if (status.IsNotFound()) return 0;
  if (!status.ok()) return fail(error_of(status));
  if (value.size() != 8) return fail(codes::corrupt, "the number of the last record is damaged");
  return take<std::uint64_t>(value, 0);
}

/// nullopt: the table that says so is damaged. The log can do without it.
Result<std::optional<std::uint64_t>> applied_or_unknown(rocksdb::DB& db) {
  const auto applied = applied_by(db, rocksdb::kReadAllTier);
  if (applied) return *applied;
  if (applied.error().code != codes::corrupt) return fail(applied.error());
  log::error("{}", applied.error().message);
  return std::nullopt;
}

rocksdb::WriteOptions not_logged() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return options;
}

/// Repeats a logged batch's writes.
class Repeat final : public rocksdb::WriteBatch::Handler {
 public:
  explicit Repeat(rocksdb::WriteBatchWithIndex& into) : into_(into) {}
  rocksdb::Status PutCF(std::uint32_t, const rocksdb::Slice& key,
                        const rocksdb::Slice& value) override {
    return into_.Put(key, value);
  }
  rocksdb::Status DeleteCF(std::uint32_t, const rocksdb::Slice& key) override {
    return into_.Delete(key);
  }

 private:
  rocksdb::WriteBatchWithIndex& into_;
};

Result<void> add_to(rocksdb::WriteBatchWithIndex& batch, std::string_view payload) {
  Repeat repeat(batch);
  const auto status = rocksdb::WriteBatch(std::string(payload)).Iterate(&repeat);
  return status.ok() ? Result<void>() : fail(error_of(status));
}

log_format::LogId random_id(Random& random) {
  log_format::LogId id;
  std::ranges::copy(random.bytes(id.size()), id.begin());
  return id;
}

}  // namespace

std::string rocks_key_prefix(std::string_view partition) {
  std::string prefix;
  prefix += static_cast<char>(partition.size() >> 8);
  prefix += static_cast<char>(partition.size() & 0xff);
  prefix += partition;
  return prefix;
}

std::optional<std::string_view> partition_of_rocks_key(std::string_view key) {
  if (key.size() < 2) return std::nullopt;
  const auto high = static_cast<unsigned char>(key[0]);
  const auto low = static_cast<unsigned char>(key[1]);
  const std::size_t size = high << 8 | low;
  if (size == 0 || size > partition_name_bytes_max || key.size() < 2 + size) return std::nullopt;
  return key.substr(2, size);
}

Error error_of(const rocksdb::Status& status) {
  if (status.IsNoSpace()) return {codes::storage_full, "The disk is full: " + status.ToString()};
  if (status.IsCorruption() || status.IsPathNotFound())
    return {codes::corrupt, "The metadata is damaged: " + status.ToString() +
                                ". `larder fsck` tells what is lost; restore the data directory "
                                "from a backup."};
  return {codes::storage_failure, status.ToString()};
}

RocksDatabase::RocksDatabase(std::string directory, FileSystem& files, Random& random,
                             RocksKvOptions options)
    : directory_(std::move(directory)),
      files_(files),
      options_(options),
      log_options_{.segment_bytes = options.log_segment_bytes, .new_id = random_id(random)},
      env_(make_rocks_env(files)),
      cache_(rocksdb::NewLRUCache(options.block_cache_bytes)) {}

RocksDatabase::~RocksDatabase() { stop(); }

Result<std::unique_ptr<RocksDatabase>> RocksDatabase::open(const std::string& directory,
                                                           FileSystem& files, Random& random,
                                                           RocksKvOptions options) {
  if (!options.read_only) {
    TRY_VOID(files.create_directory(directory));
    TRY_VOID(files.sync_directory(parent_directory(directory)));
  }
  std::unique_ptr<RocksDatabase> database(new RocksDatabase(directory, files, random, options));
  TRY_VOID(database->start());
  return database;
}

rocksdb::Options RocksDatabase::rocks_options(bool is_new) const {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache_;
  table.cache_index_and_filter_blocks = true;  // else their memory has no bound
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;

  rocksdb::Options options;
  options.env = env_.get();
  options.info_log = std::make_shared<LogBridge>();
  options.create_if_missing = is_new;
  options.paranoid_checks = true;
  // Of a directory of format 1, whose writes RocksDB logged.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.max_bgerror_resume_count = 0;  // reopen() recovers, in the open
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = options_.write_buffer_bytes;
  options.max_write_buffer_number = 4;
  options.max_open_files = options_.open_files_max;
  options.max_background_jobs = 2;
  options.disable_auto_compactions = !compacts_;
  options.max_manifest_file_size = 16u << 20;
  options.compression = rocksdb::kLZ4Compression;
  options.level_compaction_dynamic_level_bytes = true;
  // Readers on a core do not delete files. What is read only has none to delete, and asserts it.
  options.avoid_unnecessary_blocking_io = !options_.read_only;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

// Who only reads keeps in memory what the tables lack.
Result<void> RocksDatabase::open_log(rocksdb::DB& db) {
  TRY(const auto applied, applied_or_unknown(db));
  const std::string directory = directory_ + "/commits";
  if (options_.read_only) {
    unwritten_ =
        std::make_unique<rocksdb::WriteBatchWithIndex>(rocksdb::BytewiseComparator(), 0, true);
    return CommitLog::read(files_, directory, applied,
                           [&](std::string_view payload) { return add_to(*unwritten_, payload); });
  }
  const auto replay = [&](std::string_view payload) -> Result<void> {
    rocksdb::WriteBatch batch{std::string(payload)};
    const auto status = db.Write(not_logged(), &batch);
    return status.ok() ? Result<void>() : fail(error_of(status));
  };
  TRY(log_, CommitLog::open(files_, directory, log_options_, applied, replay));
  return applied ? Result<void>() : say_applied(db);
}

// The newest table says it from now on: nobody looks at the damaged one for it.
Result<void> RocksDatabase::say_applied(rocksdb::DB& db) {
  rocksdb::WriteBatch batch;
  TRY_VOID(set_applied(batch, log_->last()));
  auto status = db.Write(not_logged(), &batch);
  if (status.ok()) status = db.Flush(rocksdb::FlushOptions());
  return status.ok() ? Result<void>() : fail(noted(status));
}

Result<void> RocksDatabase::start() {
  auto opened = open_all();
  if (opened || opened.error().code != codes::corrupt || !compacts_ || options_.read_only)
    return opened;
  compacts_ = false;  // perhaps it is that alone which fails
  return open_all();
}

Result<void> RocksDatabase::open_all() {
  // The log is made after the tables' files: where it is, these are not made anew.
  TRY(const auto log, files_.info(directory_ + "/commits"));
  const auto options = rocks_options(!log && !options_.read_only);
  rocksdb::DB* opened = nullptr;
  const auto status = options_.read_only
                          ? rocksdb::DB::OpenForReadOnly(options, directory_, &opened)
                          : rocksdb::DB::Open(options, directory_, &opened);
  if (!status.ok()) {
    auto error = noted(status);
    return fail(error.code, directory_ + ": " + error.message);
  }
  const std::shared_ptr<rocksdb::DB> db(opened);
  TRY_VOID(open_log(*db));
  failed_ = false;
  const std::lock_guard lock(mutex_);
  db_ = db;
  return {};
}

void RocksDatabase::stop() {
  std::shared_ptr<rocksdb::DB> db;
  {
    const std::lock_guard lock(mutex_);
    db = std::exchange(db_, nullptr);
  }
  if (!db) return;
  // Reads are short, and no new one can begin.
  while (db.use_count() > 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (const auto status = db->Close(); !status.ok())
    log::warning("closing {}: {}", directory_, status.ToString());
  if (failed_ || !log_) return;
  if (const auto sealed = log_->seal(); !sealed)
    log::warning("the commit log is not sealed: {}", sealed.error().message);
}

// A write fails when a compaction has met damage. Without compactions the store goes on.
Error RocksDatabase::noted(const rocksdb::Status& status) {
  Error error = error_of(status);
  if (error.code == codes::corrupt) compacts_ = false;
  return error;
}

Result<void> RocksDatabase::write(rocksdb::WriteBatch& batch) {
  const auto db = current();
  failed_ = true;  // until it is known that it did not
  TRY_VOID(make_room_in_log(*db));
  TRY(const auto number, log_->number_of_next(batch.GetDataSize() + applied_bytes_max));
  TRY_VOID(set_applied(batch, number));
  TRY_VOID(log_->append(batch.Data()));
  const auto status = db->Write(not_logged(), &batch);
  if (!status.ok()) return fail(noted(status));
  failed_ = false;
  return {};
}

// What is in tables need not be in the log. When RocksDB is so far behind that the log grows, its
// writers wait.
Result<void> RocksDatabase::make_room_in_log(rocksdb::DB& db) {
  const std::uint64_t bytes_max = log_segments_max * options_.log_segment_bytes;
  if (log_->bytes_in_use() < bytes_max / 2) return {};
  TRY(auto applied, applied_by(db, rocksdb::kPersistedTier));
  log_->release(applied);
  if (log_->bytes_in_use() < bytes_max) return {};
  if (const auto status = db.Flush(rocksdb::FlushOptions()); !status.ok())
    return fail(noted(status));
  TRY(applied, applied_by(db, rocksdb::kPersistedTier));
  log_->release(applied);
  return {};
}

std::shared_ptr<rocksdb::DB> RocksDatabase::current() const {
  const std::lock_guard lock(mutex_);
  return db_;
}

void RocksDatabase::register_metrics(metrics::Registry& registry) const {
  registry.gauge("larder_kv_block_cache_bytes", "Metadata that the block cache holds.", {},
                 [this] { return cache_->GetUsage(); });
  registry.gauge("larder_kv_block_cache_limit_bytes", "What the block cache may hold.", {},
                 [this] { return cache_->GetCapacity(); });
  const auto property = [&](std::string_view name, std::string_view help,
                            const std::string& rocksdb_name) {
    registry.gauge(name, help, {}, [this, rocksdb_name]() -> std::optional<double> {
      const auto db = current();
      std::uint64_t value = 0;
      if (!db || !db->GetIntProperty(rocksdb_name, &value)) return std::nullopt;
      return static_cast<double>(value);
    });
  };
  using Properties = rocksdb::DB::Properties;
  property("larder_kv_memtable_bytes", "Metadata in memory that is not yet in a table file.",
           Properties::kSizeAllMemTables);
  property("larder_kv_table_files_bytes", "Table files of the metadata.",
           Properties::kTotalSstFilesSize);
  property("larder_kv_compaction_pending_bytes",
           "Estimate of what compaction has still to rewrite.",
           Properties::kEstimatePendingCompactionBytes);
  property("larder_kv_writes_stopped", "1 while writes wait for compaction, else 0.",
           Properties::kIsWriteStopped);
}

Result<void> RocksDatabase::reopen() {
  failed_ = true;  // or it would not be called
  stop();
  return start();
}

}  // namespace larder::storage
