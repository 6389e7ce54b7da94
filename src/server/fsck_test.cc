// The check of a whole data directory: all services' records, damaged metadata, quarantine.
#include "server/fsck.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/async/blocking_pool.h"
#include "base/log.h"
#include "iam/iam.h"
#include "s3/s3.h"
#include "server/timed_pace.h"
#include "storage/data_directory.h"
#include "storage/errors.h"
#include "storage/memory_file_system.h"
#include "storage/testing/faulty_file_system.h"
#include "storage/testing/run.h"
#include "sts/session_tokens.h"

namespace larder::server {
namespace {

using storage::Finding;
using storage::test::run;

class Findings final : public FsckObserver {
 public:
  void found(const Finding& finding) override { all.push_back(finding); }
  void progressed(const s3::FsckTally&, std::uint64_t bytes) override { bytes_read = bytes; }

  std::vector<Finding> all;
  std::uint64_t bytes_read = 0;
};

class FsckOfAll : public ::testing::Test {
 protected:
  FsckOfAll() {
    log::set_level(log::Level::error);
    const auto data = open();
    iam::Iam iam(data->kv(), data->sealer(), clock_, random_);
    EXPECT_TRUE(run(iam.load()));
    account_ = iam.accounts().list().at(0).id;
    sts::SessionTokens tokens(data->kv(), data->sealer(), random_);
    EXPECT_TRUE(run(tokens.load()));
    s3::Usage usage(data->kv(), nullptr);
    EXPECT_TRUE(run(usage.load()));
    s3::Buckets buckets(data->kv(), random_, usage);
    EXPECT_TRUE(run(buckets.create("photos", account_, "us-east-1", clock_.now())));
    put(*data, "iam/" + account_, "!revision", "00000000000000000001-0123456789abcdef");
  }

  std::unique_ptr<storage::DataDirectory> open() {
    return storage::open_data_directory("/data", files_, pool_, random_).value();
  }
  static void put(storage::DataDirectory& data, std::string partition, std::string key,
                  std::string value) {
    std::vector<storage::Write> writes;
    writes.push_back({std::move(key), std::move(value)});
    EXPECT_TRUE(run(data.kv().commit(std::move(partition), {}, std::move(writes))));
  }
  void put(std::string partition, std::string key, std::string value) {
    put(*open(), std::move(partition), std::move(key), std::move(value));
  }
  Findings check(bool quarantine = false) {
    Findings findings;
    const FsckOptions options{.data = "/data", .quarantine = quarantine};
    const auto summary = fsck(options, files_, random_, findings);
    EXPECT_TRUE(summary) << summary.error().message;
    const auto damaged = std::ranges::count(findings.all, Finding::Grade::damage, &Finding::grade);
    if (summary) EXPECT_EQ(summary->damaged, static_cast<std::uint64_t>(damaged));
    return findings;
  }
  /// That there is such a finding.
  void expect(std::string_view partition, std::string_view record, std::string_view what) {
    const auto findings = check();
    std::string all;
    for (const auto& finding : findings.all) {
      all += storage::describe(finding) + "\n";
      if (finding.partition == partition && finding.record == record &&
          finding.what.find(what) != std::string::npos)
        return;
    }
    ADD_FAILURE() << "no finding of " << partition << " " << record << ": " << what << ", but\n"
                  << all;
  }

  storage::MemoryFileSystem files_;
  BlockingPool pool_{2, 100};
  SeededRandom random_{7};
  ManualClock clock_{Time(std::chrono::seconds(1'700'000'000))};
  std::string account_;
};

TEST_F(FsckOfAll, WhatAServerMakesIsClean) {
  for (const auto& finding : check().all) ADD_FAILURE() << storage::describe(finding);
}

TEST_F(FsckOfAll, AccountsAndTheirNamesAreCheckedBothWays) {
  put("accounts", "name/nobody", "999999999999");
  expect("accounts", "name/nobody", "an account that is not there");
  put("accounts", "name/another", account_);
  expect("accounts", "name/another", "an account of another name");
  put("accounts", "name/default", "999999999999");
  expect("accounts", "account/" + account_, "not found by name/default");
  put("accounts", "account/" + account_, "{}");
  expect("accounts", "account/" + account_, "cannot be read");
}

TEST_F(FsckOfAll, RecordsOfEveryServiceAreRead) {
  put("iam/" + account_, "user/alice", "garbage");
  expect("iam/" + account_, "user/alice", "");
  put("iam/" + account_, "!revision", "one");
  expect("iam/" + account_, "!revision", "damaged");
  put("iam/888888888888", "!revision", "00000000000000000001-0123456789abcdef");
  expect("iam/888888888888", "", "the account does not exist");
  put("instances/" + account_, "instance/i-1", "garbage");
  expect("instances/" + account_, "instance/i-1", "");
  put("sessions", "key/00112233", std::string(61, 'x'));
  expect("sessions", "key/00112233", "cannot be opened");
  put("buckets", "another", "garbage");
  expect("buckets", "another", "damaged");
  put("curious", "k", "v");
  expect("curious", "", "does not know");
}

TEST_F(FsckOfAll, DamagedMetadataIsAFindingAndNotTheEnd) {
  open();  // what the log had is in a table now
  bool flipped = false;
  for (const auto& name : files_.children("/data/kv").value()) {
    if (!name.ends_with(".sst")) continue;
    const auto path = "/data/kv/" + name;
    auto bytes = storage::read_small_file(files_, path, 10'000'000).value();
    bytes[10] = static_cast<char>(bytes[10] ^ 4);
    ASSERT_TRUE(files_.create(path, 0600).value()->append(bytes));
    flipped = true;
  }
  ASSERT_TRUE(flipped);
  const auto findings = check();
  ASSERT_FALSE(findings.all.empty());
  EXPECT_NE(findings.all[0].what.find(".sst"), std::string::npos) << findings.all[0].what;
}

TEST_F(FsckOfAll, MetadataThatCannotBeOpenedIsAFinding) {
  ASSERT_TRUE(files_.create("/data/kv/CURRENT", 0600).value()->append("MANIFEST-999999\n"));
  Findings findings;
  const auto summary = fsck({.data = "/data"}, files_, random_, findings);
  if (summary) {
    EXPECT_EQ(summary->damaged, 1u);
  } else {
    EXPECT_EQ(summary.error().code, codes::storage_failure);
  }
}

TEST_F(FsckOfAll, ADiskThatDiesIsNeverCalledClean) {
  open();
  storage::test::FaultyFileSystem disk(files_);
  for (std::uint64_t step = 0;; ++step) {
    disk.fail_at(step, storage::test::Fault::dies);
    Findings findings;
    const auto summary = fsck({.data = "/data"}, disk, random_, findings);
    const bool died = disk.has_failed();
    disk.revive();
    if (!died) break;
    ASSERT_TRUE(!summary || summary->damaged > 0) << "step " << step;
  }
  EXPECT_TRUE(check().all.empty());
}

TEST_F(FsckOfAll, ADirectoryInUseIsNotChecked) {
  const auto data = open();
  Findings findings;
  const auto refused = fsck({.data = "/data"}, files_, random_, findings);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, codes::locked);
}

TEST(WeeklyRate, ReadsAllInAWeekAndIsNeverTooSlow) {
  EXPECT_EQ(weekly_rate(0), 4u << 20);
  EXPECT_EQ(weekly_rate(604'800ull * 100'000'000), 100'000'000u);
}

}  // namespace
}  // namespace larder::server
