#include "policy/decision_view.h"

#include <gtest/gtest.h>

#include <string>

#include "policy/evaluation_json.h"

namespace larder::policy {
namespace {

DecisionView view_of(const std::string& action) {
  const auto request = EvaluationRequest::read(R"({
    "principal": "arn:aws:iam::111122223333:user/alice", "action": ")" +
                                               action + R"(", "resource": "arn:aws:s3:::b/k",
    "identity_policies": [{"Version": "2012-10-17", "Statement": [
      {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*"},
      {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}]}]})");
  EXPECT_TRUE(request.has_value()) << (request ? "" : request.error().message);
  const PolicySet policies = (*request)->policies();
  return view_of((*request)->query(), explain((*request)->query(), policies));
}

TEST(DecisionView, TellsWhichStatementsDecidedAndWhereTheOthersFailed) {
  const DecisionView view = view_of("s3:GetObject");
  EXPECT_EQ(view.principal, "arn:aws:iam::111122223333:user/alice");
  EXPECT_EQ(view.decision, "allowed");
  EXPECT_EQ(view.decided_by, "identity");
  EXPECT_EQ(view.message, "");
  ASSERT_EQ(view.statements.size(), 2u);
  const StatementView& read = view.statements[0];
  EXPECT_TRUE(read.applies && read.decided);
  EXPECT_EQ(read.policy + "/" + read.sid + "/" + read.effect, "identity-0/Read/Allow");
  const StatementView& denial = view.statements[1];
  EXPECT_FALSE(denial.applies || denial.decided);
  EXPECT_EQ(denial.index, 1);
  EXPECT_EQ(denial.effect, "Deny");
  EXPECT_EQ(denial.failed, "action");
  EXPECT_NE(denial.wanted.find("s3:DeleteObject"), std::string::npos);
  EXPECT_NE(denial.found.find("s3:GetObject"), std::string::npos);
}

TEST(DecisionView, ADenialHasItsMessage) {
  const DecisionView view = view_of("s3:DeleteObject");
  EXPECT_EQ(view.decision, "explicitDeny");
  EXPECT_TRUE(view.message.ends_with("with an explicit deny in an identity-based policy"));
  EXPECT_TRUE(view.statements[1].decided);
}

}  // namespace
}  // namespace larder::policy
