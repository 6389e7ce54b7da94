// What is remembered of an opened token must never open another one, nor the same one for longer.
#include "sts/session_tokens.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "storage/memory_kv.h"
#include "storage/testing/run.h"

namespace larder::sts {
namespace {

using aws::BadCredential;
using storage::test::run;

const Time issued = Time(Seconds(1'700'000'000));
const Time expires = issued + Seconds(3600);

std::optional<BadCredential> refusal(
    const std::expected<std::shared_ptr<const SessionTokens::Opened>, BadCredential>& opened) {
  return opened ? std::nullopt : std::optional(opened.error());
}

class OpenedTokens : public ::testing::Test {
 protected:
  OpenedTokens() { EXPECT_TRUE(run(tokens_.load())); }

  aws::SessionCredentials issue(const std::string& name, std::string policy = "") {
    aws::Session session;
    session.account = "123456789012";
    session.role_id = "AROAEXAMPLEEXAMPLE234";
    session.role_arn = "arn:aws:iam::123456789012:role/team/uploader";
    session.name = name;
    session.issued = issued;
    session.expires = expires;
    if (!policy.empty()) session.policies.push_back(std::move(policy));
    return tokens_.issue(session).value();
  }
  std::expected<std::shared_ptr<const SessionTokens::Opened>, BadCredential> open(
      const std::string& access_key_id, const std::string& token, Time now = issued) {
    return tokens_.open(access_key_id, token, now);
  }
  /// Opens, and stands for what it was issued for.
  void expect_good(const aws::SessionCredentials& made, const std::string& name) {
    const auto opened = open(made.access_key_id, made.session_token);
    ASSERT_TRUE(opened) << name;
    EXPECT_EQ((*opened)->caller.access_key_id, made.access_key_id);
    EXPECT_EQ((*opened)->caller.session->name, name);
    EXPECT_EQ((*opened)->caller.principal.arn,
              "arn:aws:sts::123456789012:assumed-role/uploader/" + name);
    EXPECT_TRUE((*opened)->secret_access_key == made.secret_access_key);
  }

  storage::MemoryKv kv_;
  SeededRandom random_{1};
  storage::Sealer sealer_{storage::MasterKey(Secret(std::string(32, 'k'))), random_};
  SessionTokens tokens_{kv_, sealer_, random_};
};

TEST_F(OpenedTokens, OpenAgainAndAgainAsTheFirstTime) {
  const auto one = issue("one");
  const auto two = issue("two");
  for (int i = 0; i < 5; ++i) {
    expect_good(one, "one");
    expect_good(two, "two");
  }
}

TEST_F(OpenedTokens, AreNotUnsealedAgain) {
  const auto made = issue("one");
  const auto first = open(made.access_key_id, made.session_token);
  const auto second = open(made.access_key_id, made.session_token);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->get(), second->get());
}

TEST_F(OpenedTokens, DoNotOpenWhatDiffersInOneCharacter) {
  const auto made = issue("one");
  expect_good(made, "one");
  const auto& token = made.session_token;
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto opened = open(made.access_key_id, changed);
    ASSERT_FALSE(opened) << i;
    ASSERT_EQ(opened.error(), BadCredential::invalid_token) << i;
  }
  for (const auto& other :
       {token + "A", token + "AAAA", token + "=", token + " ", " " + token, token + token,
        token.substr(0, token.size() - 1), token.substr(0, token.size() - 4), token.substr(1),
        std::string(), std::string(token_characters_max + 1, 'A')})
    EXPECT_EQ(refusal(open(made.access_key_id, other)), BadCredential::invalid_token);
  expect_good(made, "one");
}

TEST_F(OpenedTokens, AreOfTheirAccessKeyIdAlone) {
  const auto one = issue("one");
  const auto two = issue("two");
  for (int i = 0; i < 3; ++i) {
    expect_good(one, "one");
    expect_good(two, "two");
    for (const auto& id : {two.access_key_id, one.access_key_id + "A", std::string(),
                           one.access_key_id.substr(0, 19)})
      EXPECT_EQ(refusal(open(id, one.session_token)), BadCredential::invalid_token);
  }
}

TEST_F(OpenedTokens, ExpireToTheSecondAlthoughTheyAreRemembered) {
  const auto made = issue("one");
  expect_good(made, "one");
  EXPECT_TRUE(open(made.access_key_id, made.session_token, expires - Seconds(1)));
  for (const auto late : {expires, expires + Seconds(1), expires + Seconds(100'000)})
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ(refusal(open(made.access_key_id, made.session_token, late)),
                BadCredential::expired_token);
}

TEST_F(OpenedTokens, OneThatComesTooLateIsNotRememberedAsGood) {
  const auto made = issue("one");
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(refusal(open(made.access_key_id, made.session_token, expires)),
              BadCredential::expired_token);
}

TEST_F(OpenedTokens, OfAnotherServerAreStrangers) {
  storage::MemoryKv kv;
  SeededRandom random(2);
  SessionTokens others(kv, sealer_, random);
  ASSERT_TRUE(run(others.load()));
  const auto made = issue("one");
  expect_good(made, "one");
  EXPECT_EQ(refusal(others.open(made.access_key_id, made.session_token, issued)),
            BadCredential::invalid_token);
}

TEST_F(OpenedTokens, MoreThanAreRememberedAllOpen) {
  std::vector<aws::SessionCredentials> all;
  for (int i = 0; i < 2500; ++i) all.push_back(issue(fmt::format("session-{}", i)));
  std::mt19937 order(7);
  for (int i = 0; i < 10'000; ++i) {
    const auto which = order() % all.size();
    expect_good(all[which], fmt::format("session-{}", which));
  }
}

TEST_F(OpenedTokens, WithLargePoliciesAllOpen) {
  std::vector<aws::SessionCredentials> all;
  for (int i = 0; i < 50; ++i)
    all.push_back(issue(fmt::format("session-{}", i), std::string(100'000, 'p')));
  for (int round = 0; round < 2; ++round)
    for (std::size_t i = 0; i < all.size(); ++i) expect_good(all[i], fmt::format("session-{}", i));
}

}  // namespace
}  // namespace larder::sts
