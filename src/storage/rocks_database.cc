#include "storage/rocks_database.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <thread>
#include <utility>

#include "base/log.h"
#include "storage/errors.h"
#include "storage/rocks_file_system.h"
#include "storage/rocks_wal.h"

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
  if (status.IsCorruption()) return {codes::corrupt, status.ToString()};
  return {codes::storage_failure, status.ToString()};
}

RocksDatabase::RocksDatabase(std::string directory, FileSystem& files, RocksKvOptions options)
    : directory_(std::move(directory)),
      files_(files),
      options_(options),
      env_(make_rocks_env(files)),
      cache_(rocksdb::NewLRUCache(options.block_cache_bytes)) {}

RocksDatabase::~RocksDatabase() { stop(); }

Result<std::unique_ptr<RocksDatabase>> RocksDatabase::open(const std::string& directory,
                                                           FileSystem& files,
                                                           RocksKvOptions options) {
  if (!options.read_only) {
    TRY_VOID(files.create_directory(directory));
    TRY_VOID(files.sync_directory(parent_directory(directory)));
  }
  std::unique_ptr<RocksDatabase> database(new RocksDatabase(directory, files, options));
  TRY_VOID(database->start());
  return database;
}

rocksdb::Options RocksDatabase::options_for(rocksdb::WALRecoveryMode mode) const {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache_;
  table.cache_index_and_filter_blocks = true;  // else their memory has no bound
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;

  rocksdb::Options options;
  options.env = env_.get();
  options.info_log = std::make_shared<LogBridge>();
  options.create_if_missing = !options_.read_only;
  options.paranoid_checks = true;
  options.wal_recovery_mode = mode;
  options.track_and_verify_wals_in_manifest = true;  // a log that was synced and is gone is noticed
  options.max_bgerror_resume_count = 0;              // reopen() recovers, in the open
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = options_.write_buffer_bytes;
  options.max_write_buffer_number = 4;
  options.max_total_wal_size = 4 * options_.write_buffer_bytes;
  options.max_open_files = options_.open_files_max;
  options.max_background_jobs = 2;
  options.max_manifest_file_size = 16u << 20;
  options.compression = rocksdb::kLZ4Compression;
  options.level_compaction_dynamic_level_bytes = true;
  // Readers on a core do not delete files. What is read only has none to delete, and asserts it.
  options.avoid_unnecessary_blocking_io = !options_.read_only;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

rocksdb::Status RocksDatabase::open_database(rocksdb::WALRecoveryMode mode,
                                             rocksdb::DB** opened) const {
  return options_.read_only ? rocksdb::DB::OpenForReadOnly(options_for(mode), directory_, opened)
                            : rocksdb::DB::Open(options_for(mode), directory_, opened);
}

Result<void> RocksDatabase::start() {
  rocksdb::DB* opened = nullptr;
  // A record cut short at the end of a log is what a power cut leaves. This mode takes nothing
  // else; in particular not a last record whose sectors are there in part, which a power cut may
  // leave as well: that one we tell from damage ourselves.
  auto status = open_database(rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords, &opened);
  if (status.IsCorruption()) {
    TRY(const bool torn, only_the_last_write_is_torn(files_, directory_));
    if (!torn) return fail(error_of(status));
    log::warning("the last, unacknowledged write to {} was torn and is dropped", directory_);
    status = open_database(rocksdb::WALRecoveryMode::kPointInTimeRecovery, &opened);
  }
  if (!status.ok()) return fail(error_of(status));
  const std::lock_guard lock(mutex_);
  db_.reset(opened);
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
}

std::shared_ptr<rocksdb::DB> RocksDatabase::current() const {
  const std::lock_guard lock(mutex_);
  return db_;
}

Result<void> RocksDatabase::reopen() {
  stop();
  return start();
}

}  // namespace larder::storage
