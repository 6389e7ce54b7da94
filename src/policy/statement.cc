#include "policy/statement.h"

#include <algorithm>

namespace larder::policy {

namespace {

bool has_action(const Statement& statement, const Query& query) {
  const bool named = std::ranges::any_of(statement.actions, [&](const ActionPattern& action) {
    return action.pattern.matches(query.action, query.context);
  });
  return named != statement.not_action;
}

bool has_resource(const Statement& statement, const Query& query,
                  const std::optional<ArnParts>& parts) {
  if (statement.resources.empty()) return true;  // of a trust policy
  const bool named = std::ranges::any_of(statement.resources, [&](const ResourcePattern& resource) {
    return resource.pattern.matches(query.resource, parts, query.context);
  });
  return named != statement.not_resource;
}

}  // namespace

Application apply(const Statement& statement, const Query& query,
                  const std::optional<ArnParts>& resource_parts) {
  Application result;
  if (!has_action(statement, query)) {
    result.failed = Element::action;
    return result;
  }
  if (statement.principals) {
    const bool denies = statement.effect == Effect::deny;
    result.grant = grant_of(*statement.principals, query.principal, denies);
    if (result.grant == Grant::none) {
      result.failed = Element::principal;
      return result;
    }
  }
  if (!has_resource(statement, query, resource_parts)) {
    result.failed = Element::resource;
    return result;
  }
  for (const Condition& condition : statement.conditions) {
    if (holds(condition, query.context)) continue;
    result.failed = Element::condition;
    result.condition = &condition;
    return result;
  }
  return result;
}

}  // namespace larder::policy
