#include "storage/commit_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>

#include "storage/errors.h"
#include "storage/memory_file_system.h"
#include "storage/testing/faulty_file_system.h"

namespace larder::storage::test {
namespace {

constexpr std::size_t block = BlockFile::block_size;

std::string payload(std::uint64_t n, std::size_t size = 100) {
  std::string text = std::to_string(n) + ":";
  text.resize(std::max(size, text.size()), static_cast<char>('a' + n % 26));
  return text;
}

class CommitLogTest : public ::testing::Test {
 protected:
  using Opened = Result<std::unique_ptr<CommitLog>>;

  Opened open(std::optional<std::uint64_t> applied = 0) {
    replayed_.clear();
    return CommitLog::open(disk_, "/log", {.segment_bytes = 16 * block, .new_id = {'i', 'd'}},
                           applied, [&](std::string_view record) -> Result<void> {
                             replayed_.emplace_back(record);
                             return {};
                           });
  }
  void append(CommitLog& log, int count, std::size_t size = 100) {
    for (int i = 0; i < count; ++i) {
      written_.push_back(payload(log.last() + 1, size));
      ASSERT_TRUE(log.append(written_.back()));
    }
  }
  std::vector<std::string> segments() {
    auto names = files_.children("/log").value();
    for (auto& name : names) name.insert(0, "/log/");
    std::ranges::sort(names);
    return names;
  }
  std::string bytes_of(const std::string& path) {
    return read_small_file(files_, path, 10'000'000).value();
  }
  void replace(const std::string& path, const std::string& bytes) {
    ASSERT_TRUE(files_.create(path, 0600).value()->append(bytes));
  }
  void flip(const std::string& path, std::size_t bit) {
    auto bytes = bytes_of(path);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    replace(path, bytes);
  }

  MemoryFileSystem files_;
  FaultyFileSystem disk_{files_};
  std::vector<std::string> replayed_, written_;
};

TEST_F(CommitLogTest, WhatWasAppendedIsHandedBackInOrder) {
  {
    auto log = open().value();
    append(*log, 50);
    append(*log, 3, 5 * block);
    append(*log, 1, 40 * block);  // larger than a segment is otherwise
    append(*log, 20);
  }
  ASSERT_TRUE(open());
  EXPECT_EQ(replayed_, written_);
  ASSERT_TRUE(open());
  EXPECT_EQ(replayed_, written_);
}

TEST_F(CommitLogTest, WhatTheDatabaseHasIsNotHandedBack) {
  std::uint64_t applied = 0;
  {
    auto log = open().value();
    append(*log, 30);
    applied = log->last();
    append(*log, 30);
  }
  ASSERT_TRUE(open(applied));
  EXPECT_EQ(replayed_, std::vector(written_.begin() + 30, written_.end()));
}

TEST_F(CommitLogTest, ReleasedSegmentsAreUsedAgain) {
  auto log = open().value();
  for (int i = 0; i < 40; ++i) {
    append(*log, 10);
    log->release(log->last());
    EXPECT_LE(log->bytes_in_use(), 2 * 16 * block);
  }
  EXPECT_LE(segments().size(), 4u);
  const auto applied = log->last();
  append(*log, 5);
  log.reset();
  ASSERT_TRUE(open(applied));
  EXPECT_EQ(replayed_, std::vector(written_.end() - 5, written_.end()));
}

TEST_F(CommitLogTest, TheNumberThatIsGivenIsTheRecords) {
  auto log = open().value();
  for (int i = 0; i < 60; ++i) {
    const std::size_t size = i % 5 == 0 ? 3 * block : 100;
    const auto number = log->number_of_next(size + 50).value();
    append(*log, 1, size);
    ASSERT_EQ(log->last(), number) << i;
  }
  EXPECT_GE(segments().size(), 4u);
}

TEST_F(CommitLogTest, ATornLastRecordIsDroppedAndItsPlaceUsedAgain) {
  {
    auto log = open().value();
    append(*log, 3);
    append(*log, 1, 6 * block);
  }
  // Header, marker, three records; then the torn one. Sectors that did not reach the disk.
  auto bytes = bytes_of("/log/0000.log");
  for (const std::size_t at : {5 * block + 1024, 7 * block, 10 * block})
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), 512, '\0');
  replace("/log/0000.log", bytes);
  written_.pop_back();
  {
    auto log = open().value();
    EXPECT_EQ(replayed_, written_);
    append(*log, 2);
  }
  ASSERT_TRUE(open());
  EXPECT_EQ(replayed_, written_);
}

TEST_F(CommitLogTest, WhateverBitIsFlippedNothingAcknowledgedIsLostInSilence) {
  {
    auto log = open().value();
    append(*log, 10);
    append(*log, 2, 3 * block);
    append(*log, 10);
    ASSERT_TRUE(log->seal());
  }
  const auto paths = segments();
  ASSERT_GE(paths.size(), 2u);
  std::vector<std::string> whole;
  for (const auto& path : paths) whole.push_back(bytes_of(path));
  SeededRandom random(::testing::UnitTest::GetInstance()->random_seed() + 1);
  SCOPED_TRACE(::testing::UnitTest::GetInstance()->random_seed());
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    for (std::size_t p = 0; p < paths.size(); ++p) replace(paths[p], whole[p]);
    // Mostly where there are headers.
    const std::size_t p = random.number() % paths.size();
    const std::size_t at = random.number() % (whole[p].size() / block) * block +
                           (i % 2 == 0 ? random.number() % 64 : random.number() % block);
    flip(paths[p], at * 8 + random.number() % 8);
    const auto opened = open();
    if (opened)
      ASSERT_EQ(replayed_, written_) << paths[p] << " byte " << at;
    else
      ASSERT_EQ(opened.error().code, codes::corrupt);
    refused += opened ? 0 : 1;
  }
  EXPECT_GT(refused, 200);
}

TEST_F(CommitLogTest, DamageNamesTheFileAndThePlace) {
  {
    auto log = open().value();
    append(*log, 5);
  }
  flip("/log/0000.log", (3 * block + 70) * 8);
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, codes::corrupt);
  EXPECT_NE(opened.error().message.find("/log/0000.log"), std::string::npos);
  EXPECT_NE(opened.error().message.find("byte 12288"), std::string::npos) << opened.error().message;
}

TEST_F(CommitLogTest, DamageToWhatTheDatabaseHasIsPassedOver) {
  std::uint64_t applied = 0;
  {
    auto log = open().value();
    append(*log, 5);
    applied = log->last();
    append(*log, 3);
  }
  flip("/log/0000.log", (3 * block + 70) * 8);
  ASSERT_TRUE(open(applied));
  EXPECT_EQ(replayed_, std::vector(written_.end() - 3, written_.end()));
}

TEST_F(CommitLogTest, ALogThatIsBehindTheDatabaseGoesOnBehindIt) {
  std::uint64_t applied = 0;
  {
    auto log = open().value();
    append(*log, 5);
    applied = log->last();
  }
  flip("/log/0000.log", (6 * block + 70) * 8);  // the last one, which the tables have
  {
    auto log = open(applied).value();
    EXPECT_EQ(replayed_, std::vector<std::string>());
    written_.clear();
    append(*log, 4);
  }
  ASSERT_TRUE(open(applied));
  EXPECT_EQ(replayed_, written_);
}

TEST_F(CommitLogTest, WhenTheDatabaseCannotTellWhatItHasAllThatIsLeftIsHandedBack) {
  std::uint64_t released = 0;
  {
    auto log = open().value();
    for (int i = 0; i < 30; ++i) {
      released = log->last();
      append(*log, 7);
      if (i % 3 == 0) log->release(released);  // several segments at once
      // A copy of the disk at this moment, opened by somebody who knows nothing.
      replayed_.clear();
      const auto read = CommitLog::read(disk_, "/log", std::nullopt, [&](std::string_view record) {
        replayed_.emplace_back(record);
        return Result<void>();
      });
      ASSERT_TRUE(read) << read.error().message;
      ASSERT_GE(replayed_.size(), 7u);
      ASSERT_LE(replayed_.size(), written_.size());
      ASSERT_TRUE(std::ranges::equal(replayed_, std::span(written_).last(replayed_.size())));
    }
    ASSERT_TRUE(log->seal());
  }
  auto log = open(std::nullopt).value();
  const auto handed_back = replayed_.size();
  append(*log, 5);
  log.reset();
  ASSERT_TRUE(open(std::nullopt));
  EXPECT_EQ(replayed_.size(), handed_back + 5);
  EXPECT_TRUE(std::ranges::equal(replayed_, std::span(written_).last(replayed_.size())));
}

TEST_F(CommitLogTest, WhenTheDatabaseCannotTellNothingOfTheLogMayBeDamaged) {
  {
    auto log = open().value();
    append(*log, 60);
    ASSERT_TRUE(log->seal());
  }
  const auto refused = [&] {
    const auto opened = open(std::nullopt);
    return !opened && opened.error().code == codes::corrupt;
  };
  for (const auto& path : segments()) {
    const auto whole = bytes_of(path);
    for (const std::size_t at : {20ul, block + 8, 2 * block + 70}) {
      flip(path, at * 8);
      EXPECT_TRUE(refused()) << path << " byte " << at;
      replace(path, whole);
    }
  }
  ASSERT_TRUE(open(std::nullopt));
  EXPECT_EQ(replayed_, written_);
  for (const auto& path : segments()) ASSERT_TRUE(files_.remove_file(path));
  EXPECT_TRUE(refused()) << "no segment at all";
}

TEST_F(CommitLogTest, AMissingSegmentIsNoticed) {
  {
    auto log = open().value();
    append(*log, 60);
  }
  for (const auto& path : segments()) {
    const auto bytes = bytes_of(path);
    ASSERT_TRUE(files_.remove_file(path));
    EXPECT_FALSE(open()) << path;
    replace(path, bytes);
  }
  ASSERT_TRUE(open());
  EXPECT_EQ(replayed_, written_);
}

TEST_F(CommitLogTest, DataThatLooksLikeARecordIsNone) {
  std::string forged(block - 64, 'x');
  std::string record(block, '\0');
  log_format::put_record(record.data(), {'n', 'o'}, log_format::Type::commit, 1000, 1, "forged");
  {
    auto log = open().value();
    append(*log, 2);
    written_.push_back(forged + record + record);
    ASSERT_TRUE(log->append(written_.back()));
  }
  flip("/log/0000.log", (4 * block + 8) * 8);  // the last record's header
  written_.pop_back();
  ASSERT_TRUE(open());
  EXPECT_EQ(replayed_, written_);
}

TEST_F(CommitLogTest, DyingAtAnyOperationLosesNothingThatWasAcknowledged) {
  for (const bool keep_some : {false, true}) {
    for (std::uint64_t step = 0;; ++step) {
      SCOPED_TRACE(testing::Message() << "step " << step << ", keep some: " << keep_some);
      MemoryFileSystem files;
      FaultyFileSystem disk(files);
      SeededRandom random(step);
      std::vector<std::string> written, replayed;
      const auto open_log = [&](std::uint64_t applied) {
        replayed.clear();
        return CommitLog::open(disk, "/log", {.segment_bytes = 8 * block, .new_id = {'i'}}, applied,
                               [&](std::string_view record) -> Result<void> {
                                 replayed.emplace_back(record);
                                 return {};
                               });
      };
      std::size_t acknowledged = 0;
      std::uint64_t applied = 0;
      std::size_t held_by_tables = 0;
      disk.fail_at(step, Fault::dies);
      if (auto log = open_log(0)) {
        for (int i = 0; i < 40; ++i) {
          written.push_back(payload(static_cast<std::uint64_t>(i), i % 7 == 3 ? 3 * block : 50));
          if (!(*log)->append(written.back())) break;
          ++acknowledged;
          if (i % 10 != 9) continue;
          applied = (*log)->last();
          held_by_tables = acknowledged;
          (*log)->release(applied);
        }
      }
      const bool failed = disk.has_failed();
      files.power_cut(keep_some ? &random : nullptr);
      disk.revive();
      const auto opened = open_log(applied);
      ASSERT_TRUE(opened) << opened.error().message;
      const std::size_t there = held_by_tables + replayed.size();
      ASSERT_GE(there, acknowledged);
      ASSERT_LE(there, written.size());
      for (std::size_t i = held_by_tables; i < there; ++i)
        ASSERT_EQ(replayed[i - held_by_tables], written[i]);
      ASSERT_TRUE((*opened)->append("more"));
      if (!failed) break;
    }
  }
}

}  // namespace
}  // namespace larder::storage::test
