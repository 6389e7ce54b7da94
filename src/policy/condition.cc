#include "policy/condition.h"

#include <algorithm>
#include <array>
#include <compare>
#include <span>
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

bool holds_for(Comparison comparison, std::strong_ordering order) {
  switch (comparison) {
    case Comparison::numeric_equals:
    case Comparison::date_equals:
      return order == 0;
    case Comparison::numeric_less:
    case Comparison::date_less:
      return order < 0;
    case Comparison::numeric_less_equals:
    case Comparison::date_less_equals:
      return order <= 0;
    case Comparison::numeric_greater:
    case Comparison::date_greater:
      return order > 0;
    case Comparison::numeric_greater_equals:
    case Comparison::date_greater_equals:
      return order >= 0;
    default:
      return false;
  }
}

bool numbers_hold(Comparison comparison, std::string_view value, std::string_view wanted) {
  const auto a = read_decimal(value);
  const auto b = read_decimal(wanted);
  return a && b && holds_for(comparison, compare(*a, *b));
}

/// What is compared, once for a condition.
struct Comparing {
  const ConditionOperator& op;
  std::span<const CompiledValue> wanted;
  const PatternTable& patterns;
  const Context& context;
};

/// One value of the request against one of the policy, the operator's negation left aside. Not for
/// patterns.
bool equals(const Comparing& with, std::string_view value, const CompiledValue& wanted) {
  if (const auto* pattern = std::get_if<ArnPattern>(&wanted.compiled))
    return with.patterns.matches(*pattern, value, split_arn(value), with.context);
  if (const auto* date = std::get_if<Instant>(&wanted.compiled)) {
    const auto own = read_date(value);
    return own && holds_for(with.op.comparison, *own <=> *date);
  }
  if (const auto* range = std::get_if<IpRange>(&wanted.compiled)) {
    const auto address = read_ip_range(value);
    return address && contains(*range, *address);
  }
  if (const auto* truth = std::get_if<bool>(&wanted.compiled)) return read_boolean(value) == *truth;
  const std::string_view text = with.patterns.text(wanted.text);
  if (with.op.comparison == Comparison::binary) return same_base64_bytes(value, text);
  return numbers_hold(with.op.comparison, value, text);
}

/// Of several values of the policy any may match; for a negated operator, none may.
bool value_holds(const Comparing& with, std::string_view value) {
  for (const CompiledValue& wanted : with.wanted) {
    const auto* pattern = std::get_if<Pattern>(&wanted.compiled);
    if (pattern != nullptr ? with.patterns.matches(*pattern, value, with.context)
                           : equals(with, value, wanted))
      return !with.op.negated;
  }
  return with.op.negated;
}

bool all_hold(const Comparing& with, Context::Values values) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!value_holds(with, values[i])) return false;
  return true;
}

bool any_holds(const Comparing& with, Context::Values values) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (value_holds(with, values[i])) return true;
  return false;
}

/// Neither absent nor without any value that says something.
bool has_values(Context::Values values) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!values[i].empty()) return true;
  return false;
}

/// With a set operator it asks each value that is there, and none of those is null.
bool null_holds(Quantifier quantifier, std::span<const CompiledValue> wanted,
                Context::Values values) {
  const bool is_null = !has_values(values);
  if (is_null && quantifier != Quantifier::none) return quantifier == Quantifier::for_all_values;
  return std::ranges::any_of(wanted, [&](const CompiledValue& value) {
    const bool* expected = std::get_if<bool>(&value.compiled);
    return expected != nullptr && *expected == is_null;
  });
}

template <class T>
void keep(CompiledValue& value, const std::optional<T>& compiled) {
  if (compiled) value.compiled = *compiled;
}

CompiledValue compile_value(Comparison comparison, const std::string& text, bool variables,
                            PatternTable& patterns) {
  CompiledValue value{.text = {}};
  const auto pattern = [&](PatternOptions options) {
    options.variables = variables;
    value.compiled = patterns.compile(text, options);
  };
  switch (comparison) {
    case Comparison::string_equals:
      pattern({.wildcards = false});
      break;
    case Comparison::string_equals_ignore_case:
      pattern({.wildcards = false, .ignore_case = true});
      break;
    case Comparison::string_like:
      pattern({});
      break;
    case Comparison::arn_like:
      value.compiled = patterns.compile_arn(text, variables, ArnPattern::Use::condition);
      break;
    case Comparison::date_equals:
    case Comparison::date_less:
    case Comparison::date_less_equals:
    case Comparison::date_greater:
    case Comparison::date_greater_equals:
      keep(value, read_date(text));
      break;
    case Comparison::ip_address:
      keep(value, read_ip_range(text));
      break;
    case Comparison::boolean:
    case Comparison::null:
      keep(value, read_boolean(text));
      break;
    default:
      value.text = patterns.store(text);
      break;
  }
  return value;
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
    if (op.comparison == Comparison::null && op.if_exists) return std::nullopt;
    return op;
  }
  return std::nullopt;
}

CompiledCondition ConditionTable::compile(const Condition& condition, bool variables,
                                          PatternTable& patterns) {
  CompiledCondition compiled{.op = condition.op,
                             .key_hash = hash_ignoring_case(condition.key),
                             .key = patterns.store(condition.key),
                             .values_begin = static_cast<std::uint32_t>(values_.size()),
                             .values_count = static_cast<std::uint32_t>(condition.values.size())};
  for (const std::string& value : condition.values)
    values_.push_back(compile_value(condition.op.comparison, value, variables, patterns));
  if (condition.values.size() != 1 || condition.op.quantifier != Quantifier::none) return compiled;
  if (const auto* pattern = std::get_if<Pattern>(&values_.back().compiled)) {
    compiled.is_plain = true;
    compiled.plain = *pattern;
  }
  return compiled;
}

bool ConditionTable::holds(const CompiledCondition& condition, Context::Values values,
                           const PatternTable& patterns, const Context& context) const {
  const ConditionOperator& op = condition.op;
  const std::span wanted(values_.data() + condition.values_begin, condition.values_count);
  const Comparing with{op, wanted, patterns, context};
  if (op.comparison == Comparison::null) return null_holds(op.quantifier, wanted, values);
  if (op.quantifier == Quantifier::for_all_values)
    return !has_values(values) || all_hold(with, values);
  if (values.empty()) return op.if_exists || (op.negated && op.quantifier == Quantifier::none);
  if (op.quantifier == Quantifier::for_any_value)
    return has_values(values) && any_holds(with, values);
  // A list without a set operator: some value matches, or for a negated operator, none does.
  return op.negated ? all_hold(with, values) : any_holds(with, values);
}

}  // namespace larder::policy
