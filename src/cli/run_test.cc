#include "cli/run.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <sstream>

#include "cli/run_instance.h"
#include "cli/testing/fake_server.h"

namespace larder::cli {
namespace {

using testing::FakeServer;
using testing::Folder;

constexpr const char* described = R"({
  "InstanceId": "i-0123456789abcdef0", "AccountId": "123456789012", "State": "running",
  "Region": "eu-west-1", "AvailabilityZone": "eu-west-1a", "ImageId": "ami-00000000000000000",
  "InstanceType": "larder.local", "LaunchTime": "2020-01-01T00:00:00Z", "HttpTokens": "required",
  "HttpPutResponseHopLimit": 1, "HttpEndpoint": "enabled", "InstanceMetadataTags": "enabled",
  "UserData": "aGVsbG8=", "Tags": [{"Key": "Name", "Value": "sh"}],
  "AssociationId": "iip-assoc-1", "InstanceProfileArn": "arn:aws:iam::123456789012:x",
  "InstanceProfileId": "AIPA1", "ProfileState": "ok", "RoleName": "uploader", "RoleId": "AROA1"})";
constexpr const char* credentials = R"({
  "Code": "Success", "AccessKeyId": "ASIA1", "SecretAccessKey": "secret", "Token": "token",
  "Expiration": "2999-01-01T00:00:00Z", "LastUpdated": "2020-01-01T00:00:00Z",
  "AccountId": "123456789012"})";

boost::json::object parse(std::string_view text) {
  return boost::json::parse(boost::json::string_view(text.data(), text.size())).as_object();
}

TEST(InstanceView, IsWhatTheServerSays) {
  const auto view = parse_instance_view(parse(described), {"host", "arm64"});
  ASSERT_TRUE(view.has_value()) << view.error().message;
  EXPECT_EQ(view->instance_id, "i-0123456789abcdef0");
  EXPECT_EQ(view->account, "123456789012");
  EXPECT_EQ(view->region, "eu-west-1");
  EXPECT_EQ(view->zone, "eu-west-1a");
  EXPECT_EQ(view->user_data, "hello");
  EXPECT_EQ(view->mac, "02:78:9a:bc:de:f0");
  EXPECT_EQ(view->architecture, "arm64");
  EXPECT_TRUE(view->options.tokens_required);
  EXPECT_TRUE(view->options.tags_enabled);
  ASSERT_TRUE(view->profile && view->profile->role);
  EXPECT_EQ(view->profile->role->name, "uploader");
  EXPECT_EQ(view->tags, (std::vector<std::pair<std::string, std::string>>{{"Name", "sh"}}));
}

TEST(InstanceView, LacksNothingThatItNeeds) {
  for (const auto* name : {"InstanceId", "AccountId", "Region", "AvailabilityZone", "LaunchTime",
                           "InstanceProfileId", "ProfileState", "RoleName", "RoleId"}) {
    auto answer = parse(described);
    answer.erase(name);
    const auto view = parse_instance_view(answer, {});
    ASSERT_FALSE(view.has_value()) << name;
    EXPECT_NE(view.error().message.find(name), std::string::npos);
  }
  auto without_profile = parse(described);
  without_profile.erase("AssociationId");
  EXPECT_EQ(parse_instance_view(without_profile, {})->profile, std::nullopt);
}

class AnInstance : public ::testing::Test {
 protected:
  AnInstance() { fake_.answer("DescribeInstanceMetadata", 200, described); }

  template <class T>
  T now(Task<T> task) {
    std::optional<T> outcome;
    boost::asio::co_spawn(io_, std::move(task),
                          [&](std::exception_ptr, T result) { outcome = std::move(result); });
    io_.restart();
    io_.run();
    return *std::move(outcome);
  }
  auto view() { return now(instance_.view()); }

  FakeServer fake_;
  ManualClock clock_{Time(std::chrono::seconds(1'577'836'800))};
  boost::asio::io_context io_;
  LocalInstance instance_{fake_.local(), "123456789012", "i-0123456789abcdef0", {}, clock_};
};

TEST_F(AnInstance, IsAskedForAtMostOnceASecond) {
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(view().has_value());
  EXPECT_EQ(fake_.asked().size(), 1u);
  clock_.advance(std::chrono::seconds(1));
  EXPECT_TRUE(view().has_value());
  ASSERT_EQ(fake_.asked().size(), 2u);
  EXPECT_EQ(fake_.asked().at(1)["InstanceId"], "i-0123456789abcdef0");
  EXPECT_EQ(fake_.asked().at(1).headers.find("x-larder-account"), "123456789012");
}

TEST_F(AnInstance, IsWhatItLastWasWhileTheServerIsAway) {
  const auto before = view().value();
  fake_.answer("DescribeInstanceMetadata", 503, R"({"Code": "SlowDown", "Message": "Later."})");
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(view().value(), before);
}

TEST_F(AnInstance, IsGoneWhenTheServerSaysSo) {
  EXPECT_TRUE(view().has_value());
  auto terminated = parse(described);
  terminated["State"] = "terminated";
  fake_.answer("DescribeInstanceMetadata", 200, boost::json::serialize(terminated));
  clock_.advance(std::chrono::seconds(1));
  EXPECT_FALSE(view().has_value());
  fake_.answer("DescribeInstanceMetadata", 400, R"({"Code": "NotFound", "Message": "No."})");
  clock_.advance(std::chrono::seconds(1));
  EXPECT_FALSE(view().has_value());
}

TEST_F(AnInstance, KnowsSinceWhenItsProfileIsAsItIs) {
  const Time first = view().value()->profile->updated;
  EXPECT_EQ(first, clock_.now());
  clock_.advance(std::chrono::seconds(5));
  EXPECT_EQ(view().value()->profile->updated, first);
  auto replaced = parse(described);
  replaced["AssociationId"] = "iip-assoc-2";
  fake_.answer("DescribeInstanceMetadata", 200, boost::json::serialize(replaced));
  clock_.advance(std::chrono::seconds(5));
  EXPECT_EQ(view().value()->profile->updated, clock_.now());
}

TEST_F(AnInstance, GivesCredentialsForADelivery) {
  fake_.answer("IssueInstanceCredentials", 200, credentials);
  const auto made = now(instance_.credentials(imds::Delivery::v1));
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_EQ(made->secret_access_key.reveal(), "secret");
  EXPECT_EQ(fake_.asked().at(0)["RoleDelivery"], "1.0");
  fake_.answer("IssueInstanceCredentials", 200, R"({"Code": "AssumeRoleUnauthorizedAccess",
      "Message": "no", "LastUpdated": "2020-01-01T00:00:00Z"})");
  EXPECT_EQ(now(instance_.credentials(imds::Delivery::v2))->code, "AssumeRoleUnauthorizedAccess");
}

class Run : public ::testing::Test {
 protected:
  Run() {
    fake_.answer("DescribeServer", 200,
                 R"({"Endpoint": "http://127.0.0.1:9000", "Region": "eu-west-1"})");
    fake_.answer("LaunchLocalInstance", 200, R"({"InstanceId": "i-0123456789abcdef0"})");
    fake_.answer("DescribeInstanceMetadata", 200, described);
    fake_.answer("IssueInstanceCredentials", 200, credentials);
    fake_.answer("TerminateLocalInstance", 200, "{}");
    options_.socket = fake_.socket();
    options_.instance_profile = "uploader-profile";
  }
  int run_command(std::vector<std::string> command) {
    options_.command = std::move(command);
    return run(options_);
  }
  // Of what the command wrote to $OUT.
  std::string output_of(const std::string& script) {
    const std::string file = folder_.path() + "/out";
    EXPECT_EQ(run_command({"bash", "-c", "{ " + script + "\n} > " + file}), 0);
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }
  bool terminated() const { return fake_.actions().back() == "TerminateLocalInstance"; }

  Folder folder_;
  FakeServer fake_;
  RunOptions options_;
};

// ask METHOD PATH HEADER: the answer's lines.
constexpr const char* ask = R"(
ask() { local host=${AWS_EC2_METADATA_SERVICE_ENDPOINT#http://}; host=${host%/}
  exec 3<>"/dev/tcp/${host%:*}/${host#*:}"
  printf '%s %s HTTP/1.0\r\n%s\r\n\r\n' "$@" >&3; cat <&3; }
)";

TEST_F(Run, GivesTheProgramItsRoleThroughTheMetadataServiceAlone) {
  const std::string text = output_of(std::string(ask) + R"(
token=$(ask PUT /latest/api/token 'X-aws-ec2-metadata-token-ttl-seconds: 60' | tail -n 1)
ask GET /latest/meta-data/iam/security-credentials/uploader "X-aws-ec2-metadata-token: $token"
)");
  EXPECT_NE(text.find("HTTP/1.1 200 OK"), text.npos) << text;
  EXPECT_NE(text.find("\"AccessKeyId\" : \"ASIA1\""), text.npos) << text;
  EXPECT_NE(text.find("Server: EC2ws"), text.npos);
  const auto asked = fake_.asked();
  EXPECT_EQ(asked.at(1)["Action"], "LaunchLocalInstance");
  EXPECT_EQ(asked.at(1)["InstanceProfileName"], "uploader-profile");
  EXPECT_EQ(asked.at(1)["Name"], "bash");
  EXPECT_TRUE(terminated());
}

TEST_F(Run, TellsTheProgramWhereEverythingIs) {
  const std::string text = output_of("env");
  EXPECT_NE(text.find("\nAWS_ENDPOINT_URL=http://127.0.0.1:9000\n"), text.npos) << text;
  EXPECT_NE(text.find("\nAWS_REGION=eu-west-1\n"), text.npos);
  EXPECT_EQ(text.find("ASIA"), text.npos);
}

TEST_F(Run, HandsOnTheStatusAndTerminates) {
  EXPECT_EQ(run_command({"sh", "-c", "exit 37"}), 37);
  EXPECT_TRUE(terminated());
  EXPECT_EQ(run_command({"sh", "-c", "kill -KILL $$"}), 137);
  EXPECT_TRUE(terminated());
}

TEST_F(Run, TerminatesWhenTheProgramCannotBeStarted) {
  EXPECT_EQ(run_command({"no-such-program-anywhere"}), 127);
  EXPECT_TRUE(terminated());
  EXPECT_EQ(run_command({"/etc/passwd"}), 126);
  EXPECT_TRUE(terminated());
}

TEST_F(Run, TriesAgainToTerminateWhileTheServerFails) {
  fake_.answer("TerminateLocalInstance", 503, R"({"Code": "SlowDown", "Message": "Later."})");
  EXPECT_EQ(run_command({"true"}), 0);
  EXPECT_EQ(std::ranges::count(fake_.actions(), "TerminateLocalInstance"), 5);
}

TEST_F(Run, SaysWhichProfileItCannotHave) {
  fake_.answer("LaunchLocalInstance", 404, R"({"Code": "NoSuchEntity", "Message": "None."})");
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(run_command({"true"}), 125);
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("`uploader-profile`"), said.npos) << said;
  EXPECT_NE(said.find("NoSuchEntity"), said.npos) << said;
  EXPECT_FALSE(terminated());
}

TEST_F(Run, LaunchesByRoleOrWithNothing) {
  options_.instance_profile.clear();
  options_.role = "reader";
  options_.account = "210987654321";
  EXPECT_EQ(run_command({"/bin/true"}), 0);
  const auto by_role = fake_.asked().at(1);
  EXPECT_EQ(by_role["RoleName"], "reader");
  EXPECT_EQ(by_role["InstanceProfileName"], "");
  EXPECT_EQ(by_role["Name"], "true");
  for (const auto& asked : fake_.asked()) {
    EXPECT_EQ(asked.headers.find("x-larder-account"), "210987654321");
  }
  options_.role.clear();
  EXPECT_EQ(run_command({"/bin/true"}), 0);
}

TEST_F(Run, NeedsAServerAndOneWayToARole) {
  options_.role = "as-well";
  EXPECT_EQ(run_command({"true"}), 125);
  options_.role.clear();
  options_.socket = folder_.path() + "/none";
  EXPECT_EQ(run_command({"true"}), 125);
  EXPECT_EQ(run_command({}), 125);
  EXPECT_TRUE(fake_.asked().empty());
}

}  // namespace
}  // namespace larder::cli
