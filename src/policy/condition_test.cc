#include "policy/condition.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace larder::policy {
namespace {

bool holds(std::string name, const std::vector<std::string>& values, const Context& context) {
  const auto op = parse_operator(name);
  EXPECT_TRUE(op.has_value()) << name;
  PatternTable patterns;
  ConditionTable conditions;
  const auto compiled = conditions.compile({*op, std::move(name), "k", values}, true, patterns);
  return conditions.holds(compiled, patterns, context);
}

/// The operator with one value of the policy and one of the request.
bool check(std::string name, std::string wanted, std::string_view given) {
  Context context;
  context.set("k", given);
  return holds(std::move(name), {std::move(wanted)}, context);
}

bool check_absent(std::string name, std::string wanted) {
  return holds(std::move(name), {std::move(wanted)}, Context{});
}

TEST(Operator, IsReadWithItsPrefixAndSuffix) {
  const auto op = parse_operator("ForAllValues:StringNotLikeIfExists");
  ASSERT_TRUE(op.has_value());
  EXPECT_EQ(op->comparison, Comparison::string_like);
  EXPECT_EQ(op->quantifier, Quantifier::for_all_values);
  EXPECT_TRUE(op->negated);
  EXPECT_TRUE(op->if_exists);
}

TEST(Operator, IsRefusedWhenAwsDoesNotHaveIt) {
  EXPECT_FALSE(parse_operator("StringEqual").has_value());
  EXPECT_FALSE(parse_operator("NullIfExists").has_value());
  EXPECT_FALSE(parse_operator("ForAnyValue:NullIfExists").has_value());
  EXPECT_FALSE(parse_operator("ForSomeValues:StringLike").has_value());
  EXPECT_FALSE(parse_operator("").has_value());
}

TEST(Condition, AnAbsentKeyFailsPositiveAndSatisfiesNegatedOperators) {
  for (const char* name : {"StringEquals", "StringLike", "NumericEquals", "DateLessThan", "Bool",
                           "BinaryEquals", "IpAddress", "ArnLike"})
    EXPECT_FALSE(check_absent(name, "1")) << name;
  for (const char* name : {"StringNotEquals", "StringNotLike", "StringNotEqualsIgnoreCase",
                           "NumericNotEquals", "DateNotEquals", "NotIpAddress", "ArnNotLike"})
    EXPECT_TRUE(check_absent(name, "1")) << name;
  for (const char* name : {"StringEqualsIfExists", "BoolIfExists", "NumericLessThanIfExists",
                           "ForAnyValue:StringEqualsIfExists"})
    EXPECT_TRUE(check_absent(name, "1")) << name;
}

TEST(Condition, NumbersCompareExactly) {
  EXPECT_TRUE(check("NumericEquals", "10", "10.00"));
  EXPECT_TRUE(check("NumericLessThan", "10000000000000000000000000000001",
                    "10000000000000000000000000000000"));
  EXPECT_TRUE(check("NumericGreaterThanEquals", "-0", "0"));
  EXPECT_TRUE(check("NumericGreaterThan", "0.1", "0.11"));
  EXPECT_FALSE(check("NumericLessThan", "10", "ten"));
  EXPECT_FALSE(check("NumericLessThan", "ten", "1"));
  EXPECT_FALSE(check("NumericEquals", "", ""));
}

TEST(Condition, DatesCompareAsInstants) {
  EXPECT_TRUE(check("DateEquals", "2024-05-31", "2024-05-31T00:00:00Z"));
  EXPECT_TRUE(check("DateEquals", "1970-01-01T00:00:01Z", "1"));
  EXPECT_TRUE(check("DateEquals", "2012", "2012-01-01T00:00Z"));
  EXPECT_TRUE(check("DateLessThan", "2024-05-31T10:00:00.5Z", "2024-05-31T10:00:00.25Z"));
  EXPECT_TRUE(check("DateGreaterThan", "2024-05-31T10:00:00+02:00", "2024-05-31T08:00:01Z"));
  EXPECT_FALSE(check("DateEquals", "2024-02-30", "2024-02-30"));
  EXPECT_FALSE(check("DateLessThan", "yesterday", "2024-05-31T10:00:00Z"));
}

TEST(Condition, BoolIsTrueOrFalseAndNothingElse) {
  EXPECT_TRUE(check("Bool", "True", "true"));
  EXPECT_FALSE(check("Bool", "true", "false"));
  EXPECT_FALSE(check("Bool", "yes", "yes"));
}

TEST(Condition, BinaryComparesTheBytes) {
  EXPECT_TRUE(check("BinaryEquals", "QQ==", "QQ=="));
  EXPECT_TRUE(check("BinaryEquals", "QQ==", "QQ"));
  EXPECT_FALSE(check("BinaryEquals", "QQ==", "Qg=="));
  EXPECT_FALSE(check("BinaryEquals", "Q!==", "Q!=="));
}

TEST(Condition, AddressesAreInRanges) {
  EXPECT_TRUE(check("IpAddress", "10.1.2.3/8", "10.255.0.1"));
  EXPECT_TRUE(check("IpAddress", "0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(check("IpAddress", "10.0.0.0/31", "10.0.0.2"));
  EXPECT_TRUE(check("IpAddress", "10.0.0.0/31", "10.0.0.1"));
  EXPECT_TRUE(check("IpAddress", "2001:db8::1", "2001:DB8:0::1"));
  EXPECT_TRUE(check("IpAddress", "10.0.0.0/8", "::ffff:10.0.0.1"));
  EXPECT_FALSE(check("IpAddress", "10.0.0.0/33", "10.0.0.1"));
  EXPECT_FALSE(check("IpAddress", "10.0.0.0/8", "nowhere"));
  EXPECT_TRUE(check("NotIpAddress", "10.0.0.0/8", "11.0.0.1"));
}

TEST(Condition, ADateInSecondsMayBeOfFourCharacters) {
  EXPECT_TRUE(check("DateLessThan", "2024-05-31", "-1.5"));
  EXPECT_TRUE(check("DateLessThan", "1970-01-01T00:01:00Z", "12.5"));
  EXPECT_FALSE(check("DateLessThan", "1970-01-01T00:01:00Z", "2024"));
}

TEST(Condition, NullAsksWhetherTheKeyIsThere) {
  EXPECT_TRUE(check_absent("Null", "true"));
  EXPECT_FALSE(check_absent("Null", "false"));
  EXPECT_TRUE(check("Null", "false", "x"));
  EXPECT_FALSE(check("Null", "false", ""));
}

TEST(Condition, SetOperatorsGoThroughTheValuesOfTheRequest) {
  Context context;
  context.add("k", "a");
  context.add("k", "b");
  EXPECT_TRUE(holds("ForAllValues:StringEquals", {"a", "b", "c"}, context));
  EXPECT_FALSE(holds("ForAllValues:StringEquals", {"a"}, context));
  EXPECT_TRUE(holds("ForAnyValue:StringEquals", {"b"}, context));
  EXPECT_FALSE(holds("ForAnyValue:StringEquals", {"c"}, context));
  EXPECT_FALSE(holds("ForAllValues:StringNotEquals", {"a"}, context));
  EXPECT_TRUE(holds("ForAllValues:StringNotEquals", {"c"}, context));
  EXPECT_TRUE(check_absent("ForAllValues:StringEquals", "a"));
  EXPECT_FALSE(check_absent("ForAnyValue:StringNotEquals", "a"));
}

TEST(Condition, StringEqualsTakesVariablesButNoWildcards) {
  Context context;
  context.set("aws:username", "a*");
  context.set("k", "a*");
  EXPECT_TRUE(holds("StringEquals", {"${aws:username}"}, context));
  context.set("k", "ab");
  EXPECT_FALSE(holds("StringEquals", {"${aws:username}"}, context));
  EXPECT_FALSE(holds("StringLike", {"${aws:username}"}, context));
  EXPECT_TRUE(holds("StringLike", {"a*"}, context));
}

}  // namespace
}  // namespace larder::policy
