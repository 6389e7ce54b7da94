#include "storage/rocks_committer.h"

#include <rocksdb/write_batch.h>

#include <chrono>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "storage/errors.h"

namespace larder::storage {
namespace {

constexpr std::size_t group_bytes_max = 4u << 20;
constexpr std::size_t space_check_every_bytes = 1u << 20;
constexpr std::chrono::seconds reopen_pause{1};

std::unexpected<Error> recovering() {
  return fail(codes::service_unavailable, "The metadata store is recovering from a failure.");
}

}  // namespace

/// One synced write in the making.
struct RocksCommitter::Group {
  explicit Group(rocksdb::DB& database) : db(database) {}

  rocksdb::DB& db;
  rocksdb::WriteBatch writes;
  std::unordered_map<std::string_view, const std::optional<std::string>*> overlay;  // into batches

  Result<bool> holds(const Guard& guard) {
    if (const auto found = overlay.find(guard.key); found != overlay.end())
      return *found->second == guard.equals;
    rocksdb::PinnableSlice value;
    const auto status = db.Get(rocksdb::ReadOptions(), db.DefaultColumnFamily(), guard.key, &value);
    if (status.IsNotFound()) return !guard.equals;
    if (!status.ok()) return fail(error_of(status));
    return guard.equals && value == *guard.equals;
  }

  Result<CommitOutcome> add(const PendingCommit& batch) {
    for (const auto& guard : batch.guards) {
      TRY(const bool held, holds(guard));
      if (!held) return CommitOutcome::guard_failed;
    }
    for (const auto& write : batch.writes) {
      const auto status =
          write.value ? writes.Put(write.key, *write.value) : writes.Delete(write.key);
      if (!status.ok()) return fail(error_of(status));
      overlay.insert_or_assign(write.key, &write.value);
    }
    return CommitOutcome::committed;
  }
};

RocksCommitter::RocksCommitter(RocksDatabase& database, FileSystem& files, std::string directory,
                               RocksKvOptions options)
    : database_(database),
      files_(files),
      directory_(std::move(directory)),
      options_(options),
      thread_([this] { run(); }) {}

RocksCommitter::~RocksCommitter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void RocksCommitter::submit(PendingCommit commit) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() < options_.queued_commits_max &&
        queued_bytes_ + commit.bytes <= options_.queued_bytes_max) {
      queued_bytes_ += commit.bytes;
      queue_.push_back(std::move(commit));
      wake_.notify_one();
      return;
    }
  }
  commit.done(fail(codes::slow_down, "Please reduce your request rate."));
}

std::vector<PendingCommit> RocksCommitter::take() {
  std::vector<PendingCommit> batches;
  std::size_t bytes = 0;
  while (!queue_.empty() && (batches.empty() || bytes + queue_.front().bytes <= group_bytes_max)) {
    bytes += queue_.front().bytes;
    batches.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queued_bytes_ -= bytes;
  return batches;
}

void RocksCommitter::run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    if (!database_.current()) {
      // Down after a failure: who waits is told so now, and the next try is a second away.
      auto refused = std::exchange(queue_, {});
      queued_bytes_ = 0;
      lock.unlock();
      for (const auto& batch : refused) batch.done(recovering());
      lock.lock();
      if (stopping_) return;
      wake_.wait_for(lock, reopen_pause, [this] { return stopping_; });
      lock.unlock();
      recover();
      continue;
    }
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    auto batches = take();
    lock.unlock();
    commit(std::move(batches));
  }
}

Result<void> RocksCommitter::admit(std::size_t bytes) {
  if (bytes > bytes_until_space_check_) {
    TRY(const auto space, files_.free_space(directory_));
    if (space < options_.free_space_min)
      return fail(codes::storage_full, "The disk that holds the metadata is full.");
    bytes_until_space_check_ = space_check_every_bytes + bytes;
  }
  bytes_until_space_check_ -= bytes;
  return {};
}

void RocksCommitter::commit(std::vector<PendingCommit> batches) {
  std::vector<Result<CommitOutcome>> outcomes;
  bool failed = false;
  {
    const auto db = database_.current();
    Group group(*db);
    for (const auto& batch : batches) outcomes.push_back(group.add(batch));
    if (group.writes.Count() > 0) {
      const auto admitted = admit(group.writes.GetDataSize());
      const auto written = admitted ? database_.write(group.writes) : Result<void>();
      failed = !written;
      if (failed) log::error("a metadata write failed: {}", written.error().message);
      for (auto& outcome : outcomes) {
        if (!outcome) continue;
        // A guard's verdict may rest on a batch of this group that did not make it: it falls with
        // the group, but certainly wrote nothing.
        if (!admitted) {
          outcome = fail(admitted.error());
        } else if (failed && outcome == CommitOutcome::guard_failed) {
          outcome = recovering();
        } else if (failed) {
          outcome = CommitOutcome::unknown;
        }
      }
    }
  }
  if (failed) recover();
  for (std::size_t i = 0; i < batches.size(); ++i) batches[i].done(std::move(outcomes[i]));
}

void RocksCommitter::recover() {
  if (const auto reopened = database_.reopen(); !reopened)
    log::error("the metadata store cannot be reopened, next try in {} s: {}", reopen_pause.count(),
               reopened.error().message);
}

}  // namespace larder::storage
