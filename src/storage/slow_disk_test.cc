// A disk that takes seconds for a sync: who writes waits or is told to slow down, who reads is
// served, and what waited is there in the end.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/detached.hpp>

#include "storage/memory_file_system.h"
#include "storage/rocks_kv.h"
#include "storage/testing/faulty_file_system.h"
#include "storage/testing/run.h"

namespace larder::storage::test {
namespace {

class SlowDisk : public ::testing::Test {
 protected:
  void begin_put(std::string key, std::size_t size) {
    auto put = [](SlowDisk& self, std::string name, std::size_t bytes) -> Task<void> {
      std::vector<Write> writes;
      writes.push_back({std::move(name), std::string(bytes, 'x')});
      self.outcomes_.push_back(co_await self.kv_->commit("p", {}, std::move(writes)));
    };
    boost::asio::co_spawn(*context_, put(*this, std::move(key), size), boost::asio::detached);
  }
  /// What is answered by now.
  std::size_t count(const Result<CommitOutcome>& outcome) {
    return static_cast<std::size_t>(std::ranges::count_if(outcomes_, [&](const auto& each) {
      return each.has_value() == outcome.has_value() &&
             (each ? *each == *outcome : each.error().code == outcome.error().code);
    }));
  }

  MemoryFileSystem files_;
  FaultyFileSystem disk_{files_};
  SeededRandom random_{1};
  BlockingPool pool_{2, 100};
  BorrowedContext context_;
  std::unique_ptr<Kv> kv_;
  std::vector<Result<CommitOutcome>> outcomes_;
};

TEST_F(SlowDisk, HoldsUpWritersUpToALimitAndNoReaders) {
  const Result<CommitOutcome> committed = CommitOutcome::committed;
  const Result<CommitOutcome> refused = fail(larder::codes::slow_down, "");
  kv_ = open_rocks_kv("/kv", disk_, pool_, random_,
                      {.log_segment_bytes = 1 << 20, .queued_bytes_max = 100'000})
            .value();
  ASSERT_EQ(run(kv_->commit("p", {}, {{"stored", "value"}})), CommitOutcome::committed);

  disk_.hold_syncs();
  begin_put("first", 10'000);
  (*context_).poll();
  disk_.await_held_sync();
  for (int i = 0; i < 50; ++i) begin_put(std::to_string(i), 10'000);
  (*context_).restart();
  (*context_).poll();
  EXPECT_EQ(count(refused), 41u) << "nine more wait, of 10,000 bytes and a little";
  EXPECT_EQ(count(committed), 0u) << "nothing is acknowledged before its sync";
  EXPECT_EQ(run(kv_->get("p", "stored")).value(), "value");
  EXPECT_EQ(run(kv_->get("p", "first")).value(), std::nullopt);
  EXPECT_EQ(run(kv_->scan("p", {"", ""}, 100)).value().entries.size(), 1u);

  disk_.let_syncs_go();
  (*context_).restart();
  (*context_).run();
  EXPECT_EQ(count(committed), 10u);
  EXPECT_EQ(run(kv_->scan("p", {"", ""}, 100)).value().entries.size(), 11u);
  begin_put("later", 10'000);
  (*context_).restart();
  (*context_).run();
  EXPECT_EQ(count(committed), 11u) << "nobody is told to slow down any more";
}

}  // namespace
}  // namespace larder::storage::test
