#include "cli/policy_decision_text.h"

#include <gtest/gtest.h>

namespace larder::cli {
namespace {

policy::DecisionView denial() {
  policy::DecisionView view{.principal = "arn:aws:iam::111122223333:user/alice",
                            .action = "s3:GetObject",
                            .resource = "arn:aws:s3:::photos/cat.jpg",
                            .decision = "implicitDeny",
                            .decided_by = "boundary",
                            .message = "User: … is not authorized"};
  view.statements.push_back({.kind = "identity",
                             .policy = "Reader",
                             .sid = "Read",
                             .effect = "Allow",
                             .applies = true,
                             .decided = true});
  view.statements.push_back({.kind = "boundary",
                             .policy = "photos-only",
                             .index = 1,
                             .effect = "Allow",
                             .failed = "resource",
                             .wanted = "arn:aws:s3:::videos/*",
                             .found = "arn:aws:s3:::photos/cat.jpg"});
  return view;
}

TEST(DecisionText, ShowsTheDecisionTheReasonAndWhereEachStatementFailed) {
  EXPECT_EQ(decision_text(denial(), false), R"(DENIED: nothing in the permissions boundary allows it

  principal  arn:aws:iam::111122223333:user/alice
  action     s3:GetObject
  resource   arn:aws:s3:::photos/cat.jpg
  message    User: … is not authorized

  ✓ identity  Reader       #0 Read  Allow  applies, decides
  ✗ boundary  photos-only  #1       Allow
      ✓ action  ✗ resource: wanted arn:aws:s3:::videos/*
                             found arn:aws:s3:::photos/cat.jpg
)");
}

TEST(DecisionText, ColorIsForTerminalsOnly) {
  EXPECT_EQ(decision_text(denial(), false).find('\x1b'), std::string::npos);
  EXPECT_TRUE(decision_text(denial(), true).starts_with("\x1b[1;31mDENIED\x1b[0m"));
}

TEST(DecisionText, NothingThatIsShownCanTalkToTheTerminal) {
  policy::DecisionView view = denial();
  view.resource = "arn:aws:s3:::photos/\x1b[2J\n\xc2\x9b";
  view.statements[1].found = "\x1b]0;title\x07";
  view.statements[0].sid = "\u202eR";
  const std::string text = decision_text(view, false);
  for (const char* sequence : {"\x1b", "\xc2\x9b", "\u202e"})
    EXPECT_EQ(text.find(sequence), std::string::npos) << text;
  EXPECT_NE(text.find(R"(#0 \u202eR  Allow)"), std::string::npos) << text;
}

TEST(DecisionText, WithoutPoliciesItSaysSo) {
  policy::DecisionView view = denial();
  view.statements.clear();
  view.decided_by = "identity";
  EXPECT_TRUE(decision_text(view, false).ends_with("There are no policies.\n"));
}

TEST(DecisionText, JsonHasTheSameForPrograms) {
  EXPECT_EQ(
      decision_json(denial()),
      R"({"principal":"arn:aws:iam::111122223333:user/alice","action":"s3:GetObject",)"
      R"("resource":"arn:aws:s3:::photos/cat.jpg","decision":"implicitDeny",)"
      R"("decided_by":"boundary","message":"User: … is not authorized","statements":[)"
      R"({"kind":"identity","policy":"Reader","sid":"Read","index":0,"effect":"Allow",)"
      R"("applies":true,"decided":true,"failed":null,"wanted":null,"found":null},)"
      R"({"kind":"boundary","policy":"photos-only","sid":null,"index":1,"effect":"Allow",)"
      R"("applies":false,"decided":false,"failed":"resource","wanted":"arn:aws:s3:::videos/*",)"
      R"("found":"arn:aws:s3:::photos/cat.jpg"}]})");
}

}  // namespace
}  // namespace larder::cli
