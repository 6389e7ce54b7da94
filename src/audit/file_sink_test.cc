#include "audit/file_sink.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <thread>
#include <vector>

#include "audit/log_files.h"
#include "base/metrics_registry.h"
#include "base/random.h"
#include "base/testing/exposition.h"
#include "codec/iso8601.h"
#include "codec/json.h"
#include "storage/memory_file_system.h"
#include "storage/testing/faulty_file_system.h"
#include "storage/testing/temporary_directory.h"

namespace larder::audit {
namespace {

using namespace std::chrono_literals;
using storage::test::Fault;

constexpr std::size_t line_about = 700;  // bytes of a line of these tests, about

std::string read_whole(storage::FileSystem& files, const std::string& path) {
  return storage::read_small_file(files, path, 4 << 20).value();
}

/// The request ids of all lines, in the order of the files. Each line must be a JSON object.
std::vector<std::string> requests(storage::FileSystem& files, const std::string& directory) {
  std::vector<std::string> found;
  const auto names = log_file_names(files, directory).value();
  for (const auto& name : names) {
    const auto content = read_whole(files, directory + "/" + name);
    for (std::size_t begin = 0; begin < content.size();) {
      const auto end = content.find('\n', begin);
      if (end == std::string::npos) {
        ADD_FAILURE() << name << " ends with half a line";
        return found;
      }
      const auto line = std::string_view(content).substr(begin, end - begin);
      begin = end + 1;
      const auto json = parse_json(line);
      if (!json || !json->is_object()) {
        ADD_FAILURE() << name << " has: " << line;
        continue;
      }
      const auto* id = json->as_object().if_contains("requestID");
      found.emplace_back(id == nullptr ? "(none)" : id->as_string().c_str());
    }
  }
  return found;
}

std::vector<std::string> numbers(int from, int to) {
  std::vector<std::string> out;
  for (int i = from; i < to; ++i) out.push_back(std::to_string(i));
  return out;
}

/// Without the thread: what it does, the tests do.
FileSinkOptions by_hand() {
  FileSinkOptions options;
  options.sync_every = 0ms;
  return options;
}

class FileSinkTest : public ::testing::Test {
 protected:
  FileSinkTest() { open(by_hand()); }

  void open(const FileSinkOptions& options) {
    sink_.reset();
    auto opened = FileSink::open(directory_, files_, clock_, options);
    ASSERT_TRUE(opened) << opened.error().message;
    sink_ = *std::move(opened);
  }

  aws::AuditEvent event(const std::string& request_id) const {
    aws::AuditEvent out;
    out.time = clock_.now();
    out.request_id = request_id;
    out.source = "s3.amazonaws.com";
    out.name = "PutObject";
    out.read_only = false;
    out.object_data = true;
    out.bucket = "photos";
    return out;
  }
  Result<void> append(int number) { return sink_->append(event(std::to_string(number))); }
  std::vector<std::string> written() { return requests(memory_, directory_); }
  std::vector<std::string> names() { return log_file_names(memory_, directory_).value(); }

  const std::string directory_ = "/audit";
  storage::MemoryFileSystem memory_;
  storage::test::FaultyFileSystem files_{memory_};
  ManualClock clock_{*parse_iso8601("2026-11-23T12:00:00Z")};
  std::unique_ptr<FileSink> sink_;
};

TEST_F(FileSinkTest, ALineIsThereWhenAppendReturns) {
  ASSERT_TRUE(append(0));
  ASSERT_TRUE(append(1));
  EXPECT_EQ(written(), numbers(0, 2));
  EXPECT_TRUE(sink_->ready());
  EXPECT_EQ(names(), std::vector<std::string>{"audit-2026-11-23T12-00-00Z-0001.jsonl"});
}

TEST_F(FileSinkTest, IsForItsOwnerOnly) {
  EXPECT_EQ(memory_.info(directory_).value()->mode, 0700u);
  EXPECT_EQ(memory_.info(directory_ + "/" + names().at(0)).value()->mode, 0600u);
}

TEST_F(FileSinkTest, AFileBeginsWhenTheLastIsFull) {
  auto options = by_hand();
  options.rotate_bytes = 5 * line_about;
  open(options);
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(append(i));
  EXPECT_EQ(written(), numbers(0, 40));
  EXPECT_GE(names().size(), 5u);
  for (const auto& name : names())
    EXPECT_LE(memory_.info(directory_ + "/" + name).value()->size, options.rotate_bytes);
}

TEST_F(FileSinkTest, AFileBeginsWithTheDay) {
  ASSERT_TRUE(append(0));
  clock_.set(*parse_iso8601("2026-11-23T23:59:59.999Z"));
  ASSERT_TRUE(append(1));
  clock_.set(*parse_iso8601("2026-11-24T00:00:00Z"));
  ASSERT_TRUE(append(2));
  const std::vector<std::string> expected = {"audit-2026-11-23T12-00-00Z-0001.jsonl",
                                             "audit-2026-11-24T00-00-00Z-0001.jsonl"};
  EXPECT_EQ(names(), expected);
  EXPECT_EQ(written(), numbers(0, 3));
}

TEST_F(FileSinkTest, AFileWithoutALineGoesWithItsDay) {
  clock_.advance(24h);
  ASSERT_TRUE(append(0));
  EXPECT_EQ(names(), std::vector<std::string>{"audit-2026-11-24T12-00-00Z-0001.jsonl"});
}

TEST_F(FileSinkTest, AClockThatIsSetBackDoesNotEndTheFile) {
  ASSERT_TRUE(append(0));
  clock_.advance(-24h);
  ASSERT_TRUE(append(1));
  EXPECT_EQ(names().size(), 1u);
}

TEST_F(FileSinkTest, OldFilesGoAfterTheDaysTheyAreKept) {
  auto options = by_hand();
  options.keep_days = 2;
  open(options);
  for (int day = 0; day < 6; ++day) {
    ASSERT_TRUE(append(day));
    ASSERT_TRUE(sink_->maintain());
    clock_.advance(24h);
  }
  EXPECT_EQ(written(), numbers(3, 6));
}

TEST_F(FileSinkTest, FilesAreKeptForEverWhenToldSo) {
  auto options = by_hand();
  options.keep_days = 0;
  open(options);
  for (int day = 0; day < 5; ++day) {
    ASSERT_TRUE(append(day));
    ASSERT_TRUE(sink_->maintain());
    clock_.advance(24h * 365);
  }
  EXPECT_EQ(written(), numbers(0, 5));
}

TEST_F(FileSinkTest, TheFilesTogetherStayWithinTheirBytes) {
  auto options = by_hand();
  options.rotate_bytes = 4 * line_about;
  options.keep_bytes = 20 * line_about;
  open(options);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(append(i));
    ASSERT_TRUE(sink_->maintain());
  }
  std::uint64_t total = 0;
  for (const auto& name : names()) total += memory_.info(directory_ + "/" + name).value()->size;
  EXPECT_LE(total, options.keep_bytes);
  const auto left = written();
  ASSERT_GT(left.size(), 5u);
  EXPECT_EQ(left, numbers(100 - static_cast<int>(left.size()), 100));
}

TEST_F(FileSinkTest, OnlyItsOwnFilesGo) {
  auto options = by_hand();
  options.keep_days = 1;
  for (const auto* name : {"notes.txt", "audit-2020-01-01T00-00-00Z-0001.jsonl.gz",
                           "audit-2020-01-01.jsonl", "audit-2020-01-01T00-00-00Z-0001.jsonl"})
    ASSERT_TRUE(memory_.create(directory_ + "/" + std::string(name), 0600));
  open(options);
  auto left = memory_.children(directory_).value();
  std::ranges::sort(left);
  const std::vector<std::string> expected = {"audit-2020-01-01.jsonl",
                                             "audit-2020-01-01T00-00-00Z-0001.jsonl.gz",
                                             "audit-2026-11-23T12-00-00Z-0001.jsonl", "notes.txt"};
  EXPECT_EQ(left, expected);
}

TEST_F(FileSinkTest, ObjectReadsAndWritesAreSwitchedOffPerBucket) {
  auto options = by_hand();
  options.object_reads_off = {"photos"};
  options.object_writes_off = {"scratch"};
  open(options);
  int number = 0;
  for (const auto* bucket : {"photos", "scratch"}) {
    for (const bool object_data : {true, false}) {
      for (const bool read_only : {true, false}) {
        auto one = event(std::to_string(number++));
        one.bucket = bucket;
        one.object_data = object_data;
        one.read_only = read_only;
        ASSERT_TRUE(sink_->append(one));
      }
    }
  }
  const std::vector<std::string> expected = {"1", "2", "3", "4", "6", "7"};
  EXPECT_EQ(written(), expected);
}

TEST_F(FileSinkTest, TheNextOneGoesOnWithTodaysFile) {
  ASSERT_TRUE(append(0));
  open(by_hand());
  ASSERT_TRUE(append(1));
  EXPECT_EQ(names().size(), 1u);
  clock_.advance(24h);
  open(by_hand());
  ASSERT_TRUE(append(2));
  EXPECT_EQ(names().size(), 2u);
  EXPECT_EQ(written(), numbers(0, 3));
}

TEST_F(FileSinkTest, HalfALineOfACrashBecomesALineOfItsOwn) {
  ASSERT_TRUE(append(0));
  sink_.reset();
  {
    auto file = memory_.open_to_append(directory_ + "/" + names().at(0)).value();
    ASSERT_TRUE(file->append("{\"eventName\":\"Put"));
  }
  open(by_hand());
  ASSERT_TRUE(append(1));
  const std::vector<std::string> expected = {"0", "(none)", "1"};
  EXPECT_EQ(written(), expected);
  const auto content = read_whole(memory_, directory_ + "/" + names().at(0));
  EXPECT_NE(content.find("{\\\"eventName\\\":\\\"Put\""), std::string::npos) << content;
}

TEST_F(FileSinkTest, AFileOthersMayReadIsNotContinued) {
  sink_.reset();
  const auto name = log_file_name(clock_.now(), 2);
  ASSERT_TRUE(memory_.create(directory_ + "/" + name, 0644));
  open(by_hand());
  ASSERT_TRUE(append(0));
  EXPECT_EQ(names().size(), 3u);
  EXPECT_EQ(memory_.info(directory_ + "/" + name).value()->size, 0u);
}

TEST_F(FileSinkTest, NothingIsSyncedWhenNothingWasWritten) {
  ASSERT_TRUE(append(0));
  ASSERT_TRUE(sink_->maintain());
  files_.fail_at(1000, Fault::io_error);  // counts from here
  ASSERT_TRUE(sink_->maintain());
  EXPECT_EQ(files_.operations(), 1u);  // the free space
}

TEST_F(FileSinkTest, WhatWasSyncedSurvivesAPowerCut) {
  ASSERT_TRUE(append(0));
  ASSERT_TRUE(append(1));
  ASSERT_TRUE(sink_->maintain());
  ASSERT_TRUE(append(2));
  files_.fail_at(0, Fault::dies);
  sink_.reset();
  memory_.power_cut(nullptr);
  files_.revive();
  open(by_hand());
  EXPECT_EQ(written(), numbers(0, 2));
}

TEST_F(FileSinkTest, AnyPowerCutLeavesAllThatWasSynced) {
  SeededRandom random(7);
  for (int round = 0; round < 30; ++round) {
    ASSERT_TRUE(append(2 * round));
    ASSERT_TRUE(sink_->maintain());
    ASSERT_TRUE(append(2 * round + 1));
    files_.fail_at(0, Fault::dies);
    sink_.reset();
    memory_.power_cut(&random);
    files_.revive();
    open(by_hand());
    ASSERT_TRUE(sink_->ready());
  }
  std::string all;
  for (const auto& name : names()) all += read_whole(memory_, directory_ + "/" + name);
  for (int round = 0; round < 30; ++round) {
    const auto id = "\"requestID\":\"" + std::to_string(2 * round) + "\"";
    EXPECT_NE(all.find(id), std::string::npos) << id;
  }
}

class FailingWrite : public FileSinkTest, public ::testing::WithParamInterface<Fault> {};

TEST_P(FailingWrite, RefusesChangesUntilARetrySucceedsAndLosesNoLine) {
  ASSERT_TRUE(append(0));
  files_.fail_at(0, GetParam());
  const auto failed = append(1);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, codes::service_unavailable);
  EXPECT_FALSE(sink_->ready());
  EXPECT_FALSE(append(2));  // not tried
  EXPECT_FALSE(sink_->ready());
  files_.revive();
  ASSERT_TRUE(sink_->maintain());
  EXPECT_TRUE(sink_->ready());
  ASSERT_TRUE(append(3));
  EXPECT_EQ(written(), numbers(0, 4));
}

INSTANTIATE_TEST_SUITE_P(Faults, FailingWrite,
                         ::testing::Values(Fault::dies, Fault::io_error, Fault::disk_full,
                                           Fault::short_write));

TEST_F(FileSinkTest, ARetryThatFailsAtAnyStepIsFollowedByAnother) {
  for (std::uint64_t step = 0;; ++step) {
    ASSERT_LT(step, 50u);
    sink_.reset();
    for (const auto& name : names()) ASSERT_TRUE(memory_.remove_file(directory_ + "/" + name));
    open(by_hand());
    ASSERT_TRUE(append(0));
    files_.fail_at(0, Fault::short_write);
    ASSERT_FALSE(append(1));
    files_.fail_at(step, Fault::short_write);
    const auto first = sink_->maintain();
    const bool failed = files_.has_failed();
    files_.revive();
    ASSERT_TRUE(sink_->maintain());
    EXPECT_TRUE(sink_->ready());
    ASSERT_TRUE(append(2));
    EXPECT_EQ(written(), numbers(0, 3)) << "step " << step;
    if (!failed) {
      EXPECT_TRUE(first);
      break;
    }
  }
}

TEST_F(FileSinkTest, AFailedSyncEndsTheFileAndRefusesChangesUntilARetrySucceeds) {
  ASSERT_TRUE(append(0));
  files_.fail_at(0, Fault::io_error);
  EXPECT_FALSE(sink_->maintain());
  EXPECT_FALSE(sink_->ready());
  ASSERT_TRUE(sink_->maintain());
  EXPECT_TRUE(sink_->ready());
  ASSERT_TRUE(append(1));
  EXPECT_EQ(names().size(), 2u);
  EXPECT_EQ(written(), numbers(0, 2));
}

TEST_F(FileSinkTest, CountsWhatItWroteAndWhatItCouldNot) {
  metrics::Registry registry;
  sink_->register_metrics(registry);
  const auto shown = [&](std::string_view name) {
    const auto read = metrics::testing::parse_exposition(registry.text());
    return read ? read->value(name).value_or(-1) : -1;
  };
  ASSERT_TRUE(append(0));
  EXPECT_EQ(shown("larder_audit_lines_total"), 1);
  EXPECT_GT(shown("larder_audit_written_bytes_total"), line_about / 2);
  EXPECT_EQ(shown("larder_audit_ready"), 1);
  files_.fail_at(0, Fault::dies);
  EXPECT_FALSE(append(1));
  EXPECT_FALSE(append(2));
  EXPECT_EQ(shown("larder_audit_line_failures_total"), 2);
  EXPECT_EQ(shown("larder_audit_ready"), 0);
  files_.revive();
  ASSERT_TRUE(sink_->maintain());
  EXPECT_EQ(shown("larder_audit_lines_total"), 3);
  EXPECT_EQ(shown("larder_audit_lines_lost_total"), 0);
  ASSERT_TRUE(append(3));
  files_.fail_at(0, Fault::io_error);
  ASSERT_FALSE(sink_->maintain());
  EXPECT_EQ(shown("larder_audit_sync_failures_total"), 1);
  EXPECT_EQ(shown("larder_audit_ready"), 0);
}

TEST_F(FileSinkTest, AFileThatCannotBeBegunRefusesChanges) {
  ASSERT_TRUE(append(0));
  ASSERT_TRUE(sink_->maintain());
  clock_.advance(24h);
  files_.fail_at(0, Fault::dies);
  EXPECT_FALSE(append(1));
  EXPECT_FALSE(sink_->maintain());
  EXPECT_FALSE(sink_->ready());
  files_.revive();
  ASSERT_TRUE(sink_->maintain());
  EXPECT_TRUE(sink_->ready());
  EXPECT_EQ(names().size(), 2u);
  EXPECT_EQ(written(), numbers(0, 2));
}

TEST_F(FileSinkTest, WhatIsKeptWhileFailingIsBounded) {
  files_.fail_at(0, Fault::dies);
  for (int i = 0; i < 4000; ++i) EXPECT_FALSE(append(i));
  files_.revive();
  ASSERT_TRUE(sink_->maintain());
  const auto kept = written();
  EXPECT_LT(kept.size(), 4000u);
  EXPECT_EQ(kept, numbers(0, static_cast<int>(kept.size())));
}

TEST_F(FileSinkTest, ChangesAreRefusedBeforeTheDiskIsFull) {
  ASSERT_TRUE(append(0));
  memory_.set_free_space(1000);
  ASSERT_TRUE(sink_->maintain());
  EXPECT_FALSE(sink_->ready());
  EXPECT_TRUE(append(1));  // of what was under way, and of reads
  memory_.set_free_space(1 << 30);
  ASSERT_TRUE(sink_->maintain());
  EXPECT_TRUE(sink_->ready());
  EXPECT_EQ(written(), numbers(0, 2));
}

TEST_F(FileSinkTest, TheRoomIsLookedAtBetweenMaintenancesToo) {
  memory_.set_free_space(64 * 1024);  // a small disk: 16 KiB are kept free
  open(by_hand());
  EXPECT_TRUE(sink_->ready());
  memory_.set_free_space(10 * 1024);
  for (int i = 0; i < 10 && sink_->ready(); ++i) ASSERT_TRUE(append(i));
  EXPECT_FALSE(sink_->ready());
}

TEST_F(FileSinkTest, LinesOfSeveralCoresDoNotMix) {
  constexpr int threads = 4;
  constexpr int lines = 250;
  FileSinkOptions options;
  options.sync_every = 1ms;
  options.rotate_bytes = 20 * line_about;
  open(options);
  {
    std::vector<std::jthread> cores;
    for (int core = 0; core < threads; ++core)
      cores.emplace_back([this, core] {
        for (int i = 0; i < lines; ++i) EXPECT_TRUE(append(core * lines + i));
      });
  }
  sink_.reset();
  const auto found = written();
  EXPECT_EQ(found.size(), static_cast<std::size_t>(threads * lines));
  const std::set<std::string> distinct(found.begin(), found.end());
  EXPECT_EQ(distinct.size(), found.size());
}

TEST(FileSink, WorksOnTheOperatingSystemsFiles) {
  const storage::test::TemporaryDirectory parent;
  const std::string directory = parent.path() + "/audit";
  storage::PosixFileSystem files;
  const ManualClock clock(*parse_iso8601("2026-11-23T12:00:00Z"));
  for (const auto* id : {"a", "b"}) {
    const auto sink = FileSink::open(directory, files, clock).value();
    aws::AuditEvent event;
    event.request_id = id;
    ASSERT_TRUE(sink->append(event));
  }
  const std::vector<std::string> expected = {"a", "b"};
  EXPECT_EQ(requests(files, directory), expected);
  const auto names = log_file_names(files, directory).value();
  ASSERT_EQ(names.size(), 1u);
  EXPECT_EQ(files.info(directory).value()->mode, 0700u);
  EXPECT_EQ(files.info(directory + "/" + names.at(0)).value()->mode, 0600u);
}

TEST(FileSink, ADirectoryThatCannotBeMadeIsAnErrorAtOnce) {
  storage::MemoryFileSystem files;
  const ManualClock clock(*parse_iso8601("2026-11-23T12:00:00Z"));
  EXPECT_FALSE(FileSink::open("/absent/audit", files, clock));
}

}  // namespace
}  // namespace larder::audit
