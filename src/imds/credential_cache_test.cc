#include "imds/credential_cache.h"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>

#include "imds/testing/scripted_source.h"

namespace larder::imds {
namespace {

using namespace std::chrono_literals;
using Outcome = Result<CredentialCache::Credentials>;

class Cache : public ::testing::Test {
 protected:
  // Begins a call; its outcome appears when it is there.
  std::optional<Outcome>& begin(const Profile& profile, Delivery delivery) {
    auto& outcome = outcomes_.emplace_back();
    boost::asio::co_spawn(
        io_, cache_.get(profile, delivery),
        [&outcome](std::exception_ptr, Outcome result) { outcome = std::move(result); });
    io_.restart();
    io_.poll();
    return outcome;
  }
  Outcome get(const Profile& profile, Delivery delivery = Delivery::v2) {
    return begin(profile, delivery).value();
  }
  std::string key() { return get(profile_).value()->access_key_id; }

  boost::asio::io_context io_;  // first: it outlives the timers of the others
  ManualClock clock_{Time(1'577'836'800s)};
  testing::ScriptedSource source_{clock_};
  Profile profile_ = *testing::example_view().profile;
  std::deque<std::optional<Outcome>> outcomes_;
  CredentialCache cache_{source_, clock_};
};

const Error away{codes::service_unavailable, "the server is away"};

TEST_F(Cache, GivesEveryoneTheSameForAnHour) {
  const auto first = get(profile_).value();
  clock_.advance(1h - 1s);
  EXPECT_EQ(get(profile_).value(), first);
  clock_.advance(1s);
  EXPECT_NE(get(profile_).value()->access_key_id, first->access_key_id);
  EXPECT_EQ(source_.fetches(), 2);
}

TEST_F(Cache, KeepsVersionsOneAndTwoApart) {
  const auto v1 = get(profile_, Delivery::v1).value();
  const auto v2 = get(profile_, Delivery::v2).value();
  EXPECT_TRUE(v1->access_key_id.ends_with("V1"));
  EXPECT_TRUE(v2->access_key_id.ends_with("V2"));
  EXPECT_EQ(get(profile_, Delivery::v1).value(), v1);
}

TEST_F(Cache, FetchesAnewForAnotherAssociationOrRole) {
  const std::string first = key();
  profile_.association_id = "iip-assoc-other";
  const std::string second = key();
  EXPECT_NE(second, first);
  profile_.role->id = "AROAOTHER";
  EXPECT_NE(key(), second);
  EXPECT_EQ(source_.fetches(), 3);
}

TEST_F(Cache, NeverGivesWhatIsAboutToExpire) {
  source_.live_for(80min);
  get(profile_).value();
  for (auto passed = 0min; passed < 10h; passed += 7min) {
    clock_.advance(7min);
    EXPECT_GE(get(profile_).value()->expiration - clock_.now(), 30min);
  }
}

TEST_F(Cache, KeepsShortLivedOnesForHalfTheirLife) {
  source_.live_for(15min);
  const std::string first = key();
  clock_.advance(7min);
  EXPECT_EQ(key(), first);
  clock_.advance(1min);
  EXPECT_NE(key(), first);
}

TEST_F(Cache, FetchesOnceForManyWhoWait) {
  source_.hold();
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(begin(profile_, Delivery::v2).has_value());
  EXPECT_EQ(source_.fetches(), 1);
  source_.release();
  io_.restart();
  io_.poll();
  for (const auto& outcome : outcomes_) {
    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(outcome->value(), outcomes_.front()->value());
  }
}

TEST_F(Cache, DoesNotGiveAFetchOfTheOldRoleToThoseOfTheNew) {
  source_.hold();
  const auto& old = begin(profile_, Delivery::v2);
  profile_.association_id = "iip-assoc-other";
  const auto& fresh = begin(profile_, Delivery::v2);
  EXPECT_EQ(source_.fetches(), 2);
  source_.release();
  io_.restart();
  io_.poll();
  EXPECT_NE(old->value()->access_key_id, fresh->value()->access_key_id);
  EXPECT_EQ(key(), fresh->value()->access_key_id);
}

TEST_F(Cache, SomebodyElseFetchesWhenTheOneWhoDoesIsCancelled) {
  source_.hold();
  boost::asio::cancellation_signal cancel;
  bool is_over = false;
  boost::asio::co_spawn(io_, cache_.get(profile_, Delivery::v2),
                        boost::asio::bind_cancellation_slot(
                            cancel.slot(), [&](std::exception_ptr, Outcome) { is_over = true; }));
  io_.poll();
  const auto& other = begin(profile_, Delivery::v2);
  cancel.emit(boost::asio::cancellation_type::terminal);
  source_.release();
  io_.restart();
  io_.poll();
  EXPECT_TRUE(is_over);
  EXPECT_TRUE(other->has_value());
}

TEST_F(Cache, GivesWhatIsStillValidWhileTheServerIsAway) {
  const std::string first = key();
  source_.fail_with(away);
  clock_.advance(6h - 1s);
  EXPECT_EQ(key(), first);
  clock_.advance(1s);
  const auto expired = get(profile_);
  ASSERT_FALSE(expired.has_value());
  EXPECT_EQ(expired.error().message, away.message);
  source_.fail_with(std::nullopt);
  clock_.advance(1s);
  EXPECT_NE(key(), first);
}

TEST_F(Cache, AsksAServerThatIsAwayOnceASecond) {
  source_.fail_with(away);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(get(profile_).has_value());
  EXPECT_EQ(source_.fetches(), 1);
  clock_.advance(1s);
  EXPECT_FALSE(get(profile_).has_value());
  EXPECT_EQ(source_.fetches(), 2);
}

TEST_F(Cache, ARefusalTakesThePlaceOfTheOldOnesAtTheNextRotation) {
  const std::string first = key();
  source_.answer_with_code("AssumeRoleUnauthorizedAccess");
  EXPECT_EQ(key(), first);
  clock_.advance(1h);
  EXPECT_EQ(get(profile_).value()->code, "AssumeRoleUnauthorizedAccess");
  source_.answer_with_code("Success");
  clock_.advance(1s);
  EXPECT_EQ(get(profile_).value()->code, "Success");
}

}  // namespace
}  // namespace larder::imds
