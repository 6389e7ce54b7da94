// The one thread that writes to RocksDB. Inside storage only.
//
// Invariants:
// (1) Batches take effect in the order of the queue; a guard sees all batches before its own, of
// the same group too. (2) `committed` is answered only after the synced write that carries the
// batch. (3) After a write failed, nothing is read or written before reopen() has settled what
// became of it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/kv.h"
#include "storage/rocks_database.h"

namespace larder::storage {

/// A batch on its way, keys with their partition's prefix already.
struct PendingCommit {
  std::vector<Guard> guards;
  std::vector<Write> writes;
  std::size_t bytes = 0;
  std::function<void(Result<CommitOutcome>)> done;  // once, from any thread
  std::chrono::steady_clock::time_point queued{};   // set by submit()
};

class RocksCommitter {
 public:
  /// All outlive it.
  RocksCommitter(RocksDatabase& database, FileSystem& files, std::string directory,
                 RocksKvOptions options);
  /// Commits what is queued.
  ~RocksCommitter();

  /// Answers through `commit.done`, at once with SlowDown when the queue is full. From any thread;
  /// never blocks.
  void submit(PendingCommit commit);

  /// larder_commit_*.
  void register_metrics(metrics::Registry& registry) const;

 private:
  struct Group;
  struct Counts;

  void run();
  std::vector<PendingCommit> take();
  void commit(std::vector<PendingCommit> batches);
  /// Synced; counts and tells of a failure.
  Result<void> write(Group& group);
  Result<void> admit(std::size_t bytes);
  void recover();

  RocksDatabase& database_;
  FileSystem& files_;
  const std::string directory_;
  const RocksKvOptions options_;

  const std::unique_ptr<Counts> counts_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<PendingCommit> queue_;  // guarded by mutex_
  std::size_t queued_bytes_ = 0;     // guarded by mutex_
  bool stopping_ = false;            // guarded by mutex_

  // The thread's own.
  std::size_t bytes_until_space_check_ = 0;

  std::jthread thread_;  // last: it uses all the others
};

}  // namespace larder::storage
