#include "base/recent_cache.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <thread>
#include <vector>

namespace larder {
namespace {

std::shared_ptr<const int> number(int value) { return std::make_shared<const int>(value); }

TEST(RecentCache, FindsWhatWasPutAndNothingElse) {
  RecentCache<int> cache({.entries = 8, .bytes = 1000});
  EXPECT_EQ(cache.find("a"), nullptr);
  cache.put("a", number(1), 1);
  cache.put("b", number(2), 1);
  EXPECT_EQ(*cache.find("a"), 1);
  EXPECT_EQ(*cache.find("b"), 2);
  EXPECT_EQ(cache.find("A"), nullptr);
  EXPECT_EQ(cache.find("ab"), nullptr);
  EXPECT_EQ(cache.find(""), nullptr);
  cache.put("a", number(3), 1);
  EXPECT_EQ(*cache.find("a"), 3);
}

TEST(RecentCache, IsBoundedInNumberAndKeepsWhatIsUsed) {
  RecentCache<int> cache({.entries = 8, .bytes = 100'000});
  cache.put("used", number(-1), 1);
  for (int i = 0; i < 1000; ++i) {
    cache.put(fmt::format("{}", i), number(i), 1);
    ASSERT_NE(cache.find("used"), nullptr) << i;
  }
  int kept = 0;
  for (int i = 0; i < 1000; ++i) kept += cache.find(fmt::format("{}", i)) != nullptr ? 1 : 0;
  EXPECT_LE(kept, 8);
  EXPECT_GE(kept, 1);
}

TEST(RecentCache, IsBoundedInBytes) {
  RecentCache<int> cache({.entries = 1000, .bytes = 100});
  std::vector<std::weak_ptr<const int>> all;
  for (int i = 0; i < 100; ++i) {
    auto value = number(i);
    all.emplace_back(value);
    cache.put(fmt::format("{:02}", i), std::move(value), 18);
  }
  std::size_t alive = 0;
  for (const auto& value : all) alive += value.expired() ? 0 : 20;
  EXPECT_LE(alive, 100u);
  EXPECT_GE(alive, 40u);
}

TEST(RecentCache, DoesNotKeepWhatWouldFillHalfOfIt) {
  RecentCache<int> cache({.entries = 10, .bytes = 100});
  cache.put("kept", number(1), 46);
  EXPECT_NE(cache.find("kept"), nullptr);
  cache.put("large", number(2), 46);
  EXPECT_EQ(cache.find("large"), nullptr);
  EXPECT_NE(cache.find("kept"), nullptr);
}

TEST(RecentCache, ManyThreadsGetTheirOwnText) {
  RecentCache<int> cache({.entries = 64, .bytes = 10'000});
  std::vector<std::jthread> threads;
  std::atomic<int> wrong = 0;
  for (int thread = 0; thread < 8; ++thread)
    threads.emplace_back([&cache, &wrong, thread] {
      for (int i = 0; i < 20'000; ++i) {
        const int value = (i + thread) % 100;
        const auto text = fmt::format("{}", value);
        const auto found = cache.find(text);
        if (found && *found != value) ++wrong;
        if (!found) cache.put(text, number(value), 4);
      }
    });
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace larder
