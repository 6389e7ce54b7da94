#include "aws/signing_keys.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace larder::aws {
namespace {

using sigv4::Algorithm;

void expect_derived(SigningKeys& keys, Algorithm algorithm, const std::string& access_key_id,
                    const Secret& secret, const sigv4::Scope& scope) {
  const auto expected = sigv4::derive_key(algorithm, access_key_id, secret, scope);
  const auto key = keys.derive(algorithm, access_key_id, secret, scope);
  EXPECT_EQ(key.algorithm, expected.algorithm);
  EXPECT_TRUE(key.bytes == expected.bytes) << access_key_id << " " << scope.str();
}

TEST(SigningKeys, AreThoseOfTheirScope) {
  SigningKeys keys;
  const Secret secret("a secret");
  for (int round = 0; round < 3; ++round)
    for (const auto& scope :
         {sigv4::Scope{"20130524", "us-east-1", "s3"}, sigv4::Scope{"20130525", "us-east-1", "s3"},
          sigv4::Scope{"20130524", "eu-west-1", "s3"}, sigv4::Scope{"20130524", "us-east-1", "sts"},
          sigv4::Scope{"20130524", "us-east-1s", "3"}, sigv4::Scope{"20130524", "", "s3"}})
      expect_derived(keys, Algorithm::hmac, "AKIAIOSFODNN7EXAMPLE", secret, scope);
}

TEST(SigningKeys, AreThoseOfTheSecretThatIsThereNow) {
  SigningKeys keys;
  const sigv4::Scope scope{"20130524", "us-east-1", "s3"};
  for (int round = 0; round < 3; ++round)
    for (const auto* secret : {"one", "two", "two ", "", "One"})
      expect_derived(keys, Algorithm::hmac, "AKIAIOSFODNN7EXAMPLE", Secret(secret), scope);
}

TEST(SigningKeys, AreThoseOfTheAlgorithmAndTheAccessKeyId) {
  SigningKeys keys;
  const Secret secret("a secret");
  const sigv4::Scope scope{"20130524", "", "s3"};
  for (int round = 0; round < 2; ++round)
    for (const auto* id : {"AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLF"})
      for (const auto algorithm : {Algorithm::hmac, Algorithm::ecdsa})
        expect_derived(keys, algorithm, id, secret, scope);
}

TEST(SigningKeys, MoreThanAreRememberedAreAllRight) {
  SigningKeys keys;
  std::mt19937 order(11);
  for (int i = 0; i < 6000; ++i) {
    const auto which = order() % 2000;
    expect_derived(keys, Algorithm::hmac, fmt::format("AKIA{}", which),
                   Secret(fmt::format("secret {}", which)), {"20130524", "us-east-1", "s3"});
  }
}

}  // namespace
}  // namespace larder::aws
