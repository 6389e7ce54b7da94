#include "policy/denial.h"

#include <gtest/gtest.h>

namespace larder::policy {
namespace {

constexpr std::string_view account = "111122223333";

Verdict denied(Decision decision, DecidedBy kind) {
  Verdict verdict;
  verdict.decision = decision;
  verdict.decided_by = kind;
  return verdict;
}

class Explain : public ::testing::Test {
 protected:
  std::string message(const Principal& who, std::string_view action, std::string_view resource,
                      Decision decision, DecidedBy kind, std::string_view owner = account) const {
    return denial_message({who, action, resource, owner, context_}, denied(decision, kind));
  }

  const Principal alice_ = parse_principal("arn:aws:iam::111122223333:user/alice").value();
  const Context context_{};
};

TEST_F(Explain, QuotesTheResourcesOfS3) {
  EXPECT_EQ(message(alice_, "s3:PutObject", "arn:aws:s3:::b/k", Decision::implicit_deny,
                    DecidedBy::identity),
            "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: s3:PutObject "
            "on resource: \"arn:aws:s3:::b/k\" because no identity-based policy allows the "
            "s3:PutObject action");
}

TEST_F(Explain, DoesNotQuoteTheResourcesOfOtherServices) {
  EXPECT_EQ(message(alice_, "sts:AssumeRole", "arn:aws:iam::111122223333:role/R",
                    Decision::implicit_deny, DecidedBy::trust),
            "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: "
            "sts:AssumeRole on resource: arn:aws:iam::111122223333:role/R because no role trust "
            "policy allows the sts:AssumeRole action");
}

TEST_F(Explain, LeavesOutTheResourceOfAnActionWithoutOne) {
  EXPECT_EQ(
      message(alice_, "s3:ListAllMyBuckets", "*", Decision::explicit_deny, DecidedBy::boundary),
      "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: "
      "s3:ListAllMyBuckets with an explicit deny in a permissions boundary");
}

TEST_F(Explain, NamesEveryKindOfPolicy) {
  const auto ends = [&](Decision decision, DecidedBy kind, std::string_view end) {
    const std::string text = message(alice_, "iam:GetUser", "*", decision, kind);
    EXPECT_TRUE(text.ends_with(end)) << text;
  };
  const Decision implicit = Decision::implicit_deny;
  ends(implicit, DecidedBy::boundary,
       "because no permissions boundary allows the iam:GetUser action");
  ends(implicit, DecidedBy::session, "because no session policy allows the iam:GetUser action");
  ends(implicit, DecidedBy::resource,
       "because no resource-based policy allows the iam:GetUser action");
  ends(implicit, DecidedBy::service_control,
       "because no service control policy allows the iam:GetUser action");
  const Decision explicitly = Decision::explicit_deny;
  ends(explicitly, DecidedBy::identity, "with an explicit deny in an identity-based policy");
  ends(explicitly, DecidedBy::session, "with an explicit deny in a session policy");
  ends(explicitly, DecidedBy::resource, "with an explicit deny in a resource-based policy");
  ends(explicitly, DecidedBy::trust, "with an explicit deny in the role trust policy");
  ends(explicitly, DecidedBy::service_control, "with an explicit deny in a service control policy");
}

TEST_F(Explain, TellsStrangersNothing) {
  EXPECT_EQ(message(Principal{}, "s3:GetObject", "arn:aws:s3:::b/k", Decision::implicit_deny,
                    DecidedBy::resource),
            "Access Denied");
  EXPECT_EQ(message(alice_, "s3:GetObject", "arn:aws:s3:::b/k", Decision::explicit_deny,
                    DecidedBy::resource, "444455556666"),
            "Access Denied");
}

TEST_F(Explain, NamesTheRoleOfAnotherAccountWithoutAReason) {
  EXPECT_EQ(message(alice_, "sts:AssumeRole", "arn:aws:iam::444455556666:role/R",
                    Decision::implicit_deny, DecidedBy::trust, "444455556666"),
            "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: "
            "sts:AssumeRole on resource: arn:aws:iam::444455556666:role/R");
}

}  // namespace
}  // namespace larder::policy
