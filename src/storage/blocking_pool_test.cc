// The pool is in base/async, whose tests would need Asio: here it is used.
#include "base/async/blocking_pool.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <latch>
#include <vector>

#include "base/metrics_registry.h"
#include "base/testing/exposition.h"
#include "storage/testing/run.h"

namespace larder::storage::test {
namespace {

TEST(BlockingPool, ShowsItsThreadsAndItsQueueAndRefusesWhatItHasNoRoomFor) {
  metrics::Registry registry;
  BlockingPool pool(1, 2);
  pool.register_metrics(registry);
  const auto shown = [&](std::string_view name) {
    const auto read = metrics::testing::parse_exposition(registry.text());
    return read ? read->value(name).value_or(-1) : -1;
  };
  EXPECT_EQ(shown("larder_pool_threads"), 1);
  EXPECT_EQ(shown("larder_pool_threads_busy"), 0);
  EXPECT_EQ(shown("larder_pool_queue_limit"), 2);

  std::latch began(1), may_end(1);
  std::vector<Result<int>> outcomes;
  const auto call = [&](int number) -> Task<void> {
    auto work = [&, number]() -> Result<int> {
      if (number == 0) began.count_down();
      may_end.wait();
      return number;
    };
    outcomes.push_back(co_await pool.run(std::move(work)));
  };
  BorrowedContext borrowed;
  auto& context = *borrowed;
  boost::asio::co_spawn(context, call(0), boost::asio::detached);
  context.poll();
  began.wait();
  for (int number = 1; number <= 3; ++number)
    boost::asio::co_spawn(context, call(number), boost::asio::detached);
  context.poll();
  EXPECT_EQ(shown("larder_pool_threads_busy"), 1);
  EXPECT_EQ(shown("larder_pool_queue_length"), 2);
  EXPECT_EQ(shown("larder_pool_calls_total"), 3);
  EXPECT_EQ(shown("larder_pool_refused_total"), 1);
  may_end.count_down();
  context.run();
  ASSERT_EQ(outcomes.size(), 4u);
  ASSERT_FALSE(outcomes[0]);
  EXPECT_EQ(outcomes[0].error().code, codes::slow_down);
  for (int number = 0; number < 3; ++number)
    EXPECT_EQ(outcomes[static_cast<std::size_t>(number) + 1], number);
}

}  // namespace
}  // namespace larder::storage::test
