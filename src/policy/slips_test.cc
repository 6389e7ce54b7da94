#include "policy/slips.h"

#include <gtest/gtest.h>

namespace larder::policy {
namespace {

std::string slip_in(std::string_view action, std::string_view resource = "*") {
  const auto slips = slips_in(action, resource);
  EXPECT_LE(slips.size(), 1u);
  return slips.empty() ? "none" : slips[0];
}

TEST(Slips, AnActionThatThereIsNotComesWithTheOneThatWasMeant) {
  EXPECT_EQ(slip_in("s3:GetObjetc"), "no action is named s3:GetObjetc; did you mean s3:GetObject?");
  EXPECT_EQ(slip_in("GetObject"), "no action is named GetObject; did you mean s3:GetObject?");
  EXPECT_EQ(slip_in("s4:PutObjct"), "no action is named s4:PutObjct; did you mean s3:PutObject?");
  EXPECT_EQ(slip_in("s3:HeadObject"),
            "no action is named s3:HeadObject; did you mean s3:GetObject?");
  EXPECT_EQ(slip_in("s3:FlyToTheMoon"), "no action is named s3:FlyToTheMoon");
  EXPECT_EQ(slip_in("dynamodb:FlyToTheMoon"),
            "no action is named dynamodb:FlyToTheMoon; Larder has those of ec2, iam, kms, s3 and "
            "sts");
  EXPECT_EQ(slip_in("s3:Get*"),
            "s3:Get* is a pattern; a request asks for one action, as s3:GetObject");
}

TEST(Slips, AResourceThatIsNoArnComesWithTheOneThatWasMeant) {
  EXPECT_EQ(slip_in("s3:GetObject", "photos/cat.jpg"),
            "photos/cat.jpg is no ARN; did you mean arn:aws:s3:::photos/cat.jpg?");
  EXPECT_EQ(slip_in("S3:GetObject", "s3://photos/cat.jpg"),
            "s3://photos/cat.jpg is no ARN; did you mean arn:aws:s3:::photos/cat.jpg?");
  EXPECT_EQ(slip_in("iam:GetUser", "alice"),
            "\"alice\" is neither an ARN, as arn:aws:s3:::photos/cat.jpg, nor *");
  EXPECT_EQ(slip_in("s3:GetObject", "arn:aws:s3:photos"),
            "\"arn:aws:s3:photos\" is neither an ARN, as arn:aws:s3:::photos/cat.jpg, nor *");
  EXPECT_EQ(slips_in("s3:GetObjetc", "photos").size(), 2u);
}

TEST(Slips, WhatIsRightHasNone) {
  for (const char* action : {"s3:GetObject", "S3:getobject", "ec2:RunInstances", "iam:PassRole",
                             "sts:AssumeRole", "larder:ExplainDecision"})
    EXPECT_EQ(slip_in(action, "arn:aws:s3:::photos/a:b"), "none") << action;
  EXPECT_EQ(slip_in("s3:ListAllMyBuckets", "*"), "none");
}

}  // namespace
}  // namespace larder::policy
