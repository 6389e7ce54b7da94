#include "storage/rocks_committer.h"

#include <rocksdb/write_batch.h>

#include <array>
#include <chrono>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "base/metrics.h"
#include "base/metrics_registry.h"
#include "base/thread_name.h"
#include "storage/errors.h"
#include "storage/kv_rules.h"

namespace larder::storage {
namespace {

constexpr std::size_t group_bytes_max = 4u << 20;
constexpr std::size_t space_check_every_bytes = 1u << 20;
constexpr std::chrono::seconds reopen_pause{1};
constexpr std::array<std::uint64_t, 11> group_bounds{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1'024};

using SteadyClock = std::chrono::steady_clock;

std::uint64_t microseconds_since(SteadyClock::time_point begin, SteadyClock::time_point now) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(now - begin).count());
}

std::unexpected<Error> recovering() {
  return fail(codes::service_unavailable, "The metadata store is recovering from a failure.");
}

}  // namespace

/// One synced write in the making.
struct RocksCommitter::Group {
  explicit Group(rocksdb::DB& database) : db(database) {}

  using Value = std::optional<std::string>;

  rocksdb::DB& db;
  rocksdb::WriteBatch writes;
  std::unordered_map<std::string_view, const Value*> overlay;  // into batches, and `sums`
  std::unordered_map<std::string_view, Value> sums;  // of what is added to; written once a group

  Result<bool> holds(const Guard& guard) {
    if (const auto found = overlay.find(guard.key); found != overlay.end())
      return *found->second == guard.equals;
    rocksdb::PinnableSlice value;
    const auto status = db.Get(rocksdb::ReadOptions(), db.DefaultColumnFamily(), guard.key, &value);
    if (status.IsNotFound()) return !guard.equals;
    if (!status.ok()) return fail(error_of(status));
    return guard.equals && value == *guard.equals;
  }

  Result<Value> value_of(const std::string& key) {
    if (const auto found = overlay.find(key); found != overlay.end()) return *found->second;
    std::string value;
    const auto status = db.Get(rocksdb::ReadOptions(), key, &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) return fail(error_of(status));
    return value;
  }

  Result<CommitOutcome> add(const PendingCommit& batch) {
    for (const auto& guard : batch.guards) {
      TRY(const bool held, holds(guard));
      if (!held) return CommitOutcome::guard_failed;
    }
    std::vector<Value> added;  // all of them, before anything is written
    for (const auto& write : batch.writes) {
      if (!write.add) continue;
      TRY(const auto stored, value_of(write.key));
      TRY(auto value, sum(stored, *write.add));
      added.push_back(std::move(value));
    }
    auto next = added.begin();
    for (const auto& write : batch.writes) {
      if (write.add) {
        auto& value = sums[write.key] = std::move(*next++);
        overlay.insert_or_assign(write.key, &value);
        continue;
      }
      TRY_VOID(put(write.key, write.value));
      overlay.insert_or_assign(write.key, &write.value);
    }
    return CommitOutcome::committed;
  }

  /// Before it is written.
  Result<void> finish() {
    for (const auto& [key, value] : sums)
      if (overlay.at(key) == &value) TRY_VOID(put(key, value));
    return {};
  }

  Result<void> put(std::string_view key, const Value& value) {
    const auto status = value ? writes.Put(key, *value) : writes.Delete(key);
    return status.ok() ? Result<void>() : fail(error_of(status));
  }
};

/// What it counts of itself.
struct RocksCommitter::Counts {
  metrics::Counter committed, guard_failed, failed, refused;  // batches
  metrics::Counter sync_failures;
  metrics::Counter bytes;
  metrics::Histogram group_batches{group_bounds, 1};
  metrics::Histogram wait{metrics::latency_bounds_microseconds, metrics::microseconds_per_second};
  metrics::Histogram sync{metrics::latency_bounds_microseconds, metrics::microseconds_per_second};

  void count(const Result<CommitOutcome>& outcome) {
    if (outcome == CommitOutcome::committed) {
      committed.add();
    } else if (outcome == CommitOutcome::guard_failed) {
      guard_failed.add();
    } else {
      failed.add();
    }
  }
};

RocksCommitter::RocksCommitter(RocksDatabase& database, FileSystem& files, std::string directory,
                               RocksKvOptions options)
    : database_(database),
      files_(files),
      directory_(std::move(directory)),
      options_(options),
      counts_(std::make_unique<Counts>()),
      thread_([this] {
        name_this_thread("commit");
        run();
      }) {}

RocksCommitter::~RocksCommitter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void RocksCommitter::submit(PendingCommit commit) {
  commit.queued = SteadyClock::now();
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
  counts_->refused.add();
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
      counts_->failed.add(refused.size());
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
    const auto now = SteadyClock::now();
    for (const auto& batch : batches) counts_->wait.observe(microseconds_since(batch.queued, now));
    counts_->group_batches.observe(batches.size());
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
    const auto finished = group.finish();
    if (!finished || group.writes.Count() > 0) {
      const auto admitted = finished ? admit(group.writes.GetDataSize()) : finished;
      const auto written = admitted ? write(group) : Result<void>();
      failed = !written;
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
  for (std::size_t i = 0; i < batches.size(); ++i) {
    counts_->count(outcomes[i]);
    batches[i].done(std::move(outcomes[i]));
  }
}

Result<void> RocksCommitter::write(Group& group) {
  const auto bytes = group.writes.GetDataSize();
  const auto begin = SteadyClock::now();
  auto written = database_.write(group.writes);
  counts_->sync.observe(microseconds_since(begin, SteadyClock::now()));
  if (written) {
    counts_->bytes.add(bytes);
  } else {
    counts_->sync_failures.add();
    log::error("a metadata write failed: {}", written.error().message);
  }
  return written;
}

void RocksCommitter::recover() {
  if (const auto reopened = database_.reopen(); !reopened)
    log::error("the metadata store cannot be reopened, next try in {} s: {}", reopen_pause.count(),
               reopened.error().message);
}

void RocksCommitter::register_metrics(metrics::Registry& registry) const {
  const Counts& counts = *counts_;
  const std::pair<std::string_view, const metrics::Counter*> outcomes[] = {
      {"committed", &counts.committed},
      {"guard_failed", &counts.guard_failed},
      {"failed", &counts.failed},
      {"refused", &counts.refused}};
  for (const auto& [outcome, counter] : outcomes) {
    registry.counter("larder_commit_batches_total",
                     "Batches of metadata by what became of them; refused: the queue was full, the "
                     "answer was SlowDown.",
                     {{"outcome", std::string(outcome)}}, *counter);
  }
  registry.histogram("larder_commit_group_batches", "Batches that one write took together.", {},
                     counts.group_batches);
  registry.histogram("larder_commit_wait_seconds", "How long batches waited to be taken.", {},
                     counts.wait);
  registry.histogram("larder_commit_sync_seconds", "Writes of a group, each with its sync.", {},
                     counts.sync);
  registry.counter("larder_commit_sync_failures_total",
                   "Writes that failed: the metadata store was opened again.", {},
                   counts.sync_failures);
  registry.counter("larder_commit_written_bytes_total", "Keys and values that were written.", {},
                   counts.bytes);
  registry.gauge("larder_commit_queue_length", "Batches that wait.", {}, [this] {
    const std::lock_guard lock(mutex_);
    return queue_.size();
  });
  registry.gauge("larder_commit_queue_bytes", "Keys and values of the batches that wait.", {},
                 [this] {
                   const std::lock_guard lock(mutex_);
                   return queued_bytes_;
                 });
  registry.gauge("larder_commit_queue_limit_bytes", "What may wait.", {},
                 [this] { return options_.queued_bytes_max; });
  registry.gauge(
      "larder_commit_queue_age_seconds", "For how long the oldest batch has waited; 0: none waits.",
      {}, [this] {
        const std::lock_guard lock(mutex_);
        if (queue_.empty()) return 0.0;
        return std::chrono::duration<double>(SteadyClock::now() - queue_.front().queued).count();
      });
}

}  // namespace larder::storage
