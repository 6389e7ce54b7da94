#include "cli/environment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace larder::cli {
namespace {

const Surroundings here = {"http://127.0.0.1:9000", "eu-west-1", "http://127.0.0.1:41234"};

std::map<std::string, std::string> inside(const Variables& outer) {
  std::map<std::string, std::string> found;
  for (const std::string& variable : program_environment(outer, here)) {
    const std::size_t equals = variable.find('=');
    const bool is_new =
        found.emplace(variable.substr(0, equals), variable.substr(equals + 1)).second;
    EXPECT_TRUE(is_new) << "twice: " << variable;
  }
  return found;
}

const std::map<std::string, std::string> all_that_is_set = {
    {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:41234/"},
    {"AWS_ENDPOINT_URL", "http://127.0.0.1:9000"},
    {"AWS_REGION", "eu-west-1"},
    {"AWS_DEFAULT_REGION", "eu-west-1"},
    {"AWS_SHARED_CREDENTIALS_FILE", "/dev/null"},
    {"AWS_CONFIG_FILE", "/dev/null"},
    {"BOTO_CONFIG", "/dev/null"},
    {"NO_PROXY", "127.0.0.1"},
    {"no_proxy", "127.0.0.1"},
    {"JAVA_TOOL_OPTIONS",
     "-Dcom.amazonaws.sdk.ec2MetadataServiceEndpointOverride=http://127.0.0.1:41234"}};

TEST(Environment, SetsTheWayToLarder) { EXPECT_EQ(inside({}), all_that_is_set); }

TEST(Environment, RemovesEveryOtherWayToCredentials) {
  for (const auto* name : {"AWS_ACCESS_KEY_ID",
                           "AWS_SECRET_ACCESS_KEY",
                           "AWS_SESSION_TOKEN",
                           "AWS_SECURITY_TOKEN",
                           "AWS_ACCESS_KEY",
                           "AWS_SECRET_KEY",
                           "AWS_CREDENTIAL_EXPIRATION",
                           "AWS_CREDENTIAL_FILE",
                           "AWS_PROFILE",
                           "AWS_DEFAULT_PROFILE",
                           "AWS_EC2_INSTANCE_PROFILE_NAME",
                           "AWS_ROLE_ARN",
                           "AWS_ROLE_SESSION_NAME",
                           "AWS_WEB_IDENTITY_TOKEN_FILE",
                           "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                           "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                           "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                           "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                           "AWS_ENDPOINT_URL_S3",
                           "AWS_ENDPOINT_URL_STS",
                           "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                           "AWS_EC2_METADATA_DISABLED",
                           "AWS_EC2_METADATA_V1_DISABLED",
                           "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                           "AWS_IMDS_USE_IPV6",
                           "AWS_METADATA_SERVICE_TIMEOUT",
                           "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
                           "AWS_SDK_LOAD_CONFIG",
                           "AWS_STS_REGIONAL_ENDPOINTS",
                           "AWS_USE_DUALSTACK_ENDPOINT",
                           "AWS_USE_FIPS_ENDPOINT",
                           "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT",
                           "AWS_ENABLE_ENDPOINT_DISCOVERY",
                           "AWS_ACCOUNT_ID",
                           "AWS_ACCOUNT_ID_ENDPOINT_MODE",
                           "AWS_BEARER_TOKEN_BEDROCK",
                           "AWS_SSO_SESSION",
                           "AWS_MFA_SERIAL",
                           "AWS_VAULT"}) {
    EXPECT_EQ(inside({std::string(name) + "=outer"}), all_that_is_set) << name;
  }
}

TEST(Environment, ReplacesWhatItSetsItself) {
  for (const auto* name :
       {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION",
        "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "BOTO_CONFIG"}) {
    EXPECT_EQ(inside({std::string(name) + "=outer"}), all_that_is_set) << name;
  }
}

TEST(Environment, KeepsTheRest) {
  for (const auto* variable :
       {"PATH=/bin:/usr/bin", "HOME=/home/me", "EMPTY=", "EQUALS=a=b=c", "AWS_CA_BUNDLE=/ca.pem",
        "AWS_PAGER=", "AWS_MAX_ATTEMPTS=9", "AWS_RETRY_MODE=adaptive", "AWS_DEFAULT_OUTPUT=json",
        "AWS_EXECUTION_ENV=tests", "AWS_REQUEST_CHECKSUM_CALCULATION=when_required",
        "AWS_BUCKET=photos", "MY_SECRET=mine", "LARDER_SOCKET=/run/larder/larder.sock"}) {
    const std::string_view text(variable);
    auto expected = all_that_is_set;
    const std::size_t equals = text.find('=');
    expected.emplace(text.substr(0, equals), text.substr(equals + 1));
    EXPECT_EQ(inside({variable}), expected) << variable;
  }
}

TEST(Environment, KeepsTheOrderOfWhatItKeeps) {
  const Variables made = program_environment({"B=1", "AWS_PROFILE=x", "A=2", "C=3"}, here);
  EXPECT_EQ(Variables(made.begin(), made.begin() + 3), (Variables{"B=1", "A=2", "C=3"}));
}

TEST(Environment, AddsToTheOptionsOfJava) {
  const auto found = inside({"JAVA_TOOL_OPTIONS=-Xmx1g"});
  EXPECT_EQ(found.at("JAVA_TOOL_OPTIONS"),
            "-Xmx1g -Dcom.amazonaws.sdk.ec2MetadataServiceEndpointOverride=http://127.0.0.1:41234");
}

struct Proxies {
  Variables outer;
  std::string upper, lower;
};

TEST(Environment, KeepsBothHostsFromProxies) {
  const Proxies table[] = {
      {{"NO_PROXY=corp.example"}, "corp.example,127.0.0.1", "corp.example,127.0.0.1"},
      {{"no_proxy=corp.example"}, "corp.example,127.0.0.1", "corp.example,127.0.0.1"},
      {{"NO_PROXY=a", "no_proxy=b"}, "a,127.0.0.1", "b,127.0.0.1"},
      {{"NO_PROXY=127.0.0.1"}, "127.0.0.1", "127.0.0.1"},
      {{"NO_PROXY=x, 127.0.0.1 ,y"}, "x, 127.0.0.1 ,y", "x, 127.0.0.1 ,y"},
      {{"NO_PROXY=127.0.0.10"}, "127.0.0.10,127.0.0.1", "127.0.0.10,127.0.0.1"},
      {{"no_proxy=*"}, "*", "*"}};
  for (const auto& [outer, upper, lower] : table) {
    const auto found = inside(outer);
    EXPECT_EQ(found.at("NO_PROXY"), upper) << outer.front();
    EXPECT_EQ(found.at("no_proxy"), lower) << outer.front();
  }
}

TEST(Environment, HasProgramsTrustASelfSignedCertificate) {
  Surroundings secure = here;
  secure.endpoint = "https://127.0.0.1:9000";
  secure.ca_bundle = "/srv/larder/tls/certificate.pem";
  const Variables made =
      program_environment({"AWS_CA_BUNDLE=/ca.pem", "NODE_EXTRA_CA_CERTS=/ca.pem"}, secure);
  for (const auto* expected :
       {"AWS_ENDPOINT_URL=https://127.0.0.1:9000", "AWS_CA_BUNDLE=/srv/larder/tls/certificate.pem",
        "NODE_EXTRA_CA_CERTS=/srv/larder/tls/certificate.pem"}) {
    EXPECT_EQ(std::ranges::count(made, expected), 1) << expected;
  }
  EXPECT_EQ(std::ranges::count(made, "AWS_CA_BUNDLE=/ca.pem"), 0);
}

TEST(Environment, NamesTheServersHostToo) {
  Surroundings elsewhere = here;
  elsewhere.endpoint = "http://store.example:9000";
  const Variables made = program_environment({}, elsewhere);
  EXPECT_NE(std::ranges::find(made, "NO_PROXY=store.example,127.0.0.1"), made.end());
}

}  // namespace
}  // namespace larder::cli
