// The checking of objects beside requests.
#include "s3/scrub.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/log.h"
#include "s3/testing/stored_world.h"
#include "s3/testing/usage_check.h"
#include "storage/errors.h"
#include "storage/testing/run.h"

namespace larder::s3::test {
namespace {

using storage::Finding;
using storage::test::run;

constexpr ErrorCode enough{"Enough", 500};

/// Time passes as bytes are read, and when it is rested; ends the check when it is told.
class TestPace final : public Pace {
 public:
  explicit TestPace(ManualClock& clock) : clock_(clock) {}

  Task<Result<void>> spend(std::uint64_t bytes) override {
    clock_.advance(std::chrono::seconds(30));
    spent += bytes;
    if (meanwhile) {
      auto act = std::move(meanwhile);
      meanwhile = nullptr;
      co_await act();
    }
    if (at_every_spend) co_await at_every_spend();
    if (spends_left-- == 0) co_return fail(enough, "");
    co_return Result<void>();
  }
  Task<Result<void>> rest_until(Time time) override {
    rests.push_back(time);
    if (rests_left-- == 0) co_return fail(enough, "");
    if (time > clock_.now()) clock_.set(time);
    co_return Result<void>();
  }

  std::uint64_t spent = 0;
  std::vector<Time> rests;
  int spends_left = -1;  // negative: for ever
  int rests_left = -1;
  std::function<Task<void>()> meanwhile;  // once, at the next spend
  std::function<Task<void>()> at_every_spend;

 private:
  ManualClock& clock_;
};

/// Says SlowDown so often before it reads.
class BusyBlobs final : public storage::Blobs {
 public:
  BusyBlobs(storage::Blobs& below, int times) : below_(below), times_(times) {}
  Task<Result<std::unique_ptr<storage::BlobWriter>>> create(storage::BlobId id) override {
    co_return co_await below_.create(id);
  }
  Task<Result<std::optional<std::unique_ptr<ByteSource>>>> read(storage::BlobId id,
                                                                storage::ByteRange range) override {
    if (times_-- > 0) co_return fail(codes::slow_down, "");
    co_return co_await below_.read(id, range);
  }
  Task<Result<void>> remove(storage::BlobId id) override { co_return co_await below_.remove(id); }
  Task<Result<std::vector<storage::BlobId>>> list(std::optional<storage::BlobId> after,
                                                  std::size_t limit) override {
    co_return co_await below_.list(after, limit);
  }

 private:
  storage::Blobs& below_;
  int times_;
};

class ScrubTest : public ::testing::Test {
 protected:
  ScrubTest() {
    log::set_level(log::Level::error);
    stored_.fill();
    restart();
  }

  /// As another process would go on.
  void restart() { scrub_ = make(stored_.data().blobs()); }
  std::unique_ptr<Scrub> make(storage::Blobs& blobs) {
    return std::make_unique<Scrub>(stored_.data().kv(), blobs, world_.s3.contents(), clock_,
                                   world_.s3.usage(), pace_,
                                   [this](const Finding& finding) { found_.push_back(finding); });
  }

  StoredWorld stored_;
  World& world_ = stored_.world();
  ManualClock& clock_ = world_.clock;
  TestPace pace_{clock_};
  std::vector<Finding> found_;
  std::unique_ptr<Scrub> scrub_;
};

TEST_F(ScrubTest, AWholeStoreIsReadOnceAndNothingIsSaid) {
  ASSERT_TRUE(run(scrub_->run_pass()));
  EXPECT_TRUE(found_.empty());
  EXPECT_EQ(scrub_->counters().passes, 1u);
  EXPECT_EQ(scrub_->counters().records, 4u);
  EXPECT_EQ(scrub_->counters().bytes, 600'000u + (5 << 20) + 100 + 10'000);
}

TEST_F(ScrubTest, AFlippedBitIsReportedOnceHoweverOftenItIsRead) {
  stored_.flip(stored_.blob("large"), 8 * 1000);
  ASSERT_TRUE(run(scrub_->run_pass()));
  ASSERT_TRUE(run(scrub_->run_pass()));
  ASSERT_EQ(found_.size(), 1u);
  EXPECT_EQ(found_[0].bucket, "photos");
  EXPECT_EQ(found_[0].key, "large");
  EXPECT_EQ(found_[0].bytes->offset, 0u);
  EXPECT_EQ(scrub_->counters().damaged, 1u);
  EXPECT_EQ(scrub_->counters().passes, 2u);
}

TEST_F(ScrubTest, AMissingBlobAndADamagedRecordAreReported) {
  ASSERT_TRUE(stored_.files().remove_file(StoredWorld::path_of(stored_.blob("album", 1))));
  stored_.set_record("small", "garbage");
  ASSERT_TRUE(run(scrub_->run_pass()));
  ASSERT_EQ(found_.size(), 2u);
  EXPECT_EQ(found_[0].key, "album");
  EXPECT_EQ(found_[0].what, "the blob is missing");
  EXPECT_EQ(found_[1].key, "small");
}

TEST_F(ScrubTest, ItGoesOnWhereItStopped) {
  for (int i = 0; i < 20; ++i)
    ASSERT_EQ(world_.send("PUT", "/photos/p" + std::to_string(i), std::string(5000, 'x')).status,
              200);
  stored_.flip(stored_.blob("p9"), 8 * 100);  // the last of these, by name
  std::uint64_t records = 0;
  int lives = 0;
  for (bool done = false; !done; ++lives) {
    ASSERT_LT(lives, 100);
    pace_.spends_left = 25;
    restart();
    done = run(scrub_->run_pass()).has_value();
    records += scrub_->counters().records;
  }
  EXPECT_GT(lives, 2);
  ASSERT_GE(found_.size(), 1u);
  EXPECT_EQ(found_[0].key, "p9");
  // Of what was read since the position was saved, a minute ago, some is read twice.
  EXPECT_GE(records, 24u);
  EXPECT_LE(records, 24u + 3 * static_cast<unsigned>(lives));
}

TEST_F(ScrubTest, APositionThatCannotBeReadCostsAPassFromTheBeginning) {
  const std::vector<storage::Write> garbage{{"position", "?"}};
  ASSERT_TRUE(run(stored_.data().kv().commit("scrub", {}, garbage)));
  ASSERT_TRUE(run(scrub_->run_pass()));
  EXPECT_EQ(scrub_->counters().records, 4u);
}

TEST_F(ScrubTest, AnObjectThatIsReplacedMeanwhileIsNoDamage) {
  // `album` comes first: it is read from the index, and then it is gone.
  pace_.meanwhile = [this]() -> Task<void> {
    const auto reply = co_await world_.serve("DELETE", "/photos/album", "", {});
    EXPECT_EQ(reply.status, 204);
  };
  ASSERT_TRUE(run(scrub_->run_pass()));
  EXPECT_TRUE(found_.empty());
  EXPECT_EQ(scrub_->counters().bytes, 600'000u + 10'000);
}

TEST_F(ScrubTest, WrongNumbersOfWhatABucketHoldsAreReportedAndPutRight) {
  std::vector<storage::Write> writes;
  add_to({.objects = 1, .bytes = -30, .uploads = 7, .upload_bytes = -20'000}, writes);
  ASSERT_TRUE(run(stored_.data().kv().commit(stored_.index_partition(), {}, std::move(writes))));
  ASSERT_TRUE(run(scrub_->run_pass()));
  ASSERT_EQ(found_.size(), 1u);
  EXPECT_EQ(found_[0].bucket, "photos");
  EXPECT_EQ(
      found_[0].what,
      "the bucket holds 3 objects of 5842991 bytes, 1 uploads of 10000 bytes, and its numbers "
      "say 4 objects of 5842961 bytes, 8 uploads of -10000 bytes; the server puts them right");
  expect_exact_use(world_, stored_.data().kv());
  ASSERT_TRUE(run(scrub_->run_pass()));
  EXPECT_EQ(found_.size(), 1u);
}

TEST_F(ScrubTest, ABucketThatIsWrittenToWhileItIsCountedIsLeftToTheNextPass) {
  std::vector<storage::Write> writes;
  add_to({.objects = 1}, writes);
  ASSERT_TRUE(run(stored_.data().kv().commit(stored_.index_partition(), {}, std::move(writes))));
  pace_.at_every_spend = [this]() -> Task<void> {
    const auto reply = co_await world_.serve("PUT", "/photos/small", "other bytes", {});
    EXPECT_EQ(reply.status, 200);
  };
  ASSERT_TRUE(run(scrub_->run_pass()));
  EXPECT_TRUE(found_.empty());
  pace_.at_every_spend = nullptr;
  ASSERT_TRUE(run(scrub_->run_pass()));
  EXPECT_EQ(found_.size(), 1u);
  expect_exact_use(world_, stored_.data().kv());
}

TEST_F(ScrubTest, ABusyServerIsWaitedFor) {
  BusyBlobs busy(stored_.data().blobs(), 3);
  scrub_ = make(busy);
  ASSERT_TRUE(run(scrub_->run_pass()));
  EXPECT_TRUE(found_.empty());
  EXPECT_EQ(pace_.rests.size(), 3u);
  EXPECT_EQ(scrub_->counters().records, 4u);
}

TEST_F(ScrubTest, TheNextPassBeginsAWeekAfterTheOneBefore) {
  const Time begun = clock_.now();
  pace_.rests_left = 2;
  const auto ended = run(scrub_->run());
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, enough);
  ASSERT_EQ(pace_.rests.size(), 3u);
  EXPECT_LE(pace_.rests[0], begun) << "the first one at once";
  EXPECT_EQ(pace_.rests[1], begun + Scrub::interval);
  EXPECT_EQ(pace_.rests[2], begun + 2 * Scrub::interval);
  EXPECT_EQ(scrub_->counters().passes, 2u);
}

}  // namespace
}  // namespace larder::s3::test
