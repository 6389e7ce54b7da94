#include "policy/condition.h"

#include <algorithm>
#include <array>
#include <utility>

namespace larder::policy {

namespace {

struct NamedOperator {
  std::string_view name;
  Comparison comparison;
  bool negated;
};

constexpr std::array<NamedOperator, 27> named_operators{{
    {"StringEquals", Comparison::string_equals, false},
    {"StringNotEquals", Comparison::string_equals, true},
    {"StringEqualsIgnoreCase", Comparison::string_equals_ignore_case, false},
    {"StringNotEqualsIgnoreCase", Comparison::string_equals_ignore_case, true},
    {"StringLike", Comparison::string_like, false},
    {"StringNotLike", Comparison::string_like, true},
    {"NumericEquals", Comparison::numeric_equals, false},
    {"NumericNotEquals", Comparison::numeric_equals, true},
    {"NumericLessThan", Comparison::numeric_less, false},
    {"NumericLessThanEquals", Comparison::numeric_less_equals, false},
    {"NumericGreaterThan", Comparison::numeric_greater, false},
    {"NumericGreaterThanEquals", Comparison::numeric_greater_equals, false},
    {"DateEquals", Comparison::date_equals, false},
    {"DateNotEquals", Comparison::date_equals, true},
    {"DateLessThan", Comparison::date_less, false},
    {"DateLessThanEquals", Comparison::date_less_equals, false},
    {"DateGreaterThan", Comparison::date_greater, false},
    {"DateGreaterThanEquals", Comparison::date_greater_equals, false},
    {"Bool", Comparison::boolean, false},
    {"BinaryEquals", Comparison::binary, false},
    {"IpAddress", Comparison::ip_address, false},
    {"NotIpAddress", Comparison::ip_address, true},
    {"ArnEquals", Comparison::arn_like, false},
    {"ArnLike", Comparison::arn_like, false},
    {"ArnNotEquals", Comparison::arn_like, true},
    {"ArnNotLike", Comparison::arn_like, true},
    {"Null", Comparison::null, false},
}};

bool remove_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool remove_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

bool numbers_hold(Comparison comparison, std::string_view value, std::string_view wanted) {
  const auto a = read_decimal(value);
  const auto b = read_decimal(wanted);
  if (!a || !b) return false;
  const auto order = compare(*a, *b);
  switch (comparison) {
    case Comparison::numeric_equals:
      return order == 0;
    case Comparison::numeric_less:
      return order < 0;
    case Comparison::numeric_less_equals:
      return order <= 0;
    case Comparison::numeric_greater:
      return order > 0;
    case Comparison::numeric_greater_equals:
      return order >= 0;
    default:
      return false;
  }
}

bool dates_hold(Comparison comparison, std::string_view value, const ConditionValue& wanted) {
  const Instant* b = std::get_if<Instant>(&wanted.compiled);
  const auto a = b != nullptr ? read_date(value) : std::nullopt;
  if (!a) return false;
  switch (comparison) {
    case Comparison::date_equals:
      return *a == *b;
    case Comparison::date_less:
      return *a < *b;
    case Comparison::date_less_equals:
      return *a <= *b;
    case Comparison::date_greater:
      return *a > *b;
    case Comparison::date_greater_equals:
      return *a >= *b;
    default:
      return false;
  }
}

/// One value of the request against one of the policy, the operator's negation left aside.
bool equals(Comparison comparison, std::string_view value, const ConditionValue& wanted,
            const Context& context) {
  switch (comparison) {
    case Comparison::string_equals:
    case Comparison::string_equals_ignore_case:
    case Comparison::string_like: {
      const Pattern* pattern = std::get_if<Pattern>(&wanted.compiled);
      return pattern != nullptr && pattern->matches(value, context);
    }
    case Comparison::arn_like: {
      const ArnPattern* pattern = std::get_if<ArnPattern>(&wanted.compiled);
      return pattern != nullptr && pattern->matches(value, context);
    }
    case Comparison::boolean: {
      const auto a = read_boolean(value);
      return a && a == read_boolean(wanted.text);
    }
    case Comparison::binary:
      return same_base64_bytes(value, wanted.text);
    case Comparison::ip_address: {
      const IpRange* range = std::get_if<IpRange>(&wanted.compiled);
      const auto address = range != nullptr ? read_ip_range(value) : std::nullopt;
      return address && contains(*range, *address);
    }
    case Comparison::date_equals:
    case Comparison::date_less:
    case Comparison::date_less_equals:
    case Comparison::date_greater:
    case Comparison::date_greater_equals:
      return dates_hold(comparison, value, wanted);
    case Comparison::null:
      return false;
    default:
      return numbers_hold(comparison, value, wanted.text);
  }
}

/// Of several values of the policy any may match; for a negated operator, none may.
bool value_holds(const Condition& condition, std::string_view value, const Context& context) {
  const bool any = std::ranges::any_of(condition.values, [&](const ConditionValue& wanted) {
    return equals(condition.op.comparison, value, wanted, context);
  });
  return any != condition.op.negated;
}

/// Neither absent nor without any value that says something.
bool has_values(Context::Values values) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!values[i].empty()) return true;
  return false;
}

bool null_holds(const Condition& condition, bool is_null) {
  return std::ranges::any_of(condition.values, [&](const ConditionValue& wanted) {
    const auto expected = read_boolean(wanted.text);
    return expected && *expected == is_null;
  });
}

bool all_hold(const Condition& condition, Context::Values values, const Context& context) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!value_holds(condition, values[i], context)) return false;
  return true;
}

bool any_holds(const Condition& condition, Context::Values values, const Context& context) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (value_holds(condition, values[i], context)) return true;
  return false;
}

}  // namespace

std::optional<ConditionOperator> parse_operator(std::string_view name) {
  ConditionOperator op{};
  if (remove_prefix(name, "ForAllValues:"))
    op.quantifier = Quantifier::for_all_values;
  else if (remove_prefix(name, "ForAnyValue:"))
    op.quantifier = Quantifier::for_any_value;
  op.if_exists = remove_suffix(name, "IfExists");
  for (const NamedOperator& named : named_operators) {
    if (named.name != name) continue;
    op.comparison = named.comparison;
    op.negated = named.negated;
    const bool modified = op.if_exists || op.quantifier != Quantifier::none;
    if (op.comparison == Comparison::null && modified) return std::nullopt;
    return op;
  }
  return std::nullopt;
}

ConditionValue compile_value(ConditionOperator op, std::string_view text, bool variables) {
  ConditionValue value{.text = std::string(text)};
  switch (op.comparison) {
    case Comparison::string_equals:
      value.compiled = Pattern::compile(text, {.wildcards = false, .variables = variables});
      break;
    case Comparison::string_equals_ignore_case:
      value.compiled =
          Pattern::compile(text, {.wildcards = false, .variables = variables, .ignore_case = true});
      break;
    case Comparison::string_like:
      value.compiled = Pattern::compile(text, {.wildcards = true, .variables = variables});
      break;
    case Comparison::arn_like:
      value.compiled = ArnPattern::compile(text, variables, ArnPattern::Use::condition);
      break;
    case Comparison::date_equals:
    case Comparison::date_less:
    case Comparison::date_less_equals:
    case Comparison::date_greater:
    case Comparison::date_greater_equals:
      if (const auto date = read_date(text)) value.compiled = *date;
      break;
    case Comparison::ip_address:
      if (const auto range = read_ip_range(text)) value.compiled = *range;
      break;
    default:
      break;
  }
  return value;
}

bool holds(const Condition& condition, const Context& context) {
  const ConditionOperator op = condition.op;
  const Context::Values values = context.find(condition.key);
  if (op.comparison == Comparison::null) return null_holds(condition, !has_values(values));
  switch (op.quantifier) {
    case Quantifier::for_all_values:
      return !has_values(values) || all_hold(condition, values, context);
    case Quantifier::for_any_value:
      if (values.empty()) return op.if_exists;
      return any_holds(condition, values, context);
    case Quantifier::none:
      break;
  }
  if (values.empty()) return op.if_exists || op.negated;
  // A list without a set operator: some value matches, or for a negated operator, none does.
  return op.negated ? all_hold(condition, values, context) : any_holds(condition, values, context);
}

}  // namespace larder::policy
