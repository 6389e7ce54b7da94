#include "policy/pattern_sets.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policy/match.h"

namespace larder::policy {
namespace {

/// Each comparison with as much effort as it wants.
Effort plenty() { return Effort(UINT64_MAX); }
bool may_overlap(std::string_view a, std::string_view b, Letters letters) {
  Effort effort = plenty();
  return policy::may_overlap(a, b, letters, effort);
}
bool covers(std::string_view outer, std::string_view inner, Letters letters) {
  Effort effort = plenty();
  return policy::covers(outer, inner, letters, effort);
}
bool arns_may_overlap(std::string_view a, std::string_view b) {
  Effort effort = plenty();
  return policy::arns_may_overlap(a, b, effort);
}
bool arn_covers(std::string_view outer, std::string_view inner) {
  Effort effort = plenty();
  return policy::arn_covers(outer, inner, effort);
}
bool may_be_of_type(std::string_view arn, std::string_view type) {
  Effort effort = plenty();
  return policy::may_be_of_type(arn, type, effort);
}

bool overlap(std::string_view a, std::string_view b) {
  const bool answer = may_overlap(a, b, Letters::exact);
  EXPECT_EQ(may_overlap(b, a, Letters::exact), answer) << a << " " << b;
  return answer;
}

TEST(PatternSets, OverlapWhenSomeTextMatchesBoth) {
  EXPECT_TRUE(overlap("", ""));
  EXPECT_TRUE(overlap("*", ""));
  EXPECT_TRUE(overlap("a*", "*b"));
  EXPECT_TRUE(overlap("a*c", "ab*"));
  EXPECT_TRUE(overlap("*a*", "*b*"));
  EXPECT_TRUE(overlap("?b", "a?"));
  EXPECT_TRUE(overlap("é", "?"));
  EXPECT_TRUE(overlap("x${aws:username}", "x/y"));
  EXPECT_TRUE(overlap("a${*}", "a*"));
  EXPECT_FALSE(overlap("a", ""));
  EXPECT_FALSE(overlap("a*", "b*"));
  EXPECT_FALSE(overlap("*a", "*b"));
  EXPECT_FALSE(overlap("a?", "a"));
  EXPECT_FALSE(overlap("a*b*c", "acb"));
  EXPECT_FALSE(overlap("a${*}", "ab"));
  EXPECT_FALSE(overlap("A", "a"));
  EXPECT_TRUE(may_overlap("S3:GET*", "s3:*Object", Letters::any_case));
}

/// All texts over {a, b} up to four letters, against the answers by definition.
TEST(PatternSets, AgreeWithTheDefinition) {
  const auto words = [](std::string_view letters, std::size_t length_max) {
    std::vector<std::string> all{""};
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i].size() < length_max)
        for (const char c : letters) all.push_back(all[i] + c);
    return all;
  };
  const auto patterns = words("ab?*", 3);
  const auto texts = words("ab", 6);  // two patterns that overlap have a common text this short
  std::vector<std::vector<bool>> matches;
  for (const std::string& pattern : patterns) {
    auto& row = matches.emplace_back();
    for (const std::string& text : texts) row.push_back(Wildcard(pattern, false).matches(text));
  }
  for (std::size_t p = 0; p < patterns.size(); ++p) {
    for (std::size_t q = 0; q < patterns.size(); ++q) {
      bool common = false;
      bool all = true;
      for (std::size_t t = 0; t < texts.size(); ++t) {
        common = common || (matches[p][t] && matches[q][t]);
        all = all && (matches[p][t] || !matches[q][t]);
      }
      EXPECT_EQ(may_overlap(patterns[p], patterns[q], Letters::exact), common)
          << patterns[p] << " " << patterns[q];
      if (covers(patterns[p], patterns[q], Letters::exact)) {
        EXPECT_TRUE(all) << patterns[p] << " " << patterns[q];
      }
    }
  }
}

TEST(PatternSets, CoverOnlyWhatIsCertain) {
  EXPECT_TRUE(covers("*", "a*b?", Letters::exact));
  EXPECT_TRUE(covers("s3:*", "S3:Get*", Letters::any_case));
  EXPECT_TRUE(covers("a?", "a?", Letters::exact));
  EXPECT_TRUE(covers("a*", "a${aws:username}", Letters::exact));
  EXPECT_FALSE(covers("a?", "a*", Letters::exact));
  EXPECT_FALSE(covers("a${aws:username}", "a${aws:username}", Letters::exact));
}

TEST(PatternSets, CompareArnsByComponent) {
  EXPECT_TRUE(arns_may_overlap("arn:aws:s3:::b*", "arn:aws:s3:::*/x"));
  EXPECT_FALSE(arns_may_overlap("arn:aws:iam::1:user/*", "arn:aws:iam::2:*"));
  EXPECT_FALSE(arns_may_overlap("arn:aws:sns:*:f", "arn:aws:sns:a:1:f:g"));
  EXPECT_TRUE(arn_covers("arn:aws:s3:::b/*", "arn:aws:s3:::b/a/*"));
  EXPECT_FALSE(arn_covers("arn:aws:s3:::b/*", "arn:aws:s3:::b"));
  EXPECT_FALSE(arn_covers("arn:aws:s3:::b/*", "*"));
}

TEST(PatternSets, KnowABucketFromAnObject) {
  EXPECT_TRUE(may_be_of_type("arn:aws:s3:::b", "arn:aws:s3:::*"));
  EXPECT_TRUE(may_be_of_type("arn:aws:s3:::b*", "arn:aws:s3:::*"));
  EXPECT_FALSE(may_be_of_type("arn:aws:s3:::b/*", "arn:aws:s3:::*"));
  EXPECT_TRUE(may_be_of_type("arn:aws:s3:::b*", "arn:aws:s3:::*/*"));
  EXPECT_FALSE(may_be_of_type("arn:aws:s3:::b", "arn:aws:s3:::*/*"));
  EXPECT_TRUE(may_be_of_type("arn:aws:iam::1:role/a/b", "arn:aws:iam::*:role/*"));
  EXPECT_TRUE(may_be_of_type("*", "arn:aws:s3:::*"));
}

TEST(PatternSets, GiveUpOnTheConservativeSide) {
  const std::string a = "*" + std::string(3000, 'a') + "*";
  const std::string b = "x" + std::string(3000, 'b') + "x";
  EXPECT_TRUE(may_overlap(a, b, Letters::exact));
  EXPECT_FALSE(covers(a, a + "a", Letters::exact));
}

TEST(PatternSets, WhatDiffersAtOnceNeedsNoTable) {
  const std::string long_one(3000, 'a');
  EXPECT_FALSE(may_overlap("x" + long_one + "*", "y" + long_one + "*", Letters::exact));
  EXPECT_FALSE(may_overlap("*" + long_one + "x", "*" + long_one + "y", Letters::exact));
  EXPECT_TRUE(covers(long_one + "*", long_one + "a", Letters::exact));
}

TEST(PatternSets, LeanToTheirSidesOnceTheEffortIsSpent) {
  Effort effort(1000);
  EXPECT_FALSE(policy::may_overlap("s3:Get*", "s3:Put*", Letters::any_case, effort));
  EXPECT_FALSE(effort.is_spent());
  while (effort.spend(1)) continue;
  EXPECT_TRUE(effort.is_spent());
  EXPECT_TRUE(policy::may_overlap("s3:Get*", "s3:Put*", Letters::any_case, effort));
  EXPECT_FALSE(policy::covers("s3:*", "s3:Get*", Letters::any_case, effort));
  EXPECT_TRUE(policy::arns_may_overlap("arn:aws:s3:::a", "arn:aws:s3:::b", effort));
  EXPECT_FALSE(policy::arn_covers("arn:aws:s3:::a*", "arn:aws:s3:::ab", effort));
  EXPECT_TRUE(policy::may_be_of_type("arn:aws:s3:::a/b", "arn:aws:iam::*:user/*", effort));
}

}  // namespace
}  // namespace larder::policy
