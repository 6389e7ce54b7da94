#include "policy/write.h"

#include <gtest/gtest.h>

#include "policy/managed_policies.h"

namespace larder::policy {
namespace {

std::string rewritten(std::string_view text, Kind kind) {
  const auto document = parse(text, kind);
  EXPECT_TRUE(document.has_value()) << (document ? "" : document.error().message);
  return document ? write(*document) : std::string();
}

TEST(Write, EveryElementComesBack) {
  EXPECT_EQ(
      rewritten(R"({"Statement": {"NotResource": "arn:aws:s3:::b/*", "NotAction": "s3:Get*",
                    "Principal": {"AWS": ["111122223333", "arn:aws:iam::111122223333:user/a"],
                    "CanonicalUser": "79a5"}, "Condition": {"Bool": {"aws:SecureTransport": true},
                    "NumericLessThan": {"s3:max-keys": [10, 1.50]}}, "Effect": "Deny",
                    "Sid": "a b"}, "Id": "x", "Version": "2012-10-17"})",
                Kind::bucket),
      R"({"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"a b","Effect":"Deny",)"
      R"("Principal":{"AWS":["arn:aws:iam::111122223333:root","arn:aws:iam::111122223333:user/a"],)"
      R"("CanonicalUser":["79a5"]},"NotAction":["s3:Get*"],"NotResource":["arn:aws:s3:::b/*"],)"
      R"("Condition":{"Bool":{"aws:SecureTransport":["true"]},)"
      R"("NumericLessThan":{"s3:max-keys":["10","1.50"]}}}]})");
  EXPECT_EQ(rewritten(R"({"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},)"
                      R"("Action":"sts:AssumeRole"}})",
                      Kind::trust),
            R"({"Statement":[{"Effect":"Allow","Principal":"*","Action":["sts:AssumeRole"]}]})");
}

TEST(Write, WhatWasWrittenIsReadAsTheSame) {
  for (const ManagedPolicy& policy : managed_policies()) {
    const std::string once = rewritten(policy.document, Kind::identity);
    EXPECT_EQ(rewritten(once, Kind::identity), once) << policy.name;
  }
}

}  // namespace
}  // namespace larder::policy
