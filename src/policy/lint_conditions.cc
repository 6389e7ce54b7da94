// Conditions whose keys never come, whose operators do not suit their keys, or whose values the
// operator cannot read.
#include <algorithm>
#include <map>
#include <unordered_set>

#include "policy/lint_checks.h"
#include "policy/literals.h"

namespace larder::policy {

namespace {

using Part = Place::Part;

/// What an operator compares.
KeyType type_of(Comparison comparison) {
  switch (comparison) {
    case Comparison::string_equals:
    case Comparison::string_equals_ignore_case:
    case Comparison::string_like:
    case Comparison::null:
      return KeyType::string;
    case Comparison::date_equals:
    case Comparison::date_less:
    case Comparison::date_less_equals:
    case Comparison::date_greater:
    case Comparison::date_greater_equals:
      return KeyType::date;
    case Comparison::boolean:
      return KeyType::boolean;
    case Comparison::binary:
      return KeyType::binary;
    case Comparison::ip_address:
      return KeyType::ip_address;
    case Comparison::arn_like:
      return KeyType::arn;
    case Comparison::numeric_equals:
    case Comparison::numeric_less:
    case Comparison::numeric_less_equals:
    case Comparison::numeric_greater:
    case Comparison::numeric_greater_equals:
      return KeyType::numeric;
  }
  return KeyType::string;
}

/// A type for people: what its values are called, and its operators.
struct TypeNames {
  std::string_view values;
  std::string_view operators;
};
TypeNames names_of(KeyType type) {
  switch (type) {
    case KeyType::string:
      return {"strings", "String…"};
    case KeyType::numeric:
      return {"numbers", "Numeric…"};
    case KeyType::date:
      return {"dates", "Date…"};
    case KeyType::boolean:
      return {"true or false", "Bool"};
    case KeyType::binary:
      return {"base64", "BinaryEquals"};
    case KeyType::ip_address:
      return {"IP addresses", "IpAddress and NotIpAddress"};
    case KeyType::arn:
      return {"ARNs", "Arn…"};
  }
  return {};
}

/// Operators that do what they seem to, though made for another type: text compares exactly what
/// is always written in one way, and ARNs stand in many keys that AWS calls strings.
bool suits(Comparison comparison, const ConditionKey& key) {
  if (comparison == Comparison::null || key.name.contains('*')) return true;  // tags hold anything
  const KeyType wanted = type_of(comparison);
  if (wanted == key.type) return true;
  if (wanted == KeyType::string)
    return key.type != KeyType::ip_address && key.type != KeyType::date;
  if (wanted == KeyType::arn) return key.type == KeyType::string;
  if (equal_ignoring_case(key.name, "aws:EpochTime")) return wanted == KeyType::numeric;
  return false;
}

bool holds_variable(std::string_view text) { return text.find("${") != std::string_view::npos; }

bool is_readable(Comparison comparison, std::string_view value) {
  if (comparison == Comparison::null) return read_boolean(value).has_value();
  switch (type_of(comparison)) {
    case KeyType::numeric:
      return read_decimal(value).has_value();
    case KeyType::date:
      return read_date(value).has_value();
    case KeyType::boolean:
      return read_boolean(value).has_value();
    case KeyType::binary:
      return same_base64_bytes(value, value);
    case KeyType::ip_address:
      return read_ip_range(value).has_value();
    case KeyType::arn:
      // A pattern has six components as well, unless it is `*` or a variable stands for them.
      return std::ranges::count(value, ':') >= 5 || holds_variable(value) || value == "*";
    case KeyType::string:
      return true;
  }
  return true;
}

std::string_view wanted_value(Comparison comparison) {
  if (comparison == Comparison::null) return "true (the key is absent) or false (it is there)";
  switch (type_of(comparison)) {
    case KeyType::numeric:
      return "a number, as 10 or 2.5";
    case KeyType::date:
      return "a date, as 2026-01-31T10:00:00Z, or seconds since 1970";
    case KeyType::boolean:
      return "true or false";
    case KeyType::binary:
      return "base64";
    case KeyType::ip_address:
      return "an address or a range, as 203.0.113.0/24 or 2001:db8::/32";
    case KeyType::arn:
      return "an ARN of six components, as arn:aws:iam::111122223333:role/NAME, or *";
    case KeyType::string:
      break;
  }
  return "a string";
}

/// Of condition keys, which are compared without regard to case.
struct KeyHash {
  std::size_t operator()(std::string_view key) const { return hash_ignoring_case(key); }
};
struct SameKey {
  bool operator()(std::string_view a, std::string_view b) const {
    return equal_ignoring_case(a, b);
  }
};
using Keys = std::unordered_set<std::string_view, KeyHash, SameKey>;

/// The keys that the statement requires to be there.
Keys required_keys(const Statement& statement) {
  Keys keys;
  for (const Condition& condition : statement.conditions) {
    const bool is_null =
        condition.op.comparison == Comparison::null && condition.op.quantifier == Quantifier::none;
    if (is_null && !condition.values.empty() &&
        std::ranges::all_of(condition.values,
                            [](const auto& value) { return read_boolean(value) == false; }))
      keys.insert(condition.key);
  }
  return keys;
}

/// Whether requests for the statement's actions can bring a key. Each key is asked of the table
/// once.
class Supply {
 public:
  explicit Supply(const std::vector<ActionMatch>& matches) {
    for (const ActionMatch& match : matches) {
      if (!match.any) {
        unknown_ = true;
        return;
      }
      std::vector<bool>& all = actions_[match.service];
      all.resize(match.actions.size());
      for (std::size_t i = 0; i < all.size(); ++i) all[i] = all[i] || match.actions[i];
    }
  }

  bool may_bring(const ConditionKey& key) {
    if (unknown_ || is_provider_key(key.name)) return true;
    const auto [known, added] = known_.try_emplace(&key);
    if (added) known->second = looked_up(key);
    return known->second;
  }

 private:
  bool looked_up(const ConditionKey& key) const {
    return std::ranges::any_of(actions_, [&](const auto& of_service) {
      const auto& [service, actions] = of_service;
      for (std::size_t i = 0; i < actions.size(); ++i)
        if (actions[i] && action_table().supplies(service->actions[i], key)) return true;
      return false;
    });
  }

  bool unknown_ = false;  // the table does not have some of the actions
  std::map<const Service*, std::vector<bool>> actions_{};
  std::map<const ConditionKey*, bool> known_{};
};

class ConditionCheck {
 public:
  ConditionCheck(const Subject& subject, const std::vector<ActionMatch>& matches, Remarks& remarks)
      : subject_(subject),
        required_(required_keys(subject.statement)),
        supply_(matches),
        remarks_(remarks) {}

  void check(std::size_t index) {
    index_ = index;
    const Condition& condition = subject_.statement.conditions[index];
    const ConditionKey* key = action_table().condition_key(condition.key);
    check_values(condition);
    if (key == nullptr) {
      if (std::string message = unknown_key_message(condition.key); !message.empty())
        warn(Part::condition_key, "unknown-condition-key", std::move(message));
    } else {
      check_supply(condition, *key);
      check_type(condition, *key);
    }
    check_quantifier(condition, key);
  }

 private:
  void warn(Part part, std::string_view code, std::string message, std::size_t value = 0) {
    remarks_.warn(subject_.at(part, index_, value), code, std::move(message));
  }

  void check_values(const Condition& condition) {
    for (std::size_t v = 0; v < condition.values.size(); ++v) {
      const std::string& value = condition.values[v];
      if (is_readable(condition.op.comparison, value)) continue;
      warn(
          Part::condition_value, "value-type",
          "\"" + value + "\" equals nothing: " + condition.op_name + " compares with " +
              std::string(wanted_value(condition.op.comparison)) + "." +
              (holds_variable(value) ? " Variables stand in String… and Arn… operators only." : ""),
          v);
    }
  }

  /// A key that never comes makes the condition a constant, however it is written. One that does
  /// not come with these actions may with others: there the author may have said what then.
  void check_supply(const Condition& condition, const ConditionKey& key) {
    if (!key.supplied) {
      warn(Part::condition_key, "never-supplied-condition-key",
           "Larder puts " + condition.key + " into no request, other than AWS, so " +
               consequence(condition, "Larder supplies, as aws:SourceIp or aws:PrincipalArn"));
      return;
    }
    const bool expects_absence =
        condition.op.comparison == Comparison::null || condition.op.if_exists;
    if (expects_absence || subject_.statement.not_action || supply_.may_bring(key)) return;
    warn(Part::condition_key, "unsupplied-condition-key",
         "No request for the statement's actions has " + condition.key + ", so " +
             consequence(condition, "comes with them"));
  }

  /// Of a condition whose key is always absent; `what_kind` says which keys to use instead. Never
  /// advises what would allow more, or deny less than the author can want.
  std::string consequence(const Condition& condition, std::string_view what_kind) const {
    const bool allows = subject_.statement.effect == Effect::allow;
    const std::string use = "use a key that " + std::string(what_kind);
    if (!holds_without_key(condition))
      return condition.op_name + " never holds and the statement " +
             (allows ? "allows nothing: " + use +
                           ". Without the condition, or with …IfExists, it would allow all that "
                           "its other elements match."
                     : "denies nothing: " + use + ".");
    if (allows) return condition.op_name + " always holds and restricts nothing: " + use + ".";
    return condition.op_name +
           " always holds and the statement denies all that its other elements match: " + use +
           ". With \"Null\": {\"" + condition.key +
           "\": \"false\"} beside it, it denies only where the key is there.";
  }

  void check_type(const Condition& condition, const ConditionKey& key) {
    if (suits(condition.op.comparison, key)) return;
    const TypeNames names = names_of(key.type);
    warn(Part::condition_operator, "operator-type",
         condition.op_name + " does not suit " + condition.key + ", whose values are " +
             std::string(names.values) + ": use " + std::string(names.operators) + ".");
  }

  /// `key` is null when the table does not have it.
  void check_quantifier(const Condition& condition, const ConditionKey* key) {
    // Null asks of a key, not of its values.
    if (condition.op.comparison == Comparison::null) return;
    const Quantifier quantifier = condition.op.quantifier;
    if (quantifier == Quantifier::none) {
      if (key != nullptr && key->multi_valued)
        warn(Part::condition_operator, "multi-valued-without-set-operator",
             condition.key + " can have several values: say ForAnyValue:" + condition.op_name +
                 " (one of them) or ForAllValues:" + condition.op_name + " (each of them).");
      return;
    }
    const bool all = quantifier == Quantifier::for_all_values;
    if (key != nullptr && !key->multi_valued && !is_provider_key(key->name)) {
      const std::string plain = condition.op_name.substr(condition.op_name.find(':') + 1);
      warn(Part::condition_operator, "single-valued-set-operator",
           condition.key + " has one value: use " + plain + " instead of " + condition.op_name +
               (all ? ", which holds as well when the key is absent." : "."));
      return;
    }
    const bool allows = subject_.statement.effect == Effect::allow;
    if (all && allows && !required_.contains(condition.key))
      warn(Part::condition_operator, "for-all-values-allows-absent",
           condition.op_name + " holds as well when " + condition.key +
               " is absent: add \"Null\": {\"" + condition.key +
               "\": \"false\"} if it must be there.");
  }

  const Subject& subject_;
  const Keys required_;
  Supply supply_;
  Remarks& remarks_;
  std::size_t index_ = 0;
};

}  // namespace

bool holds_without_key(const Condition& condition) {
  PatternTable patterns;
  ConditionTable conditions;
  const CompiledCondition compiled = conditions.compile(condition, true, patterns);
  return conditions.holds(compiled, patterns, Context());
}

void check_conditions(const Subject& subject, const std::vector<ActionMatch>& matches,
                      Remarks& remarks) {
  if (subject.statement.conditions.empty()) return;
  ConditionCheck check(subject, matches, remarks);
  for (std::size_t i = 0; i < subject.statement.conditions.size() && !remarks.full(); ++i)
    check.check(i);
}

}  // namespace larder::policy
