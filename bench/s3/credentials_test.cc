#include "bench/s3/credentials.h"

#include <gtest/gtest.h>

namespace larder::bench {
namespace {

constexpr std::string_view printed =
    R"({"Version":1,"AccessKeyId":"ASIA","SecretAccessKey":"s","SessionToken":"t"})";

TEST(Credentials, OfACredentialProcessAreRead) {
  const auto credentials = parse_credentials(printed);
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->access_key_id, "ASIA");
  EXPECT_EQ(credentials->secret_access_key, Secret("s"));
  EXPECT_EQ(credentials->session_token, "t");
  EXPECT_FALSE(parse_credentials(R"({"AccessKeyId":"ASIA"})"));
  EXPECT_FALSE(parse_credentials("AKIA"));
}

TEST(Credentials, OfTheEnvironmentAreThoseOfThePrefix) {
  const Environment environment{{"AWS_ACCESS_KEY_ID", "AKIA"},    {"AWS_SECRET_ACCESS_KEY", "s"},
                                {"OTHER_ACCESS_KEY_ID", "OTHER"}, {"OTHER_SECRET_ACCESS_KEY", "o"},
                                {"OTHER_SESSION_TOKEN", "t"},     {"HALF_ACCESS_KEY_ID", "HALF"}};
  const auto aws = CredentialSource("env:AWS", environment).get(Time());
  ASSERT_TRUE(aws);
  EXPECT_EQ(aws->access_key_id, "AKIA");
  EXPECT_FALSE(aws->session_token);
  EXPECT_EQ(CredentialSource("env:OTHER", environment).get(Time())->session_token, "t");
  EXPECT_FALSE(CredentialSource("env:HALF", environment).get(Time()));
}

TEST(Credentials, OfAProcessAreAskedForAgainBeforeTheyExpire) {
  const std::string file = testing::TempDir() + "bench_s3_calls";
  std::remove(file.c_str());
  CredentialSource source("process:echo >> '" + file + "'; wc -l < '" + file +
                              R"(' | sed 's/.*/{"AccessKeyId":"&","SecretAccessKey":"s"}/')",
                          {});
  Time now{};
  EXPECT_EQ(source.get(now += std::chrono::hours(1))->access_key_id, "1");
  EXPECT_EQ(source.get(now += std::chrono::minutes(9))->access_key_id, "1");
  EXPECT_EQ(source.get(now += std::chrono::minutes(2))->access_key_id, "2");
  EXPECT_FALSE(CredentialSource("process:exit 1", {}).get(now));
}

TEST(Credentials, AFileThatIsNotThereIsAFailure) {
  EXPECT_FALSE(CredentialSource("/nowhere/credentials", {}).get(Time()));
}

}  // namespace
}  // namespace larder::bench
