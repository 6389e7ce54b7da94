// Policy variables: `${…}` that is none, stands for nothing, or stands where it is only text.
#include <algorithm>
#include <array>

#include "policy/lint_checks.h"

namespace larder::policy {

namespace {

using Part = Place::Part;

/// The key of a variable as variable_length() found it; empty for an escape (`${*}`).
std::string_view key_of(std::string_view variable) {
  const std::string_view key = variable.substr(2, variable.find_first_of(",}") - 2);
  const bool escape = key == "*" || key == "?" || key == "$";
  return escape ? std::string_view() : key;
}

/// Calls visit(`${…}` as it stands, what stands before it). A `${` that begins no variable comes
/// by itself. Until visit returns false.
template <class Visit>
void each_variable(std::string_view text, Visit&& visit) {
  for (std::size_t at = text.find("${"); at != std::string_view::npos;) {
    const std::size_t length = std::max<std::size_t>(variable_length(text.substr(at)), 2);
    if (!visit(text.substr(at, length), text.substr(0, at))) return;
    at = text.find("${", at + length);
  }
}

class VariableCheck {
 public:
  VariableCheck(const Subject& subject, Remarks& remarks) : subject_(subject), remarks_(remarks) {}

  void check(const Place& place, std::string_view text) {
    std::ptrdiff_t colons = 0;  // outside of variables
    std::size_t counted = 0;    // up to here
    bool early = false;
    each_variable(text, [&](std::string_view variable, std::string_view before) {
      colons += std::ranges::count(before.substr(counted), ':');
      counted = before.size() + variable.size();
      early = early || colons < 5;
      check_one(place, variable);
      return !remarks_.full();
    });
    if (!early || place.part != Part::resource || !subject_.has_variables()) return;
    remarks_.warn(place, "variable-before-fifth-colon",
                  "\"" + std::string(text) +
                      "\" matches nothing: variables stand only after the fifth colon of an ARN.");
  }

 private:
  void check_one(const Place& place, std::string_view variable) {
    if (!subject_.has_variables()) {
      if (variable.size() > 2)
        remarks_.warn(place, "variables-need-2012",
                      std::string(variable) +
                          " is plain text in this policy: variables need \"Version\": "
                          "\"2012-10-17\".");
      return;
    }
    if (variable.size() == 2) {
      remarks_.warn(place, "unresolvable-variable",
                    "\"${\" begins no variable here and is plain text: write ${key} or ${key, "
                    "'default'}, and ${$} for a dollar sign.");
      return;
    }
    const std::string_view key = key_of(variable);
    if (key.empty()) return;
    if (std::string message = unknown_key_message(key); !message.empty()) {
      remarks_.warn(place, "unresolvable-variable",
                    std::string(variable) + " has no value. " + message);
      return;
    }
    const ConditionKey* known = action_table().condition_key(key);
    if (known != nullptr && known->multi_valued)
      remarks_.warn(place, "unresolvable-variable",
                    std::string(variable) + " has no value: " + known->name +
                        " can have several, and a variable stands for a key with one.");
  }

  const Subject& subject_;
  Remarks& remarks_;
};

bool takes_variables(Comparison comparison) {
  return comparison == Comparison::string_equals ||
         comparison == Comparison::string_equals_ignore_case ||
         comparison == Comparison::string_like || comparison == Comparison::arn_like;
}

}  // namespace

void check_variables(const Subject& subject, Remarks& remarks) {
  VariableCheck check(subject, remarks);
  const Statement& statement = subject.statement;
  for (std::size_t r = 0; r < statement.resources.size(); ++r)
    check.check(subject.at(Part::resource, r), statement.resources[r]);
  for (std::size_t c = 0; c < statement.conditions.size(); ++c) {
    const Condition& condition = statement.conditions[c];
    if (!takes_variables(condition.op.comparison)) continue;
    for (std::size_t v = 0; v < condition.values.size(); ++v)
      check.check(subject.at(Part::condition_value, c, v), condition.values[v]);
  }
}

}  // namespace larder::policy
