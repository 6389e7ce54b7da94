// What RocksKv does beyond the contract: restarts, damage, a full queue.
#include "storage/rocks_kv.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <thread>

#include "base/metrics_registry.h"
#include "base/testing/exposition.h"
#include "storage/errors.h"
#include "storage/little_endian.h"
#include "storage/log_format.h"
#include "storage/memory_file_system.h"
#include "storage/testing/faulty_file_system.h"
#include "storage/testing/helpers.h"
#include "storage/testing/run.h"

namespace larder::storage::test {
namespace {

class RocksKvTest : public ::testing::Test {
 protected:
  void open() { kv_ = open_rocks_kv("/kv", files_, pool_, random_, options_).value(); }
  CommitOutcome put(std::string key, std::string value) {
    return run(kv_->commit("p", {}, {{std::move(key), std::move(value)}})).value();
  }
  std::optional<std::string> get(std::string key) {
    return run(kv_->get("p", std::move(key))).value();
  }

  /// Overwrites bytes of a closed file.
  void damage(const std::string& path, std::uint64_t from, std::uint64_t to, char with) {
    auto bytes = read_small_file(files_, path, 100'000'000).value();
    ASSERT_LE(to, bytes.size());
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from),
              bytes.begin() + static_cast<std::ptrdiff_t>(to), with);
    ASSERT_TRUE(files_.create(path, 0600).value()->append(bytes));
  }

  RocksKvOptions options_{.log_segment_bytes = 1 << 20};
  MemoryFileSystem files_;
  SeededRandom random_{1};
  BlockingPool pool_{2, 100};
  std::unique_ptr<Kv> kv_;
};

TEST_F(RocksKvTest, WhatWasCommittedIsThereAfterARestart) {
  open();
  put("key", "value");
  kv_.reset();
  open();
  EXPECT_EQ(get("key"), "value");
}

TEST_F(RocksKvTest, ReadsAreRightWhenTheyNeedTheDisk) {
  options_.block_cache_bytes = 16 << 10;  // nothing stays in memory
  options_.write_buffer_bytes = 64 << 10;
  open();
  for (int i = 100; i < 500; ++i) put(std::to_string(i), std::string(2000, 'x'));
  kv_.reset();
  open();
  for (int i = 100; i < 500; ++i) ASSERT_EQ(get(std::to_string(i)), std::string(2000, 'x'));
  const auto page = run(kv_->scan("p", {"150", "160"}, 100)).value();
  EXPECT_EQ(page.entries.size(), 10u);
}

TEST_F(RocksKvTest, ReadsAreRightWhenTableFilesAreNotOpen) {
  options_.open_files_max = 1;  // RocksDB makes it 20, and opens two tables when it is opened
  for (const auto* key : {"a", "b", "c"}) {
    open();
    put(key, "value");
    kv_.reset();  // writes a table
  }
  open();
  EXPECT_EQ(run(kv_->scan("p", {"a", "d"}, 10)).value().entries.size(), 3u);
  kv_.reset();
  open();
  for (const auto* key : {"a", "b", "c"}) EXPECT_EQ(get(key), "value") << key;
}

TEST_F(RocksKvTest, TheLogIsUsedAgainWhenItsCommitsAreInTables) {
  options_.write_buffer_bytes = 64 << 10;
  options_.log_segment_bytes = 64 << 10;
  open();
  for (int i = 1000; i < 3000; ++i) put(std::to_string(i), std::string(1000, 'x'));
  std::uint64_t bytes = 0;
  for (const auto& name : files_.children("/kv/commits").value())
    bytes += files_.info("/kv/commits/" + name).value()->size;
  EXPECT_LE(bytes, 9u * options_.log_segment_bytes);
  kv_.reset();
  open();
  for (int i = 1000; i < 3000; ++i) ASSERT_EQ(get(std::to_string(i)), std::string(1000, 'x'));
}

TEST_F(RocksKvTest, TablesThatAreLostAreNotMadeAnew) {
  open();
  put("key", "value");
  kv_.reset();
  ASSERT_TRUE(files_.remove_file("/kv/CURRENT"));
  const auto before = files_below(files_, "/kv");
  EXPECT_FALSE(open_rocks_kv("/kv", files_, pool_, random_, options_));
  EXPECT_TRUE(std::ranges::includes(files_below(files_, "/kv"), before));
}

TEST_F(RocksKvTest, EveryLoggedBatchSaysItsOwnNumber) {
  options_.log_segment_bytes = 64 << 10;
  open();
  for (int i = 0; i < 100; ++i) put("key", std::string(10'000, 'x'));
  int commits = 0;
  for (const auto& name : files_.children("/kv/commits").value()) {
    const auto bytes = read_small_file(files_, "/kv/commits/" + name, 1 << 20).value();
    const std::string_view view = bytes;
    const auto segment = log_format::parse_segment_header(view);
    for (std::size_t at = 0; segment && at < view.size(); at += log_format::block) {
      const auto record = log_format::parse_record_header(view.substr(at), segment->id);
      if (!record || record->type != log_format::Type::commit) continue;
      const auto payload = log_format::payload_of(*record, view.substr(at)).value();
      const auto key = payload.find("applied");
      ASSERT_NE(key, payload.npos);
      const auto value = key + 8;  // behind the key and the value's length
      EXPECT_EQ(take<std::uint64_t>(payload, value), record->sequence) << name << " byte " << at;
      ++commits;
    }
  }
  EXPECT_GE(commits, 20);
}

TEST_F(RocksKvTest, DamagedTablesAreAnErrorNotBadData) {
  options_.write_buffer_bytes = 64 << 10;
  open();
  for (int i = 100; i < 400; ++i) put(std::to_string(i), std::string(1000, 'x'));
  kv_.reset();
  open();  // recovery writes a table
  kv_.reset();
  for (const auto& name : files_.children("/kv").value())
    if (name.ends_with(".sst")) damage("/kv/" + name, 100, 101, '!');
  auto opened = open_rocks_kv("/kv", files_, pool_, random_, options_);
  if (!opened) return;  // seen at once: as good
  kv_ = *std::move(opened);
  int refused = 0;
  for (int i = 100; i < 400; ++i) {
    const auto found = run(kv_->get("p", std::to_string(i)));
    if (found) ASSERT_EQ(*found, std::string(1000, 'x'));
    if (!found) ++refused;
  }
  EXPECT_GT(refused, 0);
}

TEST_F(RocksKvTest, ATableThatCannotSayWhatItHasKeepsNothingElseFromBeingRead) {
  open();
  for (int i = 100; i < 400; ++i) put(std::to_string(i), std::string(1000, 'x'));
  kv_.reset();
  for (const auto& name : files_.children("/kv").value())  // its first block has its first keys
    if (name.ends_with(".sst")) damage("/kv/" + name, 5, 6, '!');
  open();
  put("late", "only in the log");
  MemoryFileSystem killed;
  copy_directory(files_, killed, "/kv");
  const auto view_options = RocksKvOptions{.read_only = true};
  EXPECT_EQ(
      run(open_rocks_kv("/kv", killed, pool_, random_, view_options).value()->get("p", "late"))
          .value(),
      "only in the log");
  for (int restart = 0; restart < 3; ++restart) {
    const auto kv = open_rocks_kv("/kv", killed, pool_, random_, options_).value();
    EXPECT_EQ(run(kv->get("p", "late")).value(), "only in the log");
    EXPECT_EQ(run(kv->get("p", "399")).value(), std::string(1000, 'x'));
    const auto lost = run(kv->get("p", "100"));  // the log may have it
    if (lost) EXPECT_EQ(*lost, std::string(1000, 'x'));
    // A compaction that meets the damage fails the write that comes next, and is not tried again.
    int failures = 0;
    for (int i = 0; i < 20; ++i)
      if (run(kv->commit("p", {}, {{"later", "value"}})) != CommitOutcome::committed) ++failures;
    EXPECT_LE(failures, 1);
  }
}

TEST_F(RocksKvTest, AFullQueueAnswersSlowDown) {
  options_.queued_bytes_max = 100'000;
  open();
  const std::string large(200'000, 'x');
  const auto refused = run(kv_->commit("p", {}, {{"k", large}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, codes::slow_down);
  EXPECT_EQ(get("k"), std::nullopt);
}

TEST_F(RocksKvTest, BatchesOfOneGroupSeeEachOther) {
  open();
  BorrowedContext borrowed;
  auto& context = *borrowed;
  std::vector<CommitOutcome> outcomes;
  const auto claim = [&](std::string owner) -> Task<void> {
    std::vector<Guard> guards{{"name", std::nullopt}};
    std::vector<Write> writes{{"name", owner}};
    outcomes.push_back((co_await kv_->commit("p", std::move(guards), std::move(writes))).value());
  };
  for (int i = 0; i < 100; ++i)
    boost::asio::co_spawn(context, claim(std::to_string(i)), boost::asio::detached);
  context.run();
  EXPECT_EQ(std::ranges::count(outcomes, CommitOutcome::committed), 1);
  EXPECT_EQ(std::ranges::count(outcomes, CommitOutcome::guard_failed), 99);
}

TEST_F(RocksKvTest, ShowsWhatBecameOfEachBatch) {
  metrics::Registry registry;
  options_.metrics = &registry;
  options_.queued_bytes_max = 100'000;
  FaultyFileSystem disk(files_);
  const auto kv = open_rocks_kv("/kv", disk, pool_, random_, options_).value();
  const auto commit = [&](std::vector<Guard> guards, std::size_t size) {
    return run(kv->commit("p", std::move(guards), {{"k", std::string(size, 'x')}}));
  };
  EXPECT_EQ(commit({}, 1000), CommitOutcome::committed);
  EXPECT_EQ(commit({{"k", std::nullopt}}, 1), CommitOutcome::guard_failed);
  EXPECT_FALSE(commit({}, 200'000));
  disk.fail_at(0, Fault::io_error);
  EXPECT_EQ(commit({}, 1000), CommitOutcome::unknown);
  EXPECT_EQ(commit({}, 1000), CommitOutcome::committed);

  const auto read = metrics::testing::parse_exposition(registry.text());
  ASSERT_TRUE(read) << read.error();
  const auto batches = [&](const std::string& outcome) {
    return read->value("larder_commit_batches_total", {{"outcome", outcome}});
  };
  EXPECT_EQ(batches("committed"), 2);
  EXPECT_EQ(batches("guard_failed"), 1);
  EXPECT_EQ(batches("refused"), 1);
  EXPECT_EQ(batches("failed"), 1);
  EXPECT_EQ(read->value("larder_commit_sync_seconds_count"), 3);
  EXPECT_EQ(read->value("larder_commit_sync_failures_total"), 1);
  EXPECT_EQ(read->value("larder_commit_wait_seconds_count"),
            read->value("larder_commit_group_batches_sum"));
  EXPECT_GT(read->value("larder_commit_written_bytes_total"), 2000);
  EXPECT_EQ(read->value("larder_commit_queue_length"), 0);
  EXPECT_EQ(read->value("larder_commit_queue_bytes"), 0);
  EXPECT_EQ(read->value("larder_commit_queue_age_seconds"), 0);
  EXPECT_EQ(read->value("larder_kv_block_cache_limit_bytes"), options_.block_cache_bytes);
  EXPECT_GT(read->value("larder_kv_memtable_bytes"), 0);
  EXPECT_EQ(read->value("larder_kv_writes_stopped"), 0);
}

TEST_F(RocksKvTest, ManyCoresMayCountWhileReadsNeedTheDisk) {
  options_.write_buffer_bytes = 64 << 10;
  open();
  count_concurrently(*kv_, 4, 300);
}

TEST_F(RocksKvTest, TheStoreComesBackByItselfWhenTheDiskDoes) {
  FaultyFileSystem disk(files_);
  auto kv = open_rocks_kv("/kv", disk, pool_, random_, options_).value();
  ASSERT_EQ(run(kv->commit("p", {}, {{"k", "1"}})).value(), CommitOutcome::committed);
  disk.fail_at(0, Fault::dies);
  EXPECT_NE(run(kv->commit("p", {}, {{"k", "2"}})), CommitOutcome::committed);
  disk.revive();
  for (int tries = 0; tries < 100; ++tries) {
    const auto outcome = run(kv->commit("p", {}, {{"k", "3"}}));
    if (outcome == CommitOutcome::committed) break;
    ASSERT_LT(tries, 99);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(run(kv->get("p", "k")).value(), "3");
}

}  // namespace
}  // namespace larder::storage::test
