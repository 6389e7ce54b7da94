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

/// One operator with one key, as it is written. All conditions of a statement must hold.
struct Condition {
  ConditionOperator op;
  std::string op_name;
  std::string key;
  std::vector<std::string> values;
};

/// A value of the policy, compiled for its operator. monostate: it is not of the operator's type
/// and equals nothing (a date that is no date).
struct CompiledValue {
  Slice text;
  std::variant<std::monostate, Pattern, ArnPattern, Instant, IpRange, bool> compiled{};
};

/// `values` are a part of a list that the holder of the conditions keeps.
struct CompiledCondition {
  ConditionOperator op;
  /// One text to match, without a set operator: what most conditions are.
  bool is_plain = false;
  std::uint32_t key_hash;
  Slice key;
  Pattern plain{};
  std::uint32_t values_begin;
  std::uint32_t values_count;
};

/// The conditions of one document, beside the table of its patterns.
class ConditionTable {
 public:
  /// `variables`: `${…}` in string and ARN values are variables (Version 2012-10-17).
  CompiledCondition compile(const Condition& condition, bool variables, PatternTable& patterns);

  /// Total. Does not allocate.
  bool holds(const CompiledCondition& condition, const PatternTable& patterns,
             const Context& context) const {
    const auto values = context.find(condition.key_hash, patterns.text(condition.key));
    if (condition.is_plain && values.size() == 1)
      return patterns.matches(condition.plain, values[0], context) != condition.op.negated;
    return holds(condition, values, patterns, context);
  }

 private:
  bool holds(const CompiledCondition& condition, Context::Values values,
             const PatternTable& patterns, const Context& context) const;

  std::vector<CompiledValue> values_;
};

}  // namespace larder::policy
