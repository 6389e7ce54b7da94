#include "bench/s3/workload.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace larder::bench {
namespace {

std::vector<Request> requests(const std::string& name, int count) {
  std::vector<Request> out;
  for (int i = 0; i < count; ++i) out.push_back({.head = name + std::to_string(i)});
  return out;
}

TEST(Workload, ARingBeginsWhereItIsToldAndGoesRound) {
  const auto three = requests("r", 3);
  Ring ring(three, 5);
  EXPECT_EQ(ring.next()->head, "r2");
  EXPECT_EQ(ring.next()->head, "r0");
  EXPECT_EQ(ring.next()->head, "r1");
  EXPECT_EQ(ring.next()->head, "r2");
}

TEST(Workload, OnceEndsAfterTheLast) {
  const auto two = requests("r", 2);
  Once once(two);
  EXPECT_EQ(once.next()->head, "r0");
  EXPECT_EQ(once.next()->head, "r1");
  EXPECT_EQ(once.next(), nullptr);
}

TEST(Workload, AFillMakesNoMoreThanItMay) {
  Fill fill([](std::size_t number) { return Request{.head = std::to_string(number)}; }, 2);
  const Request* first = fill.next();
  EXPECT_EQ(fill.next()->head, "1");
  EXPECT_EQ(fill.next(), nullptr);
  EXPECT_EQ(first->head, "0");
  EXPECT_EQ(fill.made(), 2u);
}

class MixedLoad : public testing::Test {
 protected:
  const std::vector<Request> gets_ = requests("get", 7), puts_ = requests("put", 50),
                             removals_ = requests("rm", 50), list_ = requests("list", 1);
  Mixed mixed_{{.gets = gets_, .puts = puts_, .removals = removals_, .list = list_.data()}, 0};
};

TEST_F(MixedLoad, OfAHundred70AreGets20Puts5ListsAnd5Deletes) {
  std::map<std::string, int> counts;
  for (int i = 0; i < 1000; ++i) {
    const Request* request = mixed_.next();
    ++counts[request->head.substr(0, request->head.find_first_of("0123456789"))];
    mixed_.done(*request, true);
  }
  EXPECT_EQ(counts,
            (std::map<std::string, int>{{"get", 700}, {"put", 200}, {"list", 50}, {"rm", 50}}));
}

TEST_F(MixedLoad, NoKeyIsWrittenAndRemovedAtOnceAndEveryDeleteRemovesAnObject) {
  std::set<std::string> there, busy;
  std::deque<const Request*> in_flight;
  for (int i = 0; i < 5000; ++i) {
    const Request* request = mixed_.next();
    const auto digits = request->head.find_first_of("0123456789");
    const std::string kind = request->head.substr(0, digits), key = request->head.substr(digits);
    if (kind == "put" || kind == "rm") {
      EXPECT_TRUE(busy.insert(key).second);
    }
    if (kind == "rm") {
      EXPECT_TRUE(there.contains(key));
    }
    in_flight.push_back(request);
    if (in_flight.size() < 64) continue;
    const Request* answered = in_flight.front();
    in_flight.pop_front();
    const auto number = answered->head.find_first_of("0123456789");
    const std::string answered_key = answered->head.substr(number);
    if (answered->head.starts_with("put")) there.insert(answered_key);
    if (answered->head.starts_with("rm")) there.erase(answered_key);
    if (!answered->head.starts_with("get")) busy.erase(answered_key);
    mixed_.done(*answered, true);
  }
}

TEST_F(MixedLoad, AKeyWhosePutFailedIsNotDeleted) {
  for (int i = 0; i < 1000; ++i) {
    const Request* request = mixed_.next();
    EXPECT_FALSE(request->head.starts_with("rm"));
    mixed_.done(*request, !request->head.starts_with("put"));
  }
}

}  // namespace
}  // namespace larder::bench
