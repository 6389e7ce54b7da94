#include "s3/index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "s3/listing.h"
#include "storage/memory_kv.h"
#include "storage/testing/run.h"

namespace larder::s3 {
namespace {

using storage::test::run;

/// Bytes that escaping is about come often.
std::string random_key(std::mt19937_64& random, std::size_t size_max) {
  constexpr std::string_view bytes("\x00\x00\x01\x02\xff\xfe//ab", 10);
  std::string key(1 + random() % size_max, ' ');
  for (auto& c : key) c = bytes[random() % bytes.size()];
  return key;
}

std::mt19937_64 seeded() {
  const auto seed = static_cast<std::uint64_t>(GTEST_FLAG_GET(random_seed)) + 1;
  ::testing::Test::RecordProperty("seed", std::to_string(seed));
  return std::mt19937_64(seed);
}

TEST(IndexKey, OrderIsThatOfTheObjectKeys) {
  auto random = seeded();
  for (int i = 0; i < 100'000; ++i) {
    const auto a = random_key(random, 6);
    const auto b = random_key(random, 6);
    EXPECT_EQ(a < b, object_key(a) < object_key(b));
    EXPECT_EQ(a == b, object_key(a) == object_key(b));
    EXPECT_EQ(a < b, behind(Table::objects, a) <= object_key(b));
    EXPECT_EQ(a.starts_with(b), object_key(a) >= first_with(Table::objects, b) &&
                                    object_key(a) < behind_all_with(Table::objects, b));
  }
}

TEST(IndexKey, TheObjectKeyCanBeReadBack) {
  auto random = seeded();
  for (int i = 0; i < 10'000; ++i) {
    const auto key = random_key(random, 20);
    const auto found = split(object_key(key));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->key, key);
    EXPECT_EQ(split(upload_name(key, "id"))->suffix, "id");
  }
}

TEST(IndexKey, PartsSortByNumber) {
  const std::string id(32, 'a');
  EXPECT_LT(part_key(id, 2), part_key(id, 10'000));
  EXPECT_EQ(part_number(part_key(id, 10'000)), 10'000u);
  EXPECT_EQ(upload_of_part(part_key(id, 300)), id);
}

struct Model {
  std::vector<std::string> keys;  // sorted

  /// Names of a page: keys and common prefixes greater than `after`, the naive way.
  std::vector<std::string> names(const ListQuery& query) const {
    std::vector<std::string> all;
    for (const auto& key : keys) {
      if (!key.starts_with(query.prefix)) continue;
      std::string name = key;
      if (!query.delimiter.empty()) {
        const auto at = key.find(query.delimiter, query.prefix.size());
        if (at != key.npos) name = key.substr(0, at + query.delimiter.size());
      }
      if (name > query.after && (all.empty() || all.back() != name)) all.push_back(name);
    }
    return all;
  }
};

std::vector<std::string> names_of(const ListPage& page) {
  std::vector<std::string> names = page.prefixes;
  for (const auto& item : page.items) names.push_back(item.key);
  std::ranges::sort(names);
  return names;
}

TEST(Listing, IsWhatANaiveModelLists) {
  auto random = seeded();
  for (int round = 0; round < 60; ++round) {
    storage::MemoryKv kv;
    Index index(kv, "b");
    Model model;
    std::vector<storage::Write> writes;
    for (int i = 0; i < 150; ++i) {
      const auto key = random_key(random, 7);
      model.keys.push_back(key);
      writes.push_back({object_key(key), "value"});
    }
    std::ranges::sort(model.keys);
    const auto [first, last] = std::ranges::unique(model.keys);
    model.keys.erase(first, last);
    ASSERT_TRUE(run(index.commit({}, writes)).has_value());
    for (int question = 0; question < 40; ++question) {
      ListQuery query;
      if (random() % 2 == 0) query.prefix = random_key(random, 2);
      if (random() % 3 != 0) query.delimiter = random() % 4 == 0 ? "ab" : "/";
      if (random() % 2 == 0) query.after = random_key(random, 5);
      query.limit = random() % 12;
      const auto page = run(list(index, query)).value();
      auto expected = model.names(query);
      const bool more = query.limit > 0 && expected.size() > query.limit;
      if (expected.size() > query.limit) expected.resize(query.limit);
      EXPECT_EQ(names_of(page), expected);
      EXPECT_EQ(page.truncated, more);
      if (!expected.empty()) EXPECT_EQ(page.last, expected.back());
    }
  }
}

TEST(Listing, PagesOfACommonPrefixWithManyKeysReadFewOfThem) {
  struct Counting final : storage::Kv {
    storage::MemoryKv below;
    std::size_t read = 0;
    Task<Result<std::optional<std::string>>> get(storage::Partition p, std::string k) override {
      co_return co_await below.get(std::move(p), std::move(k));
    }
    Task<Result<storage::ScanPage>> scan(storage::Partition p, storage::KeyRange r,
                                         std::size_t limit) override {
      auto page = co_await below.scan(std::move(p), std::move(r), limit);
      read += page->entries.size();
      co_return page;
    }
    Task<Result<storage::CommitOutcome>> commit(storage::Partition p, std::vector<storage::Guard> g,
                                                std::vector<storage::Write> w) override {
      co_return co_await below.commit(std::move(p), std::move(g), std::move(w));
    }
  } kv;
  Index index(kv, "b");
  for (const char* prefix : {"a/", "b/", "c/"}) {
    std::vector<storage::Write> writes;
    for (int i = 0; i < 10'000; ++i)
      writes.push_back({object_key(prefix + std::to_string(i)), "value"});
    ASSERT_TRUE(run(index.commit({}, std::move(writes))).has_value());
  }
  ListQuery query;
  query.delimiter = "/";
  const auto page = run(list(index, query)).value();
  EXPECT_EQ(page.prefixes, (std::vector<std::string>{"a/", "b/", "c/"}));
  EXPECT_LT(kv.read, 2000u);
}

}  // namespace
}  // namespace larder::s3
