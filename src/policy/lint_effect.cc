// What a statement does as a whole: too much, or nothing beside its neighbours or the boundary.
#include <algorithm>

#include "policy/lint_checks.h"

namespace larder::policy {

namespace {

using Part = Place::Part;

bool actions_may_overlap(const Statement& a, const Statement& b, Effort& effort) {
  if (a.not_action || b.not_action) return true;
  return std::ranges::any_of(a.actions, [&](const auto& x) {
    return std::ranges::any_of(
        b.actions, [&](const auto& y) { return may_overlap(x, y, Letters::any_case, effort); });
  });
}

bool resources_may_overlap(const Statement& a, const Statement& b, Effort& effort) {
  if (a.not_resource || b.not_resource) return true;
  return std::ranges::any_of(a.resources, [&](const auto& x) {
    return std::ranges::any_of(b.resources,
                               [&](const auto& y) { return arns_may_overlap(x, y, effort); });
  });
}

/// All that `inner` says in Action and Resource, `outer` says too; false when in doubt.
bool covers(const Statement& outer, const Statement& inner, Effort& effort) {
  if (inner.not_action || inner.not_resource) return false;
  const auto has_action = [&](const auto& wanted) {
    const auto in = [&](const auto& action) {
      return outer.not_action ? may_overlap(action, wanted, Letters::any_case, effort)
                              : covers(action, wanted, Letters::any_case, effort);
    };
    return std::ranges::any_of(outer.actions, in) != outer.not_action;
  };
  const auto has_resource = [&](const auto& wanted) {
    const auto in = [&](const auto& resource) {
      return outer.not_resource ? arns_may_overlap(resource, wanted, effort)
                                : arn_covers(resource, wanted, effort);
    };
    return std::ranges::any_of(outer.resources, in) != outer.not_resource;
  };
  return std::ranges::all_of(inner.actions, has_action) &&
         std::ranges::all_of(inner.resources, has_resource);
}

/// The statement that denies all of `allowed`, whatever the request.
const Statement* denial_of(const Statement& allowed, const Document& document, Effort& effort) {
  for (const Statement& statement : document.statements)
    if (statement.effect == Effect::deny && statement.conditions.empty() &&
        covers(statement, allowed, effort))
      return &statement;
  return nullptr;
}

bool is_resource_policy(Kind kind) { return kind == Kind::bucket || kind == Kind::trust; }

std::string named(const Statement& statement) {
  return statement.sid.empty() ? std::string() : " \"" + statement.sid + "\"";
}

void check_negations(const Subject& subject, Remarks& remarks) {
  const Statement& statement = subject.statement;
  if (statement.not_action)
    remarks.warn(subject.at(Part::action_name), "not-action-allow",
                 "Allow with NotAction allows every action but those listed, of services to come "
                 "as well: list what is to be allowed in Action.");
  if (statement.not_resource && !statement.resources.empty())
    remarks.warn(subject.at(Part::resource_name), "not-resource-allow",
                 "Allow with NotResource allows the actions on every resource but those listed: "
                 "list what is meant in Resource.");
  if (statement.principals && statement.principals->negated)
    remarks.warn(subject.at(Part::principal_name), "not-principal-allow",
                 "Allow with NotPrincipal allows everyone but those listed, also callers without "
                 "credentials: name whom you mean in Principal.");
}

/// No request of Larder fails it.
bool restricts_nothing(const Condition& condition) {
  const ConditionKey* key = action_table().condition_key(condition.key);
  return key != nullptr && !key->supplied && holds_without_key(condition);
}

void check_public(const Subject& subject, Remarks& remarks) {
  const Statement& statement = subject.statement;
  if (!is_resource_policy(subject.kind) || !statement.principals) return;
  if (statement.principals->negated) return;
  if (!std::ranges::all_of(statement.conditions, restricts_nothing)) return;
  const auto& entries = statement.principals->entries;
  const auto everyone =
      std::ranges::find(entries, PrincipalEntry::Type::everyone, &PrincipalEntry::type);
  if (everyone == entries.end()) return;
  const auto entry = static_cast<std::size_t>(everyone - entries.begin());
  remarks.warn(subject.at(Part::principal, entry), "public-allow",
               subject.kind == Kind::trust
                   ? "Every account may assume the role: name the principals, or add a Condition "
                     "that restricts it."
                   : "Everyone may do this, without credentials too: name the principals or add a "
                     "Condition that restricts it, unless it is meant to be public.");
}

}  // namespace

void check_effect(const Subject& subject, Remarks& remarks) {
  if (subject.statement.effect != Effect::allow) return;
  check_negations(subject, remarks);
  check_public(subject, remarks);
  if (is_resource_policy(subject.kind)) return;
  if (const Statement* denial = denial_of(subject.statement, subject.document, subject.effort))
    remarks.warn(subject.at(Part::statement), "always-denied",
                 "The statement allows nothing: the Deny statement" + named(*denial) +
                     " of this policy covers all of it.");
}

void check_boundary(const Subject& subject, const Document& boundary, Remarks& remarks) {
  const Statement& statement = subject.statement;
  if (statement.effect != Effect::allow || is_resource_policy(subject.kind)) return;
  if (const Statement* denial = denial_of(statement, boundary, subject.effort)) {
    remarks.warn(subject.at(Part::statement), "boundary-grants-nothing",
                 "The statement allows nothing: the Deny statement" + named(*denial) +
                     " of the permissions boundary covers all of it.");
    return;
  }
  const bool allowed = std::ranges::any_of(boundary.statements, [&](const Statement& other) {
    return other.effect == Effect::allow && actions_may_overlap(statement, other, subject.effort) &&
           resources_may_overlap(statement, other, subject.effort);
  });
  if (!allowed)
    remarks.warn(subject.at(Part::statement), "boundary-grants-nothing",
                 "The statement allows nothing: no statement of the permissions boundary allows "
                 "any of its actions on its resources. Allow them there too.");
}

}  // namespace larder::policy
