// The RocksDB instance behind RocksKv and the log that makes its writes durable: RocksDB's own is
// off. Inside storage only: this header shows RocksDB.
//
// Every logged write also sets one key, outside of all partitions, to its number in the log. So the
// tables always say up to which record they have everything.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/utilities/write_batch_with_index.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "storage/commit_log.h"
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
  /// `files` outlives it; `random` is used in this call only.
  static Result<std::unique_ptr<RocksDatabase>> open(const std::string& directory,
                                                     FileSystem& files, Random& random,
                                                     RocksKvOptions options);
  /// A clean end: seals the log, unless a write failed.
  ~RocksDatabase();

  /// Null while it is being reopened. From any thread; held only for the time of a read.
  std::shared_ptr<rocksdb::DB> current() const;

  /// larder_kv_*.
  void register_metrics(metrics::Registry& registry) const;

  /// What the log has and the tables have not; null unless it is open to be read only.
  rocksdb::WriteBatchWithIndex* unwritten() const { return unwritten_.get(); }

  /// Durable when it returns, and then visible. After an error what became of it is not known, and
  /// reopen() must be called. One thread; not while there is no current().
  Result<void> write(rocksdb::WriteBatch& batch);

  /// Takes the database away from readers, closes it and opens it from what the disk has: whatever
  /// a failed write left is decided by this, once and for all. On failure there is none; call
  /// again. One thread.
  Result<void> reopen();

 private:
  RocksDatabase(std::string directory, FileSystem& files, Random& random, RocksKvOptions options);
  rocksdb::Options rocks_options(bool is_new) const;
  Result<void> open_log(rocksdb::DB& db);
  Result<void> say_applied(rocksdb::DB& db);
  Result<void> start();
  Result<void> open_all();
  void stop();
  Error noted(const rocksdb::Status& status);
  Result<void> make_room_in_log(rocksdb::DB& db);

  const std::string directory_;
  FileSystem& files_;
  const RocksKvOptions options_;
  const CommitLogOptions log_options_;
  const std::unique_ptr<rocksdb::Env> env_;
  const std::shared_ptr<rocksdb::Cache> cache_;
  std::unique_ptr<rocksdb::WriteBatchWithIndex> unwritten_;  // constant once it is open

  // Of the one thread that writes and reopens.
  std::unique_ptr<CommitLog> log_;
  bool failed_ = false;
  bool compacts_ = true;  // false: a table is damaged, and compaction would fail again and again

  mutable std::mutex mutex_;
  std::shared_ptr<rocksdb::DB> db_;  // guarded by mutex_
};

}  // namespace larder::storage
