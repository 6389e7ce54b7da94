#include "policy/match.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "policy/frontier.h"

namespace larder::policy {
namespace {

bool like(std::string_view pattern, std::string_view text, const Context& context = {}) {
  PatternTable table;
  return table.matches(table.compile(pattern, {}), text, context);
}

bool arn_like(std::string_view pattern, std::string_view text, const Context& context = {},
              ArnPattern::Use use = ArnPattern::Use::resource) {
  PatternTable table;
  const ArnPattern compiled = table.compile_arn(pattern, true, use);
  return table.matches(compiled, text, split_arn(text), context);
}

TEST(Pattern, ALiteralIsTheWholeText) {
  EXPECT_TRUE(like("abc", "abc"));
  EXPECT_FALSE(like("abc", "abcd"));
  EXPECT_FALSE(like("abc", "ab"));
  EXPECT_TRUE(like("", ""));
  EXPECT_FALSE(like("", "a"));
}

TEST(Pattern, AStarIsAnyRunAndAQuestionMarkOneCharacter) {
  EXPECT_TRUE(like("*", ""));
  EXPECT_TRUE(like("a*", "a"));
  EXPECT_TRUE(like("*b*d", "abcd"));
  EXPECT_TRUE(like("*ab", "aab"));
  EXPECT_TRUE(like("a**b", "a-b"));
  EXPECT_FALSE(like("*b*d", "abc"));
  EXPECT_TRUE(like("a?c", "abc"));
  EXPECT_FALSE(like("a?c", "ac"));
  EXPECT_TRUE(like("?*", "a"));
  EXPECT_FALSE(like("?*", ""));
}

TEST(Pattern, AQuestionMarkIsACharacterOfUtf8) {
  EXPECT_TRUE(like("?", "€"));
  EXPECT_FALSE(like("??", "€"));
  EXPECT_FALSE(like("*??", "€"));
  EXPECT_TRUE(like("*?", "a€"));
}

TEST(Pattern, IgnoringCaseConcernsAsciiLetters) {
  const Wildcard pattern("s3:Get*", true);
  EXPECT_TRUE(pattern.matches("S3:GETOBJECT"));
  EXPECT_FALSE(pattern.matches("s3:PutObject"));
  EXPECT_FALSE(Wildcard("s3:Get*", false).matches("S3:GETOBJECT"));
}

TEST(Pattern, WithoutWildcardsAStarIsAStar) {
  PatternTable table;
  const Pattern pattern = table.compile("a*", {.wildcards = false});
  EXPECT_TRUE(table.matches(pattern, "a*", Context{}));
  EXPECT_FALSE(table.matches(pattern, "ab", Context{}));
}

TEST(Pattern, AVariableIsWhatItStandsForAndNeverAPattern) {
  Context context;
  context.set("aws:username", "al*ce");
  EXPECT_TRUE(like("home/${AWS:UserName}/*", "home/al*ce/x", context));
  EXPECT_FALSE(like("home/${aws:username}/*", "home/alice/x", context));
}

TEST(Pattern, AVariableWithoutASingleValueMatchesNothing) {
  Context context;
  context.add("aws:TagKeys", "a");
  EXPECT_FALSE(like("${aws:TagKeys}", "a", context));
  EXPECT_FALSE(like("*${aws:username}*", "anything", context));
}

TEST(Pattern, ADefaultStandsInForAMissingValue) {
  Context context;
  EXPECT_TRUE(like("${aws:PrincipalTag/team, 'company-wide'}", "company-wide", context));
  context.set("aws:PrincipalTag/team", "red");
  EXPECT_TRUE(like("${aws:PrincipalTag/team, 'company-wide'}", "red", context));
  EXPECT_FALSE(like("${aws:PrincipalTag/team, 'company-wide'}", "company-wide", context));
}

TEST(Pattern, EscapesAreTheCharactersThemselves) {
  EXPECT_TRUE(like("${*}", "*"));
  EXPECT_FALSE(like("${*}", "a"));
  EXPECT_TRUE(like("a${?}b${$}", "a?b$"));
}

TEST(Pattern, WhatIsNoVariableIsText) {
  EXPECT_TRUE(like("${", "${"));
  EXPECT_TRUE(like("${}", "${}"));
  EXPECT_TRUE(like("$x", "$x"));
}

TEST(Pattern, MoreVariablesThanAreRememberedStillMatch) {
  Context context;
  context.set("k", "v");
  std::string pattern;
  std::string text;
  for (int i = 0; i < 40; ++i) {
    pattern += "${k}-";
    text += "v-";
  }
  EXPECT_TRUE(like(pattern, text, context));
  EXPECT_FALSE(like(pattern, text + "v", context));
}

TEST(Pattern, NoPatternBlowsUp) {
  std::string pattern;
  for (int i = 0; i < 1000; ++i) pattern += "*a";
  pattern += "*b";
  EXPECT_FALSE(like(pattern, std::string(1024, 'a')));
}

TEST(Arn, SplitsIntoSixPartsTheLastWithAllThatFollows) {
  const auto parts = split_arn("arn:aws:s3:::bucket/a:b/c");
  ASSERT_TRUE(parts.has_value());
  EXPECT_EQ((*parts)[2], "s3");
  EXPECT_EQ((*parts)[4], "");
  EXPECT_EQ((*parts)[5], "bucket/a:b/c");
  EXPECT_FALSE(split_arn("arn:aws:s3::bucket").has_value());
  EXPECT_FALSE(split_arn("xyz:aws:s3:::bucket").has_value());
}

TEST(ArnPattern, ComparesComponentByComponent) {
  EXPECT_TRUE(arn_like("arn:aws:s3:::b/*", "arn:aws:s3:::b/k/l:m"));
  EXPECT_FALSE(arn_like("arn:aws:s3:::b/*", "arn:aws:s3:::b"));
  EXPECT_TRUE(arn_like("arn:aws:iam::*:role/R", "arn:aws:iam::111122223333:role/R"));
  EXPECT_FALSE(arn_like("arn:aws:iam::*:R", "arn:aws:iam::1:x:R"));
}

TEST(ArnPattern, OfFewerThanSixComponentsIsComparedAsAWhole) {
  EXPECT_TRUE(arn_like("arn:aws:s3:*", "arn:aws:s3:::b/k"));
}

TEST(ArnPattern, AStarMatchesWhatIsNoArn) {
  EXPECT_TRUE(arn_like("*", "*"));
  EXPECT_FALSE(arn_like("arn:aws:s3:::*", "*"));
}

TEST(ArnPattern, NoWildcardStandsForAServiceOfAResource) {
  EXPECT_FALSE(arn_like("arn:aws:s*:::b", "arn:aws:s3:::b"));
}

TEST(ArnPattern, AVariableBeforeTheFifthColonMatchesNothing) {
  Context context;
  context.set("aws:PrincipalAccount", "111122223333");
  const std::string_view pattern = "arn:aws:iam::${aws:PrincipalAccount}:role/R";
  const std::string_view arn = "arn:aws:iam::111122223333:role/R";
  EXPECT_FALSE(arn_like(pattern, arn, context));
  EXPECT_TRUE(arn_like(pattern, arn, context, ArnPattern::Use::condition));
}

bool frontier_matches(std::string_view pattern, std::string_view text) {
  Frontier frontier(text, false);
  for (const char c : pattern) {
    if (c == '*')
      frontier.pass_run();
    else if (c == '?')
      frontier.pass_one();
    else
      frontier.pass(c);
  }
  return frontier.at_end();
}

TEST(Frontier, MatchesAsOnePositionAfterTheOtherDoes) {
  const unsigned seed = 20261123;
  std::mt19937 random(seed);
  const auto some_of = [&](const std::vector<std::string>& pieces, std::size_t most) {
    std::string out;
    for (std::size_t i = random() % (most + 1); i > 0; --i) out += pieces[random() % pieces.size()];
    return out;
  };
  int matched = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = some_of({"a", "a", "b", "é", "€"}, 70);
    const std::string pattern = some_of({"a", "a", "b", "é", "?", "?", "*", "*", "*"}, 16);
    EXPECT_EQ(frontier_matches(pattern, text), like(pattern, text))
        << "seed " << seed << ": " << pattern << " / " << text;
    if (like(pattern, text)) ++matched;
  }
  EXPECT_GT(matched, 1000);
}

TEST(Pattern, MadeToBeSlowIsNot) {
  std::string a_and_one, text(8192, 'a');
  for (int i = 0; i < 2048; ++i) a_and_one += "a?";
  EXPECT_FALSE(like("*" + a_and_one + "b", text));
  EXPECT_TRUE(like("*" + a_and_one + "b", text.substr(1) + "b"));
  EXPECT_TRUE(like("*" + a_and_one + "a*", text));
}

TEST(Context, FindsKeysWithoutCaseAndKeepsTheLastValue) {
  Context context;
  context.set("aws:SourceIp", "1.1.1.1");
  context.set("AWS:sourceip", "2.2.2.2");
  EXPECT_EQ(context.single("aws:SOURCEIP"), "2.2.2.2");
  EXPECT_FALSE(context.contains("aws:SourceI"));
  context.add("tags", "a");
  context.set("other", "x");
  context.add("tags", "b");
  ASSERT_EQ(context.find("Tags").size(), 2u);
  EXPECT_EQ(context.find("tags")[0], "a");
  EXPECT_EQ(context.find("tags")[1], "b");
  EXPECT_EQ(context.single("tags"), std::nullopt);
}

}  // namespace
}  // namespace larder::policy
