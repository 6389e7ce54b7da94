#include "imds/tree.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "imds/documents.h"
#include "imds/testing/scripted_source.h"

namespace larder::imds {
namespace {

// The body of a document; nullopt: not there.
std::optional<std::string> get(const InstanceView& view, std::string_view path) {
  const auto found = look_up(view, split_path(path).value());
  if (!found) return std::nullopt;
  const auto* document = std::get_if<Document>(&*found);
  return document ? document->body
                  : std::string(std::get<RoleDocument>(*found).extended ? "(extended credentials)"
                                                                        : "(credentials)");
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    all.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return all;
}

InstanceView full_view() {
  InstanceView view = testing::example_view();
  view.user_data = std::string("#!\0\xff", 4);
  view.tags = {{"Name", "worker"}, {"empty", ""}, {"with space", "x"}};
  view.options.tags_enabled = true;
  return view;
}

TEST(Tree, ShowsWhatTheInstanceIs) {
  const InstanceView view = full_view();
  EXPECT_EQ(get(view, "/latest/meta-data/instance-id"), "i-0123456789abcdef0");
  EXPECT_EQ(get(view, "/latest/meta-data/placement/availability-zone"), "us-east-1a");
  EXPECT_EQ(get(view, "/latest/meta-data/placement/region"), "us-east-1");
  EXPECT_EQ(get(view, "/latest/meta-data/services/domain"), "amazonaws.com");
  EXPECT_EQ(get(view, "/latest/meta-data/local-ipv4"), "10.0.0.7");
  EXPECT_EQ(get(view, "/latest/meta-data/mac"), "02:01:02:03:04:05");
  EXPECT_EQ(get(view, "/latest/meta-data/network/interfaces/macs/"), "02:01:02:03:04:05/");
  EXPECT_EQ(get(view, "/latest/user-data"), std::string("#!\0\xff", 4));
  EXPECT_EQ(get(view, "/latest/meta-data/tags/instance"), "Name\nempty");
  EXPECT_EQ(get(view, "/latest/meta-data/tags/instance/Name"), "worker");
  EXPECT_EQ(get(view, "/latest/meta-data/tags/instance/empty"), "");
}

TEST(Tree, EveryListedNameIsThereAndEveryDirectoryIsMarked) {
  const InstanceView view = full_view();
  std::vector<std::string> directories = {"/latest/meta-data/", "/latest/dynamic/"};
  int leaves = 0;
  while (!directories.empty()) {
    const std::string directory = directories.back();
    directories.pop_back();
    const auto listing = get(view, directory);
    ASSERT_TRUE(listing && !listing->empty() && !listing->ends_with('\n')) << directory;
    EXPECT_EQ(get(view, directory.substr(0, directory.size() - 1)), listing);
    for (const std::string& name : lines(*listing)) {
      ASSERT_TRUE(get(view, directory + name)) << directory << name;
      if (name.ends_with('/'))
        directories.push_back(directory + name);
      else
        ++leaves;
    }
  }
  EXPECT_GT(leaves, 25);
}

TEST(Tree, ShowsTheSameUnderEveryVersion) {
  const InstanceView view = full_view();
  const auto roots = lines(get(view, "/").value());
  EXPECT_EQ(roots.size(), 26u);
  EXPECT_EQ(roots.front(), "1.0");
  EXPECT_EQ(roots.back(), "latest");
  for (const std::string& root : roots) {
    EXPECT_EQ(get(view, "/" + root), "dynamic\nmeta-data\nuser-data");
    EXPECT_EQ(get(view, "/" + root + "/meta-data/"), get(view, "/latest/meta-data/"));
  }
  EXPECT_EQ(get(view, "/1999-01-01/meta-data/"), std::nullopt);
}

TEST(Tree, OmitsWhatIsNotThere) {
  InstanceView view = testing::example_view();
  view.profile.reset();
  view.hostname.clear();
  EXPECT_EQ(get(view, "/latest"), "dynamic\nmeta-data");
  EXPECT_EQ(get(view, "/latest/user-data"), std::nullopt);
  const auto names = lines(get(view, "/latest/meta-data").value());
  for (const auto* absent : {"iam/", "tags/", "hostname", "public-keys/", "spot/"}) {
    EXPECT_EQ(std::ranges::find(names, absent), names.end()) << absent;
  }
  for (const auto* path :
       {"/latest/meta-data/iam", "/latest/meta-data/iam/info", "/latest/meta-data/tags/instance",
        "/latest/meta-data/iam/security-credentials/", "/latest/meta-data/hostname"}) {
    EXPECT_EQ(get(view, path), std::nullopt) << path;
  }
}

TEST(Tree, ShowsTheRoleNotTheProfile) {
  const InstanceView view = testing::example_view();
  const std::string iam = "/latest/meta-data/iam/";
  EXPECT_EQ(get(view, iam), "info\nsecurity-credentials-extended/\nsecurity-credentials/");
  EXPECT_EQ(get(view, iam + "security-credentials"), "uploader");
  EXPECT_EQ(get(view, iam + "security-credentials-extended/"), "uploader");
  EXPECT_EQ(get(view, iam + "security-credentials/uploader"), "(credentials)");
  EXPECT_EQ(get(view, iam + "security-credentials/uploader/"), "(credentials)");
  EXPECT_EQ(get(view, iam + "security-credentials-extended/uploader"), "(extended credentials)");
  EXPECT_EQ(get(view, iam + "security-credentials/uploader-profile"), std::nullopt);
}

TEST(Tree, RoleNamesMayComeEncoded) {
  InstanceView view = testing::example_view();
  view.profile->role->name = "a+b=c,d@e";
  const std::string folder = "/latest/meta-data/iam/security-credentials/";
  EXPECT_EQ(get(view, folder + "a%2Bb%3Dc%2cd%40e"), "(credentials)");
  EXPECT_EQ(get(view, folder + "a+b=c,d@e"), "(credentials)");
  EXPECT_EQ(get(view, "/latest/meta-data%2Fiam/info"), std::nullopt);
  EXPECT_EQ(split_path("/latest/%zz"), std::nullopt);
}

TEST(Tree, NeverLeavesItself) {
  const InstanceView view = full_view();
  for (const auto* path : {"/latest/meta-data/..", "/latest/meta-data/../meta-data/",
                           "/latest/./meta-data", "/..", "/latest/meta-data/instance-i"}) {
    EXPECT_EQ(get(view, path), std::nullopt) << path;
  }
}

TEST(Documents, TheIdentityDocumentHasEveryKeyOfAws) {
  const InstanceView view = testing::example_view();
  const std::string text = identity_document(view);
  EXPECT_EQ(text, identity_document(view));
  const auto json = boost::json::parse(text).as_object();
  EXPECT_EQ(json.size(), 15u);
  EXPECT_EQ(json.at("accountId"), "123456789012");
  EXPECT_EQ(json.at("instanceId"), "i-0123456789abcdef0");
  EXPECT_EQ(json.at("pendingTime"), "2020-01-01T00:00:00Z");
  EXPECT_EQ(json.at("version"), "2017-09-30");
  EXPECT_TRUE(json.at("kernelId").is_null());
}

TEST(Documents, IamInfoTellsTheStateOfTheProfile) {
  Profile profile = *testing::example_view().profile;
  const auto ok = boost::json::parse(iam_info(profile)).as_object();
  EXPECT_EQ(ok.at("Code"), "Success");
  EXPECT_EQ(ok.at("InstanceProfileArn").as_string(), profile.arn);
  EXPECT_EQ(ok.at("InstanceProfileId").as_string(), profile.id);
  EXPECT_EQ(ok.at("LastUpdated"), "2020-01-01T00:00:00Z");
  EXPECT_FALSE(ok.contains("Message"));

  profile.state = Profile::State::empty;
  const auto empty = boost::json::parse(iam_info(profile)).as_object();
  EXPECT_EQ(empty.at("Code"), "Success");
  EXPECT_TRUE(
      empty.at("Message").as_string().starts_with("Instance Profile does not contain a role"));

  profile.state = Profile::State::not_found;
  const auto gone = boost::json::parse(iam_info(profile)).as_object();
  EXPECT_EQ(gone.at("Code"), "InstanceProfileNotFound");
}

TEST(Documents, ACredentialDocumentHasTheMembersThatClientsRead) {
  RoleCredentials credentials;
  credentials.access_key_id = "ASIAEXAMPLE";
  credentials.secret_access_key = Secret("quoted\"secret");
  credentials.token = "token";
  credentials.account = "123456789012";
  credentials.last_updated = Time(std::chrono::milliseconds(1'577'836'800'999));
  credentials.expiration = credentials.last_updated + std::chrono::hours(6);
  auto json = boost::json::parse(role_document(credentials, false)).as_object();
  EXPECT_EQ(boost::json::value(json), boost::json::parse(R"({"Code": "Success", "Type": "AWS-HMAC",
      "LastUpdated": "2020-01-01T00:00:00Z", "AccessKeyId": "ASIAEXAMPLE",
      "SecretAccessKey": "quoted\"secret", "Token": "token",
      "Expiration": "2020-01-01T06:00:00Z"})"));
  json["AccountId"] = "123456789012";
  EXPECT_EQ(boost::json::value(json), boost::json::parse(role_document(credentials, true)));
}

TEST(Documents, AFailureHasACodeAndNoSecret) {
  RoleCredentials refused;
  refused.code = "AssumeRoleUnauthorizedAccess";
  refused.message = "EC2 cannot assume the role.";
  refused.last_updated = Time(std::chrono::seconds(1'577'836'800));
  EXPECT_EQ(boost::json::parse(role_document(refused, true)), boost::json::parse(R"({
      "Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume the role.",
      "LastUpdated": "2020-01-01T00:00:00Z"})"));
}

}  // namespace
}  // namespace larder::imds
