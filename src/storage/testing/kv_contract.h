// What every Kv must do. One file of a test program includes it and instantiates it:
// INSTANTIATE_TEST_SUITE_P(Rocks, KvContract, ::testing::Values(...)).
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <memory>

#include "storage/errors.h"
#include "storage/kv.h"
#include "storage/testing/helpers.h"
#include "storage/testing/run.h"

namespace larder::storage::test {

/// A fresh, empty store together with all that it needs.
class KvWorld {
 public:
  virtual ~KvWorld() = default;
  virtual Kv& kv() = 0;
};

class KvContract : public ::testing::TestWithParam<std::function<std::unique_ptr<KvWorld>()>> {
 protected:
  std::unique_ptr<KvWorld> world_ = GetParam()();
  Kv& kv_ = world_->kv();

  /// Each runs to its end; a failure fails the test.
  std::optional<std::string> get(Partition partition, std::string key);
  CommitOutcome commit(Partition partition, std::vector<Guard> guards, std::vector<Write> writes);
  ScanPage scan(Partition partition, KeyRange range, std::size_t limit);
  void put(Partition partition, std::string key, std::string value);
};

inline std::optional<std::string> KvContract::get(Partition partition, std::string key) {
  return run(kv_.get(std::move(partition), std::move(key))).value();
}
inline CommitOutcome KvContract::commit(Partition partition, std::vector<Guard> guards,
                                        std::vector<Write> writes) {
  return run(kv_.commit(std::move(partition), std::move(guards), std::move(writes))).value();
}
inline ScanPage KvContract::scan(Partition partition, KeyRange range, std::size_t limit) {
  return run(kv_.scan(std::move(partition), std::move(range), limit)).value();
}
inline void KvContract::put(Partition partition, std::string key, std::string value) {
  ASSERT_EQ(commit(std::move(partition), {}, {{std::move(key), std::move(value)}}),
            CommitOutcome::committed);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(KvContract);

TEST_P(KvContract, AnAbsentKeyIsAValueNotAnError) {
  EXPECT_EQ(get("p", "missing"), std::nullopt);
  EXPECT_TRUE(scan("p", {"", ""}, 10).entries.empty());
}

TEST_P(KvContract, WhatIsCommittedIsRead) {
  put("p", "key", "value");
  EXPECT_EQ(get("p", "key"), "value");
  put("p", "key", "other");
  EXPECT_EQ(get("p", "key"), "other");
  EXPECT_EQ(commit("p", {}, {{"key", std::nullopt}}), CommitOutcome::committed);
  EXPECT_EQ(get("p", "key"), std::nullopt);
}

TEST_P(KvContract, DeletingAnAbsentKeyIsFine) {
  EXPECT_EQ(commit("p", {}, {{"missing", std::nullopt}}), CommitOutcome::committed);
}

TEST_P(KvContract, KeysAndValuesAreAnyBytes) {
  const std::string key("\0k\xff\n", 4);
  const std::string value("\0\0v\xff", 4);
  put("p", key, value);
  EXPECT_EQ(get("p", key), value);
  EXPECT_EQ(scan("p", {"", ""}, 10).entries, (std::vector<Entry>{{key, value}}));
}

TEST_P(KvContract, PartitionsAreDisjointWhateverTheirNames) {
  for (const auto* partition : {"a", "ab", "a/b", "b"}) put(partition, "bk", partition);
  put("a", "z", "last of a");
  EXPECT_EQ(get("a", "bk"), "a");
  EXPECT_EQ(get("ab", "bk"), "ab");
  EXPECT_EQ(get("ab", "k"), std::nullopt);
  EXPECT_EQ(scan("a", {"", ""}, 10).entries, (std::vector<Entry>{{"bk", "a"}, {"z", "last of a"}}));
  EXPECT_EQ(scan("b", {"", ""}, 10).entries, (std::vector<Entry>{{"bk", "b"}}));
}

TEST_P(KvContract, AScanIsInByteOrderWithinItsRange) {
  for (const auto* key : {"b", "a", "\xff", "c", "ab"}) put("p", key, "v");
  const auto keys = [&](KeyRange range) {
    std::vector<std::string> found;
    for (const auto& entry : scan("p", range, 100).entries) found.push_back(entry.key);
    return found;
  };
  EXPECT_EQ(keys({"", ""}), (std::vector<std::string>{"a", "ab", "b", "c", "\xff"}));
  EXPECT_EQ(keys({"ab", "c"}), (std::vector<std::string>{"ab", "b"}));
  EXPECT_EQ(keys({"b", ""}), (std::vector<std::string>{"b", "c", "\xff"}));
  EXPECT_EQ(keys(keys_with_prefix("a")), (std::vector<std::string>{"a", "ab"}));
  EXPECT_EQ(keys(keys_with_prefix("\xff")), (std::vector<std::string>{"\xff"}));
  EXPECT_TRUE(keys({"c", "b"}).empty());
}

TEST_P(KvContract, AScanGoesOnBehindItsLastKey) {
  for (char c = 'a'; c < 'h'; ++c) put("p", std::string(1, c), "v");
  std::string begin;
  std::string seen;
  for (;;) {
    const auto page = scan("p", {begin, ""}, 3);
    for (const auto& entry : page.entries) seen += entry.key;
    if (!page.more) break;
    ASSERT_FALSE(page.entries.empty());
    begin = page.entries.back().key + '\0';
  }
  EXPECT_EQ(seen, "abcdefg");
}

TEST_P(KvContract, ALargePageEndsEarlyAndSaysSo) {
  for (char c = 'a'; c < 'e'; ++c)
    put("p", std::string(1, c), std::string(scan_page_bytes * 2 / 3, c));
  const auto page = scan("p", {"", ""}, 100);
  EXPECT_EQ(page.entries.size(), 2u);
  EXPECT_TRUE(page.more);
}

TEST_P(KvContract, AGuardForAbsenceHoldsOnlyOnce) {
  const std::vector<Guard> absent{{"name", std::nullopt}};
  EXPECT_EQ(commit("p", absent, {{"name", "first"}}), CommitOutcome::committed);
  EXPECT_EQ(commit("p", absent, {{"name", "second"}}), CommitOutcome::guard_failed);
  EXPECT_EQ(get("p", "name"), "first");
}

TEST_P(KvContract, AGuardForAValueComparesAllOfIt) {
  put("p", "revision", "7");
  EXPECT_EQ(commit("p", {{"revision", "70"}}, {{"x", "1"}}), CommitOutcome::guard_failed);
  EXPECT_EQ(commit("p", {{"missing", "7"}}, {{"x", "1"}}), CommitOutcome::guard_failed);
  EXPECT_EQ(commit("p", {{"revision", "7"}}, {{"revision", "8"}}), CommitOutcome::committed);
  EXPECT_EQ(get("p", "x"), std::nullopt);
}

TEST_P(KvContract, OneGuardThatFailsStopsAllWrites) {
  put("p", "a", "1");
  EXPECT_EQ(commit("p", {{"a", "1"}, {"b", "1"}}, {{"a", std::nullopt}, {"c", "1"}}),
            CommitOutcome::guard_failed);
  EXPECT_EQ(get("p", "a"), "1");
  EXPECT_EQ(get("p", "c"), std::nullopt);
}

TEST_P(KvContract, GuardsOfOnePartitionDoNotSeeAnother) {
  put("other", "name", "taken");
  EXPECT_EQ(commit("p", {{"name", std::nullopt}}, {{"name", "mine"}}), CommitOutcome::committed);
}

TEST_P(KvContract, GuardsWithoutWritesAreAQuestion) {
  put("p", "a", "1");
  EXPECT_EQ(commit("p", {{"a", "1"}}, {}), CommitOutcome::committed);
  EXPECT_EQ(commit("p", {{"a", "2"}}, {}), CommitOutcome::guard_failed);
}

TEST_P(KvContract, TheLastOfSeveralWritesToAKeyCounts) {
  EXPECT_EQ(commit("p", {},
                   {{"k", "1"}, {"k", std::nullopt}, {"k", "3"}, {"l", "1"}, {"l", std::nullopt}}),
            CommitOutcome::committed);
  EXPECT_EQ(get("p", "k"), "3");
  EXPECT_EQ(get("p", "l"), std::nullopt);
}

TEST_P(KvContract, ACommitThatIsTooLargeIsRefusedWhole) {
  const auto outcome =
      run(kv_.commit("p", {}, {{"small", "1"}, {"large", std::string(commit_bytes_max, 'x')}}));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, codes::invalid_argument);
  EXPECT_EQ(get("p", "small"), std::nullopt);
}

TEST_P(KvContract, WhatIsAddedIsANumberThatIsAbsentAtZero) {
  const Write up{"n", std::nullopt, 5}, down{"n", std::nullopt, -7};
  EXPECT_EQ(commit("p", {}, {up}), CommitOutcome::committed);
  EXPECT_EQ(number_of(get("p", "n")), 5);
  EXPECT_EQ(get("p", "n"), std::string("\5\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(commit("p", {{"n", number_value(5)}}, {down, {"k", "v"}}), CommitOutcome::committed);
  EXPECT_EQ(number_of(get("p", "n")), -2);
  EXPECT_EQ(commit("p", {}, {{"n", std::nullopt, 2}}), CommitOutcome::committed);
  EXPECT_EQ(get("p", "n"), std::nullopt);
  EXPECT_EQ(commit("p", {{"n", std::nullopt}}, {{"n", std::nullopt, 0}}), CommitOutcome::committed);
  EXPECT_EQ(get("p", "n"), std::nullopt);
  EXPECT_EQ(get("p", "k"), "v");
}

TEST_P(KvContract, ANumberIsPutDeletedAndAddedToInTurn) {
  put("p", "n", number_value(40).value());
  EXPECT_EQ(commit("p", {}, {{"n", std::nullopt, 2}}), CommitOutcome::committed);
  EXPECT_EQ(number_of(get("p", "n")), 42);
  put("p", "n", number_value(1).value());
  EXPECT_EQ(number_of(get("p", "n")), 1);
  EXPECT_EQ(commit("p", {}, {{"n", std::nullopt}}), CommitOutcome::committed);
  EXPECT_EQ(commit("p", {}, {{"n", std::nullopt, 3}}), CommitOutcome::committed);
  EXPECT_EQ(number_of(get("p", "n")), 3);
}

TEST_P(KvContract, AddingWhereThereIsNoNumberWritesNothing) {
  put("p", "text", "not a number");
  put("p", "full", number_value(std::numeric_limits<std::int64_t>::max()).value());
  for (const auto* key : {"text", "full"}) {
    const auto outcome = run(kv_.commit("p", {}, {{"other", "v"}, {key, std::nullopt, 1}}));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, codes::corrupt);
  }
  EXPECT_EQ(get("p", "text"), "not a number");
  EXPECT_EQ(get("p", "other"), std::nullopt);
}

TEST_P(KvContract, AFailedGuardAddsNothing) {
  EXPECT_EQ(commit("p", {{"absent", "v"}}, {{"n", std::nullopt, 1}}), CommitOutcome::guard_failed);
  EXPECT_EQ(get("p", "n"), std::nullopt);
}

TEST_P(KvContract, AdditionsFromSeveralCoresAllCountAndNeverConflict) {
  add_concurrently(kv_, 4, 100);
}

TEST_P(KvContract, GuardedIncrementsFromSeveralCoresLoseNothing) {
  count_concurrently(kv_, 4, 100);
}

}  // namespace larder::storage::test
