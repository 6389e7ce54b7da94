// The machine dies at every operation on the disk in turn; after the restart all that was
// acknowledged is there, and nothing is there in part.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/log.h"
#include "storage/data_directory.h"
#include "storage/memory_file_system.h"
#include "storage/testing/faulty_file_system.h"
#include "storage/testing/helpers.h"
#include "storage/testing/run.h"

namespace larder::storage::test {
namespace {

/// A server's storage on a disk that can die.
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) { log::set_level(log::Level::error); }
  ~World() { stop(); }

  Result<void> start() {
    auto opened = open_data_directory("/data", disk_, pool_, random_, options_);
    if (!opened) return fail(opened.error());
    data_ = *std::move(opened);
    return {};
  }

  void stop() { data_.reset(); }

  /// Power goes and comes back. `keep_some`: of what was not synced, a random part stays.
  Result<void> restart_after_power_cut(bool keep_some) {
    stop();
    below_.power_cut(keep_some ? &random_ : nullptr);
    disk_.revive();
    return start();
  }

  FaultyFileSystem& disk() { return disk_; }
  Kv& kv() { return data_->kv(); }
  Blobs& blobs() { return data_->blobs(); }
  Random& random() { return random_; }
  MemoryFileSystem& below() { return below_; }

 private:
  // Small buffers, so that flushes and compactions meet the faults as well.
  const RocksKvOptions options_{
      .block_cache_bytes = 1 << 20, .write_buffer_bytes = 64 << 10, .log_segment_bytes = 64 << 10};
  SeededRandom random_;
  MemoryFileSystem below_;
  FaultyFileSystem disk_{below_};
  BlockingPool pool_{2, 100};
  std::unique_ptr<DataDirectory> data_;
};

/// What one life of the store was told and answered.
struct Told {
  int acknowledged = 0;  // batches 1..acknowledged were answered `committed`
  int attempted = 0;
};

/// Each batch is two keys and a counter, so that half a batch would show.
Told commit_batches(Kv& kv, int from, int count) {
  Told told{.acknowledged = from, .attempted = from};
  for (int n = from + 1; n <= from + count; ++n) {
    const auto text = std::to_string(n);
    const auto previous =
        n == 1 ? std::optional<std::string>() : std::optional(std::to_string(n - 1));
    std::vector<Guard> guards{{"counter", previous}};
    std::vector<Write> writes{{"a" + text, std::string(3000, 'a')}, {"b" + text, text}};
    writes.push_back({"counter", text});
    told.attempted = n;
    const auto outcome = run(kv.commit("p", std::move(guards), std::move(writes)));
    if (!outcome || *outcome != CommitOutcome::committed) break;
    told.acknowledged = n;
  }
  return told;
}

/// Says how many batches are there: 1..n whole, and nothing else.
int check_batches(Kv& kv) {
  const auto counter = run(kv.get("p", "counter")).value();
  const int n = counter ? std::stoi(*counter) : 0;
  const auto entries = run(kv.scan("p", {"", ""}, 10'000)).value().entries;
  EXPECT_EQ(entries.size(), n == 0 ? 0u : 2u * static_cast<unsigned>(n) + 1);
  for (int i = 1; i <= n; ++i)
    EXPECT_EQ(run(kv.get("p", "b" + std::to_string(i))).value(), std::to_string(i));
  return n;
}

/// Another run of randomness: --gtest_random_seed=N.
std::uint64_t seed_of_this_run() {
  return static_cast<std::uint64_t>(GTEST_FLAG_GET(random_seed)) * 1'000'000;
}

class PowerCut : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(LosesAllOrSome, PowerCut, ::testing::Bool());

TEST_P(PowerCut, NoAcknowledgedCommitIsLostAndNoneIsHalfThere) {
  constexpr int batches = 40;
  for (std::uint64_t step = 0;; ++step) {
    const auto seed = seed_of_this_run() + step;
    SCOPED_TRACE(testing::Message() << "step " << step << ", seed " << seed);
    World world(seed);
    world.disk().fail_at(step, Fault::dies);
    Told told;
    if (world.start()) told = commit_batches(world.kv(), 0, batches);
    const bool failed = world.disk().has_failed();
    const auto restarted = world.restart_after_power_cut(GetParam());
    ASSERT_TRUE(restarted) << restarted.error().message;
    const int there = check_batches(world.kv());
    ASSERT_GE(there, told.acknowledged);
    ASSERT_LE(there, told.attempted);
    ASSERT_EQ(commit_batches(world.kv(), there, 3).acknowledged, there + 3);
    if (!failed) break;
  }
}

TEST_P(PowerCut, NoSealedBlobIsLostAndNoneIsHalfThere) {
  for (std::uint64_t step = 0;; ++step) {
    const auto seed = seed_of_this_run() + step;
    SCOPED_TRACE(testing::Message() << "step " << step << ", seed " << seed);
    World world(seed);
    world.disk().fail_at(step, Fault::dies);
    std::vector<std::pair<BlobId, std::string>> attempted;
    std::size_t acknowledged = 0;
    if (world.start()) {
      for (const std::size_t size : {0u, 700u, 600'000u, 1'400'000u}) {
        attempted.emplace_back(BlobId::make(world.random()), world.random().bytes(size));
        if (!store(world.blobs(), attempted.back().first, attempted.back().second)) break;
        ++acknowledged;
      }
    }
    const bool failed = world.disk().has_failed();
    const auto restarted = world.restart_after_power_cut(GetParam());
    ASSERT_TRUE(restarted) << restarted.error().message;
    for (std::size_t i = 0; i < attempted.size(); ++i) {
      const auto found = fetch(world.blobs(), attempted[i].first).value();
      if (i < acknowledged) ASSERT_TRUE(found);
      if (found) ASSERT_TRUE(*found == attempted[i].second);
    }
    ASSERT_TRUE(world.below().children("/data/blobs/tmp").value().empty());
    if (!failed) break;
  }
}

class OneFault : public ::testing::TestWithParam<Fault> {};
INSTANTIATE_TEST_SUITE_P(OfEveryKind, OneFault,
                         ::testing::Values(Fault::io_error, Fault::disk_full, Fault::short_write));

TEST_P(OneFault, LeavesCommitsThatAreThereOrNotAndSaysWhich) {
  constexpr int batches = 30;
  for (std::uint64_t step = 0;; ++step) {
    const auto seed = seed_of_this_run() + step;
    SCOPED_TRACE(testing::Message() << "step " << step << ", seed " << seed);
    World world(seed);
    ASSERT_TRUE(world.start());
    world.disk().fail_at(step, GetParam());
    const auto told = commit_batches(world.kv(), 0, batches);
    const bool failed = world.disk().has_failed();
    world.disk().revive();
    const auto counter = run(world.kv().get("p", "counter"));
    // After `unknown` a read tells what became of it, and a power cut does not change that.
    const int seen = !counter || !*counter ? 0 : std::stoi(**counter);
    if (counter) {
      ASSERT_GE(seen, told.acknowledged);
      ASSERT_LE(seen, told.attempted);
    }
    const auto restarted = world.restart_after_power_cut(true);
    ASSERT_TRUE(restarted) << restarted.error().message;
    const int there = check_batches(world.kv());
    ASSERT_GE(there, told.acknowledged);
    if (counter) ASSERT_EQ(there, seen);
    if (!failed) break;
  }
}

TEST_P(OneFault, LeavesBlobsThatAreWholeOrNotThere) {
  for (std::uint64_t step = 0;; ++step) {
    const auto seed = seed_of_this_run() + step;
    SCOPED_TRACE(testing::Message() << "step " << step << ", seed " << seed);
    World world(seed);
    ASSERT_TRUE(world.start());
    const auto id = BlobId::make(world.random());
    const auto content = world.random().bytes(1'400'000);
    world.disk().fail_at(step, GetParam());
    const auto stored = store(world.blobs(), id, content);
    const bool failed = world.disk().has_failed();
    world.disk().revive();
    const auto found = fetch(world.blobs(), id).value();
    if (stored) ASSERT_TRUE(found);
    if (found) ASSERT_TRUE(*found == content);
    if (!failed) break;
  }
}

}  // namespace
}  // namespace larder::storage::test
