#include "iam/authorizer.h"

#include "aws/arn.h"
#include "policy/denial.h"

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

std::vector<policy::NamedPolicy> session_policies(const Iam& iam, const Account& account,
                                                  const aws::Session& session) {
  std::vector<policy::NamedPolicy> all;
  for (const auto& text : session.policies)
    all.push_back({"session", iam.session_documents().find(text)});
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

CallerPolicies::CallerPolicies(const Iam& iam, const aws::Caller& caller)
    : account_(iam.snapshot(caller.account())) {
  if (account_ == nullptr) return;
  if (const Entity* entity = entity_of(*account_, caller.principal))
    entity_ = &account_->policies_of(*entity);
  const auto& session = caller.session;
  has_session_policies_ = session && (!session->policies.empty() || !session->policy_arns.empty());
  if (has_session_policies_) session_ = session_policies(iam, *account_, *session);
}

void CallerPolicies::add_to(policy::PolicySet& set) const {
  set.session = session_;
  set.has_session_policies = has_session_policies_;
  if (entity_ == nullptr) return;
  set.identity = entity_->identity;
  set.boundary = entity_->boundary ? &*entity_->boundary : nullptr;
  set.has_boundary = entity_->boundary.has_value();
}

aws::Ruling IamAuthorizer::rule(const aws::Caller& caller, const aws::Demand& demand) const {
  const policy::Query query{caller.principal, demand.action, demand.resource,
                            demand.resource_account, demand.context};
  const CallerPolicies own(iam_, caller);
  policy::PolicySet set;
  own.add_to(set);
  set.resource = demand.resource_policy.get();
  set.resource_is_trust = demand.resource_policy_is_trust;
  return explain(query, policy::evaluate(query, set), demand.resource_policy_is_trust);
}

}  // namespace larder::iam
