#include "iam/authorizer.h"

#include "aws/arn.h"
#include "policy/explain.h"

namespace larder::iam {
namespace {

using Kind = policy::Principal::Kind;

/// Who the policies belong to; null when the entity is gone, or is a namesake of one that is.
const Entity* entity_of(const Account& account, const policy::Principal& principal) {
  const Entity* entity = nullptr;
  if (principal.kind == Kind::user) entity = account.user(aws::name_of_arn(principal.arn));
  if (principal.kind == Kind::role_session)
    entity = account.role(aws::name_of_arn(principal.role_arn));
  return entity != nullptr && entity->id == principal.unique_id ? entity : nullptr;
}

std::vector<policy::NamedPolicy> session_policies(const Account& account,
                                                  const aws::Session& session) {
  std::vector<policy::NamedPolicy> all;
  for (const auto& text : session.policies) {
    auto document = policy::parse(text, policy::Kind::session);
    all.push_back({"session", document
                                  ? std::make_shared<const policy::Document>(*std::move(document))
                                  : nullptr});
  }
  for (const auto& arn : session.policy_arns) {
    const auto* managed = account.policy(arn);
    all.push_back({arn, managed == nullptr ? nullptr : managed->default_policy().policy.document});
  }
  return all;
}

aws::Ruling explain(const policy::Query& query, const policy::Verdict& verdict, bool trust) {
  aws::Ruling ruling;
  ruling.allowed = verdict.allowed();
  ruling.decision = policy::name_of(verdict.decision);
  ruling.decided_by = policy::name_of(verdict.decided_by);
  if (!verdict.statements().empty()) ruling.policy = verdict.statements().front().policy->name;
  // A role that does not exist and one that says no are not to be told apart.
  if (!ruling.allowed)
    ruling.message = trust ? policy::denial_message_without_reason(query)
                           : policy::denial_message(query, verdict);
  return ruling;
}

}  // namespace

aws::Ruling IamAuthorizer::rule(const aws::Caller& caller, const aws::Demand& demand) const {
  const auto& principal = caller.principal;
  const policy::Query query{principal, demand.action, demand.resource, demand.resource_account,
                            demand.context};
  policy::PolicySet set;
  set.resource = demand.resource_policy.get();
  set.resource_is_trust = demand.resource_policy_is_trust;

  // Everything that the set points into lives to the end of this function.
  const auto account = iam_.snapshot(principal.account);
  std::vector<policy::NamedPolicy> identity, session;
  std::optional<policy::NamedPolicy> boundary;
  if (account != nullptr) {
    if (const Entity* entity = entity_of(*account, principal)) {
      identity = account->identity_policies(*entity);
      boundary = account->boundary(*entity);
    }
    if (caller.session &&
        (!caller.session->policies.empty() || !caller.session->policy_arns.empty())) {
      session = session_policies(*account, *caller.session);
      set.has_session_policies = true;
    }
  }
  set.identity = identity;
  set.session = session;
  set.boundary = boundary ? &*boundary : nullptr;
  set.has_boundary = boundary.has_value();
  return explain(query, policy::evaluate(query, set), demand.resource_policy_is_trust);
}

}  // namespace larder::iam
