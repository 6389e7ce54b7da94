// What lint says of documents that are too large, and that it says it soon.
#include <gtest/gtest.h>

#include <ctime>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "policy/lint.h"

namespace larder::policy {
namespace {

/// The findings of size.
std::vector<Finding> size_findings(std::string_view text, std::optional<Kind> kind = {}) {
  std::vector<Finding> found = lint(text, {.kind = kind});
  std::erase_if(found, [](const Finding& finding) {
    return finding.code != "exceeds-quota" && finding.code != "too-large";
  });
  return found;
}

/// `elements` of a statement in a document of `size` characters (without white space), by its Id.
std::string document(std::size_t size, const std::string& elements) {
  const std::string head = R"({"Version":"2012-10-17","Id":")";
  const std::string tail = R"(","Statement":{"Effect":"Allow",)" + elements + "}}";
  return head + std::string(size - head.size() - tail.size(), 'x') + tail;
}
constexpr const char* own_photos = R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*")";
constexpr const char* trusted =
    R"("Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"})";
constexpr const char* of_account = R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*",)"
                                   R"("Principal":{"AWS":"111122223333"})";

void expect_one(const std::vector<Finding>& found, Severity severity, std::string_view part) {
  ASSERT_EQ(found.size(), 1u) << part;
  EXPECT_EQ(found[0].code, "exceeds-quota");
  EXPECT_EQ(found[0].severity, severity) << found[0].message;
  EXPECT_TRUE(found[0].message.contains(part)) << found[0].message;
  EXPECT_EQ(std::pair(found[0].line, found[0].column), std::pair(1zu, 1zu));
}

TEST(LintSize, OfAnIdentityPolicySaysWhichSortItFits) {
  EXPECT_TRUE(size_findings(document(6144, own_photos)).empty());
  const auto large = size_findings(document(6145, own_photos));
  expect_one(large, Severity::warning, "6145 characters without white space");
  expect_one(large, Severity::warning, "only be an inline policy of a role");
  expect_one(size_findings(document(10'240, own_photos)), Severity::warning, "10240 in all");
  expect_one(size_findings(document(10'241, own_photos)), Severity::error, "Split it");
}

TEST(LintSize, WhiteSpaceCountsAsAwsCountsIt) {
  const std::string spaces(20'000, ' ');
  EXPECT_TRUE(size_findings(document(6144, own_photos) + spaces).empty());
  EXPECT_TRUE(size_findings(document(2048, trusted) + spaces).empty());
  expect_one(size_findings(document(2048, own_photos) + "\n", Kind::session), Severity::error,
             "2049 characters, white space counted; a session policy may have 2048");
  expect_one(size_findings(document(20'480, of_account) + "\n"), Severity::error,
             "20481 bytes; a bucket policy may have 20480");
}

TEST(LintSize, OfEveryOtherKindIsThatOfItsQuota) {
  EXPECT_TRUE(size_findings(document(6144, own_photos), Kind::boundary).empty());
  expect_one(size_findings(document(6145, own_photos), Kind::boundary), Severity::error,
             "a permissions boundary, which is a managed policy, may have 6144");
  EXPECT_TRUE(size_findings(document(2048, own_photos), Kind::session).empty());
  EXPECT_TRUE(size_findings(document(20'480, of_account)).empty());
  EXPECT_TRUE(size_findings(document(2048, trusted)).empty());
  expect_one(size_findings(document(2049, trusted)), Severity::warning,
             "a role's trust policy may have 2048. AWS raises that up to 8192");
  expect_one(size_findings(document(8193, trusted)), Severity::error, "2048");
}

TEST(LintSize, BeyondWhatAnyOperationTakesTheSizeIsAllThatIsSaid) {
  const std::string largest(limits::policy_document, ' ');
  EXPECT_TRUE(size_findings(largest).empty());
  const auto found = lint(largest + "\n");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].code, "too-large");
  EXPECT_EQ(found[0].message,
            "The document has 131073 characters; AWS takes none of more than 131072.");
  // Characters, not bytes.
  EXPECT_NE(lint(largest.substr(1) + "é")[0].code, "too-large");
}

TEST(LintSize, FindingsEndWhereNobodyReadsThem) {
  std::string actions = "\"s3:NoSuchAction\"";
  for (int i = 0; i < 4000; ++i) actions += ",\"s3:NoSuchAction\"";
  const auto found =
      lint(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*","Action":[)" +
           actions + "]}}");
  ASSERT_EQ(found.size(), 501u);
  EXPECT_EQ(found.back().code, "incomplete");
  EXPECT_EQ(found.back().message, "There may be more: lint stops at 500 findings.");
}

TEST(LintSize, AMessageDoesNotRepeatALongTextWhole) {
  const std::string action = "s3:" + std::string(100'000, 'a');
  for (const Finding& finding :
       lint(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*","Action":")" +
            action + "\"}}"))
    EXPECT_LT(finding.message.size(), 2100u) << finding.code;
}

// In each of these the pairs are too many, or too long, to be compared one by one.

/// A document of nearly the largest size: `head`, then what `next` yields, with commas, and `tail`.
std::string filled(std::string_view head, const std::function<std::string(int)>& next,
                   std::string_view tail) {
  std::string text(head);
  for (int i = 0;; ++i) {
    const std::string more = (i == 0 ? "" : ",") + next(i);
    if (text.size() + more.size() + tail.size() > limits::policy_document) break;
    text += more;
  }
  return text.append(tail);
}

void expect_soon(const std::string& text, const LintOptions& options = {}) {
  ASSERT_GT(text.size(), limits::policy_document * 9 / 10);
  const std::clock_t begin = std::clock();
  const auto found = lint(text, options);
  const std::clock_t took = (std::clock() - begin) / CLOCKS_PER_SEC;
  ASSERT_FALSE(found.empty());
  EXPECT_NE(found[0].code, "malformed") << found[0].message;
  // Of the processor's time, hundreds of times what the release build takes: this build is slow,
  // and so may the machine be.
  EXPECT_LT(took, 60) << text.substr(0, 200);
}

constexpr std::string_view version = R"({"Version":"2012-10-17","Statement":)";

TEST(LintTime, GrowsWithTheStatementsNotWithTheirPairs) {
  const auto statements = [](const auto& effect_of) {
    return filled(
        std::string(version) + "[",
        [&](int i) {
          return R"({"Effect":")" + std::string(effect_of(i)) + R"(","Action":"s3:Get*)" +
                 std::to_string(i) + R"(*","Resource":"*"})";
        },
        "]}");
  };
  expect_soon(statements([](int i) { return i % 2 == 0 ? "Allow" : "Deny"; }));
  const std::string bounded = statements([](int) { return "Allow"; });
  const auto boundary = parse(bounded, Kind::boundary);
  ASSERT_TRUE(boundary);
  expect_soon(bounded, {.boundary = &*boundary});
}

TEST(LintTime, GrowsWithActionsAndResourcesNotWithTheirPairs) {
  const auto two_lists = [](const std::string& action, const std::string& resource) {
    std::string actions, resources;
    for (int i = 0; actions.size() < limits::policy_document / 2 - 200; ++i)
      actions += (i == 0 ? "\"" : ",\"") + action + std::to_string(i) + "*\"";
    for (int i = 0; resources.size() < limits::policy_document / 2 - 200; ++i)
      resources += (i == 0 ? "\"" : ",\"") + resource + std::to_string(i) + "*\"";
    return R"("Effect":"Allow","Action":[)" + actions + R"(],"Resource":[)" + resources + "]";
  };
  expect_soon(std::string(version) + "{" + two_lists("s3:*", "arn:aws:s3:::*") + "}}");
  expect_soon(std::string(version) + "{" + two_lists("ec2:*", "arn:aws:ec2:*:*:*") + "}}");
}

TEST(LintTime, GrowsWithTheConditionsNotWithTheirPairs) {
  expect_soon(filled(
      std::string(version) +
          R"({"Effect":"Allow","Action":["s3:*","iam:*","sts:*"],"Resource":"*",)"
          R"("Condition":{"ForAllValues:StringLike":{)",
      [](int i) { return "\"aws:TagKeyz" + std::to_string(i) + "\":\"a\""; }, "}}}}"));
  expect_soon(filled(
      std::string(version) +
          R"({"Effect":"Allow","Action":["s3:*","iam:*","sts:*"],"Resource":"*",)"
          R"("Condition":{"ForAllValues:StringLike":{)",
      [](int i) { return "\"a.b:c" + std::to_string(i) + "\":\"a\""; }, "}}}}"));
}

TEST(LintTime, GrowsWithTheLengthOfPatternsNotWithItsSquare) {
  expect_soon(filled(
      std::string(version) + "[",
      [](int i) {
        return R"({"Effect":")" + std::string(i % 2 == 0 ? "Allow" : "Deny") +
               R"(","Action":"*","Resource":"arn:aws:s3:::*)" + std::string(1900, 'a') + "*\"}";
      },
      "]}"));
}

TEST(LintTime, HundredsOfStatementsAreComparedWhole) {
  const std::string text = filled(
      std::string(version) + "[",
      [](int i) {
        const std::string number = std::to_string(i);
        return R"({"Effect":")" + std::string(i % 2 == 0 ? "Allow" : "Deny") +
               R"(","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::b)" +
               number + R"(/*","arn:aws:s3:::c)" + number + "/*\"]}";
      },
      "]}");
  const auto found = lint(text);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].code, "exceeds-quota");
}

}  // namespace
}  // namespace larder::policy
