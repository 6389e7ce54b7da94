#include "imds/session_token.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace larder::imds {
namespace {

class Tokens : public ::testing::Test {
 protected:
  ManualClock clock_{Time(std::chrono::seconds(1'577'836'800))};
  SeededRandom random_{1};
  SessionTokens tokens_{clock_, random_};
};

TEST_F(Tokens, LiveAsLongAsTheyWereAskedTo) {
  const std::string token = tokens_.issue(Seconds(60));
  EXPECT_EQ(tokens_.remaining(token), Seconds(60));
  clock_.advance(std::chrono::milliseconds(59'001));
  EXPECT_EQ(tokens_.remaining(token), Seconds(1));
  clock_.advance(std::chrono::milliseconds(999));
  EXPECT_EQ(tokens_.remaining(token), std::nullopt);
}

TEST_F(Tokens, AreOfOneInstance) {
  SessionTokens other(clock_, random_);
  EXPECT_EQ(other.remaining(tokens_.issue(Seconds(60))), std::nullopt);
}

TEST_F(Tokens, NeedNoEscaping) {
  for (int i = 0; i < 100; ++i) {
    const std::string token = tokens_.issue(Seconds(60));
    EXPECT_EQ(token.size(), 56u);
    EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                      "0123456789-_"),
              token.npos);
  }
}

TEST_F(Tokens, AreNotGuessedFromTheirNeighbours) {
  std::string token = tokens_.issue(Seconds(60));
  for (const std::string& wrong : {std::string(), token + "A", token.substr(1), " " + token}) {
    EXPECT_EQ(tokens_.remaining(wrong), std::nullopt);
  }
  token[7] = token[7] == 'A' ? 'B' : 'A';
  EXPECT_EQ(tokens_.remaining(token), std::nullopt);
}

TEST_F(Tokens, OneTooManyTakesThePlaceOfTheOneThatExpiresFirst) {
  const std::string longest = tokens_.issue(Seconds(21'600));
  const std::string shortest = tokens_.issue(Seconds(60));
  while (tokens_.size() < limits::metadata_tokens_count) tokens_.issue(Seconds(600));
  const std::string one_more = tokens_.issue(Seconds(30));
  EXPECT_EQ(tokens_.size(), limits::metadata_tokens_count);
  EXPECT_FALSE(tokens_.remaining(shortest));
  EXPECT_TRUE(tokens_.remaining(longest));
  EXPECT_TRUE(tokens_.remaining(one_more));
}

TEST_F(Tokens, ThatExpiredAreForgotten) {
  for (int i = 0; i < 10; ++i) tokens_.issue(Seconds(60));
  clock_.advance(Seconds(60));
  tokens_.issue(Seconds(60));
  EXPECT_EQ(tokens_.size(), 1u);
}

TEST(Ttl, IsADecimalNumberOfSecondsUpToSixHours) {
  EXPECT_EQ(SessionTokens::parse_ttl("1"), Seconds(1));
  EXPECT_EQ(SessionTokens::parse_ttl("21600"), Seconds(21'600));
  for (const auto* wrong :
       {"", "0", "-1", "21601", "1.5", "x", "1x", " 1", "+1", "99999999999999999999"}) {
    EXPECT_EQ(SessionTokens::parse_ttl(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace larder::imds
