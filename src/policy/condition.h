// The Condition element (§G.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "policy/context.h"
#include "policy/literals.h"
#include "policy/match.h"

namespace larder::policy {

enum class Comparison : std::uint8_t {
  string_equals,
  string_equals_ignore_case,
  string_like,
  numeric_equals,
  numeric_less,
  numeric_less_equals,
  numeric_greater,
  numeric_greater_equals,
  date_equals,
  date_less,
  date_less_equals,
  date_greater,
  date_greater_equals,
  boolean,
  binary,
  ip_address,
  arn_like,
  null
};

enum class Quantifier : std::uint8_t { none, for_all_values, for_any_value };

/// `ForAllValues:StringNotLikeIfExists` is {string_like, for_all_values, negated, if_exists}.
struct ConditionOperator {
  Comparison comparison;
  Quantifier quantifier = Quantifier::none;
  bool negated = false;
  bool if_exists = false;
};

/// nullopt for what AWS does not have (NullIfExists and set operators on Null among them).
std::optional<ConditionOperator> parse_operator(std::string_view name);

/// A value of the policy, compiled for its operator. monostate: it is not of the operator's type
/// and equals nothing (a date that is no date), or needs no compiled form.
struct ConditionValue {
  std::string text;
  std::variant<std::monostate, Pattern, ArnPattern, Instant, IpRange> compiled{};
};

/// `variables`: `${…}` in string and ARN values are variables (Version 2012-10-17).
ConditionValue compile_value(ConditionOperator op, std::string_view text, bool variables);

/// One operator with one key. All conditions of a statement must hold.
struct Condition {
  ConditionOperator op;
  std::string op_name;
  std::string key;
  std::vector<ConditionValue> values;
};

/// Total. Does not allocate.
bool holds(const Condition& condition, const Context& context);

}  // namespace larder::policy
