#include "policy/testing/naive_conditions.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <compare>

#include "base/check.h"
#include "policy/testing/naive_literals.h"

namespace larder::policy::test {

namespace {

namespace json = boost::json;

struct Operator {
  std::string_view quantifier{};  // "ForAllValues", "ForAnyValue" or empty
  std::string_view comparison{};  // without negation: "StringEquals"
  bool negated = false;
  bool if_exists = false;
};

Operator read_operator(std::string_view name) {
  Operator op;
  if (const std::size_t colon = name.find(':'); colon != std::string_view::npos) {
    op.quantifier = name.substr(0, colon);
    name.remove_prefix(colon + 1);
  }
  if (name.ends_with("IfExists")) {
    op.if_exists = true;
    name.remove_suffix(8);
  }
  struct Opposite {
    std::string_view negative, positive;
  };
  constexpr Opposite opposites[] = {
      {"StringNotEquals", "StringEquals"}, {"StringNotEqualsIgnoreCase", "StringEqualsIgnoreCase"},
      {"StringNotLike", "StringLike"},     {"NumericNotEquals", "NumericEquals"},
      {"DateNotEquals", "DateEquals"},     {"NotIpAddress", "IpAddress"},
      {"ArnNotEquals", "ArnEquals"},       {"ArnNotLike", "ArnLike"}};
  op.comparison = name;
  for (const Opposite& one : opposites) {
    if (name != one.negative) continue;
    op.comparison = one.positive;
    op.negated = true;
  }
  return op;
}

/// "LessThanEquals" and its kin, of numbers or dates.
bool order_holds(std::string_view relation, std::strong_ordering order) {
  if (relation == "Equals") return order == 0;
  if (relation == "LessThan") return order < 0;
  if (relation == "LessThanEquals") return order <= 0;
  if (relation == "GreaterThan") return order > 0;
  CHECK(relation == "GreaterThanEquals");
  return order >= 0;
}

bool text_compares(std::string_view comparison, std::string_view wanted, std::string_view value,
                   bool variables, const NaiveContext& context) {
  if (comparison == "ArnEquals" || comparison == "ArnLike")
    return arn_matches(wanted, value, variables, context);
  const Reading reading{.variables = variables,
                        .wildcards = comparison == "StringLike",
                        .ignore_case = comparison == "StringEqualsIgnoreCase"};
  return text_matches(wanted, value, reading, context);
}

bool compares(std::string_view comparison, std::string_view wanted, std::string_view value,
              bool variables, const NaiveContext& context) {
  if (comparison.starts_with("Numeric")) {
    const auto order = compare_numbers(value, wanted);
    return order && order_holds(comparison.substr(7), *order);
  }
  if (comparison.starts_with("Date")) {
    const auto order = compare_dates(value, wanted);
    return order && order_holds(comparison.substr(4), *order);
  }
  if (comparison == "Bool")
    return same_but_for_case(wanted, value) &&
           (same_but_for_case(value, "true") || same_but_for_case(value, "false"));
  if (comparison == "BinaryEquals") return same_bytes(wanted, value);
  if (comparison == "IpAddress") return in_address_range(wanted, value);
  return text_compares(comparison, wanted, value, variables, context);
}

std::string text_of(const json::value& scalar) {
  if (scalar.is_bool()) return scalar.get_bool() ? "true" : "false";
  if (scalar.is_number()) return boost::json::serialize(scalar);
  const json::string& text = scalar.as_string();
  return {text.data(), text.size()};
}

std::vector<std::string> texts_of(const json::value& element) {
  std::vector<std::string> texts;
  if (!element.is_array()) return {text_of(element)};
  for (const json::value& one : element.get_array()) texts.push_back(text_of(one));
  return texts;
}

bool condition_holds(std::string_view name, std::string_view key, const json::value& element,
                     bool variables, const NaiveContext& context) {
  const Operator op = read_operator(name);
  const auto wanted = texts_of(element);
  const NaiveValues* found = find(context, key);
  const bool absent = found == nullptr || found->values.empty();
  // A data set without anything in it, "such as an empty string".
  const bool blank =
      absent || std::ranges::all_of(found->values, [](const auto& v) { return v.empty(); });
  if (op.comparison == "Null" && (op.quantifier.empty() || !blank))
    return std::ranges::any_of(wanted, [&](const std::string& text) {
      return same_but_for_case(text, blank ? "true" : "false");
    });
  if (op.quantifier == "ForAllValues" && blank) return true;
  if (blank && op.comparison == "Null") return false;
  if (absent) return op.if_exists || (op.negated && op.quantifier.empty());
  if (op.quantifier == "ForAnyValue" && blank) return false;
  const auto is_wanted = [&](const std::string& value) {
    return std::ranges::any_of(wanted, [&](const std::string& one) {
      return compares(op.comparison, one, value, variables, context);
    });
  };
  const auto suits = [&](const std::string& value) { return is_wanted(value) != op.negated; };
  if (op.quantifier == "ForAllValues") return std::ranges::all_of(found->values, suits);
  if (op.quantifier == "ForAnyValue") return std::ranges::any_of(found->values, suits);
  return std::ranges::any_of(found->values, is_wanted) != op.negated;
}

}  // namespace

bool conditions_hold(const boost::json::value& element, bool variables,
                     const NaiveContext& context) {
  for (const auto& [name, keys] : element.get_object())
    for (const auto& [key, values] : keys.get_object())
      if (!condition_holds({name.data(), name.size()}, {key.data(), key.size()}, values, variables,
                           context))
        return false;
  return true;
}

}  // namespace larder::policy::test
