#include "cli/local_server.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "cli/testing/fake_server.h"

namespace larder::cli {
namespace {

using testing::FakeServer;
using testing::Folder;

TEST(LocalServer, SendsAFormWithTheVersionAndTheAccount) {
  FakeServer fake;
  fake.answer("ListAccounts", 200, R"({"Accounts": []})");
  const auto answer = fake.local().call("ListAccounts", {{"A b", "1&2=+é"}}, "123456789012");
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_TRUE(answer->at("Accounts").as_array().empty());
  const auto asked = fake.asked().at(0);
  EXPECT_EQ(asked.method, "POST");
  EXPECT_EQ(asked.target, "/");
  EXPECT_EQ(asked.headers.find("Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(asked.headers.find("x-larder-api-version"), "2026-11-01");
  EXPECT_EQ(asked.headers.find("x-larder-account"), "123456789012");
  const Parameters expected = {
      {"Action", "ListAccounts"}, {"Version", "2026-11-01"}, {"A b", "1&2=+é"}};
  EXPECT_EQ(asked.form, expected);
}

TEST(LocalServer, NamesNoAccountUnlessToldOne) {
  FakeServer fake;
  fake.answer("DescribeServer", 200, "{}");
  ASSERT_TRUE(fake.local().call("DescribeServer", {}, "").has_value());
  EXPECT_FALSE(fake.asked().at(0).headers.contains("x-larder-account"));
}

TEST(LocalServer, HandsOnWhatTheServerRefuses) {
  FakeServer fake;
  fake.answer("CreateAccount", 409,
              R"({"Code": "EntityAlreadyExists", "Message": "It is there."})");
  const auto refused = fake.local().call("CreateAccount", {}, "");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, refused_by_server);
  EXPECT_EQ(refused.error().message, "It is there. (EntityAlreadyExists)");
  EXPECT_EQ(server_code(refused.error()), "EntityAlreadyExists");
}

TEST(LocalServer, TellsTheServersOwnFailureFromARefusal) {
  FakeServer fake;
  fake.answer("A", 503, R"({"Code": "SlowDown", "Message": "Later."})");
  fake.answer("B", 500, "<html>oops");
  fake.answer("C", 200, "[1, 2]");
  for (const auto* action : {"A", "B", "C"}) {
    EXPECT_EQ(fake.local().call(action, {}, "").error().code, server_failed) << action;
  }
}

TEST(LocalServer, AsksForTheVersionWhenTheAnswerIsNotItsOwn) {
  FakeServer fake;
  fake.answer("A", 400, "<ErrorResponse><Error><Code>InvalidAction</Code></Error></ErrorResponse>");
  const auto refused = fake.local().call("A", {}, "");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, refused_by_server);
  EXPECT_NE(refused.error().message.find("of the same version?"), std::string::npos);
}

TEST(LocalServer, SaysNothingToAStranger) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be another user";
  const FakeServer fake(uid_t{65'534});
  const auto refused = fake.local().call("DescribeServer", {}, "");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, no_server);
  EXPECT_NE(refused.error().message.find("65534"), std::string::npos) << refused.error().message;
  EXPECT_TRUE(fake.asked().empty());
}

TEST(LocalServer, SaysWhatToDoWhenNobodyAnswers) {
  Folder folder;
  {
    FakeServer gone(folder.path() + "/larder.sock");
  }
  const auto failed = LocalServer(folder.path() + "/larder.sock").call("DescribeServer", {}, "");
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, no_server);
  EXPECT_NE(failed.error().message.find("larder server --data"), std::string::npos);
}

class FindSocket : public ::testing::Test {
 protected:
  Folder folder_;
  std::string here_ = folder_.path() + "/larder.sock";
  std::string nowhere_ = folder_.path() + "/nowhere";
  FakeServer fake_{here_};
};

TEST_F(FindSocket, TheOptionWinsOverTheVariableOverThePlaces) {
  EXPECT_EQ(find_socket({here_, nowhere_, {nowhere_}}), here_);
  EXPECT_EQ(find_socket({"", here_, {nowhere_}}), here_);
  EXPECT_EQ(find_socket({"", "", {nowhere_, here_}}), here_);
  EXPECT_FALSE(find_socket({nowhere_, here_, {here_}}).has_value());
  EXPECT_FALSE(find_socket({"", nowhere_, {here_}}).has_value());
}

TEST_F(FindSocket, NamesAllThatWasTriedAndWhatToDo) {
  const std::string message = find_socket({"", "", {nowhere_, "/also/not"}}).error().message;
  for (const auto& part : {nowhere_, std::string("/also/not"), std::string("--socket"),
                           std::string("LARDER_SOCKET"), std::string("larder server --data")}) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
  EXPECT_NE(find_socket({"", nowhere_, {}}).error().message.find("LARDER_SOCKET names " + nowhere_),
            std::string::npos);
}

TEST_F(FindSocket, ADirectoryIsNotItsSocket) {
  const auto failed = find_socket({folder_.path(), "", {}});
  ASSERT_FALSE(failed.has_value());
  EXPECT_NE(failed.error().message.find(here_), std::string::npos);
}

}  // namespace
}  // namespace larder::cli
