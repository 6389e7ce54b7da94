// The RocksDB instance behind RocksKv: its options, its opening, and its reopening after a write
// failed. Inside storage only: this header shows RocksDB.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/rocks_kv.h"

namespace larder::storage {

/// Partition names are prefixed with their length, so that partitions are disjoint and keys keep
/// their order within one: length of the name (2 bytes, big-endian), name, key.
std::string rocks_key_prefix(std::string_view partition);
/// The partition of such a key; nullopt when it is none.
std::optional<std::string_view> partition_of_rocks_key(std::string_view key);

/// What a failed status means to a caller.
Error error_of(const rocksdb::Status& status);

class RocksDatabase {
 public:
  /// `files` outlives it.
  static Result<std::unique_ptr<RocksDatabase>> open(const std::string& directory,
                                                     FileSystem& files, RocksKvOptions options);
  ~RocksDatabase();

  /// Null while it is being reopened. From any thread; held only for the time of a read.
  std::shared_ptr<rocksdb::DB> current() const;

  /// Takes the database away from readers, closes it and opens it from what the disk has: whatever
  /// a failed write left is decided by this, once and for all. On failure there is none; call
  /// again. One thread.
  Result<void> reopen();

 private:
  RocksDatabase(std::string directory, FileSystem& files, RocksKvOptions options);
  rocksdb::Options options_for(rocksdb::WALRecoveryMode mode) const;
  rocksdb::Status open_database(rocksdb::WALRecoveryMode mode, rocksdb::DB** opened) const;
  Result<void> start();
  void stop();

  const std::string directory_;
  FileSystem& files_;
  const RocksKvOptions options_;
  const std::unique_ptr<rocksdb::Env> env_;
  const std::shared_ptr<rocksdb::Cache> cache_;
  mutable std::mutex mutex_;
  std::shared_ptr<rocksdb::DB> db_;  // guarded by mutex_
};

}  // namespace larder::storage
