#include "policy/evaluate.h"

#include <initializer_list>
#include <optional>

namespace larder::policy {

namespace {

/// What the policies of one kind say.
struct Opinion {
  std::optional<StatementRef> deny{};   // the first that applies
  std::optional<StatementRef> allow{};  // the first that applies, with the strongest grant
  Grant grant = Grant::none;            // of `allow`
};

bool is_bucket_policy_action(std::string_view action) {
  return equal_ignoring_case(action, "s3:GetBucketPolicy") ||
         equal_ignoring_case(action, "s3:PutBucketPolicy") ||
         equal_ignoring_case(action, "s3:DeleteBucketPolicy");
}

bool has_boundary(const PolicySet& policies) {
  return policies.has_boundary || policies.boundary != nullptr;
}

class Evaluation {
 public:
  Evaluation(const Query& query, const PolicySet& policies)
      : query_(query),
        policies_(policies),
        prepared_(query, has_boundary(policies)),
        cross_account_(is_cross_account(query)),
        is_root_(query.principal.kind == Principal::Kind::root) {}

  Verdict decide() {
    form_opinions();
    if (const auto verdict = denied()) return *verdict;
    if (const auto verdict = controlled()) return *verdict;
    switch (query_.principal.kind) {
      case Principal::Kind::anonymous:
        // A role is assumed by somebody, whomever its trust policy names.
        if (policies_.resource_is_trust) return implicit_deny(DecidedBy::trust);
        return decide_by_resource();
      case Principal::Kind::web_identity:
      case Principal::Kind::service:
        return decide_by_resource();
      case Principal::Kind::root:
        // "Roles may not be assumed by root accounts."
        if (policies_.resource_is_trust) return implicit_deny(DecidedBy::trust);
        if (!cross_account_) return allow(DecidedBy::none, {});
        break;
      default:
        break;
    }
    return cross_account_ ? decide_cross_account() : decide_same_account();
  }

 private:
  DecidedBy resource_kind() const {
    return policies_.resource_is_trust ? DecidedBy::trust : DecidedBy::resource;
  }

  void consider(Opinion& opinion, DecidedBy kind, const NamedPolicy& policy) const {
    if (policy.document == nullptr) {  // it might have denied
      if (!opinion.deny) opinion.deny = StatementRef{kind, &policy, 0};
      return;
    }
    const CompiledDocument& document = policy.document->compiled;
    document.each_covering(prepared_, [&](std::size_t i) {
      const bool allows = document.allows(i);
      if (allows && opinion.grant == Grant::direct) return true;
      const Application application = document.apply_covering(i, prepared_);
      if (!application.applies()) return true;
      const StatementRef ref{kind, &policy, i};
      if (!allows) {
        opinion.deny = ref;
        return false;
      }
      if (application.grant > opinion.grant) {
        opinion.grant = application.grant;
        opinion.allow = ref;
      }
      return true;
    });
  }

  Opinion opinion_of(DecidedBy kind, std::span<const NamedPolicy> policies) const {
    Opinion opinion;
    for (const NamedPolicy& policy : policies) {
      consider(opinion, kind, policy);
      if (opinion.deny) break;
    }
    return opinion;
  }

  void form_opinions() {
    service_control_ = opinion_of(DecidedBy::service_control, policies_.service_control);
    resource_control_ = opinion_of(DecidedBy::resource_control, policies_.resource_control);
    identity_ = opinion_of(DecidedBy::identity, policies_.identity);
    if (policies_.boundary != nullptr)
      boundary_ = opinion_of(DecidedBy::boundary, {policies_.boundary, 1});
    session_ = opinion_of(DecidedBy::session, policies_.session);
    if (policies_.resource != nullptr)
      resource_ = opinion_of(resource_kind(), {policies_.resource, 1});
  }

  std::optional<Verdict> denied() {
    // So that an owner can always undo a bucket policy that locks everybody out.
    const bool undoes = is_root_ && !cross_account_ && is_bucket_policy_action(query_.action);
    if (undoes) resource_.deny.reset();
    for (const Opinion* opinion :
         {&service_control_, &resource_control_, &identity_, &boundary_, &session_, &resource_}) {
      if (!opinion->deny) continue;
      Verdict verdict{Decision::explicit_deny, opinion->deny->kind};
      verdict.refs[verdict.refs_count++] = *opinion->deny;
      return verdict;
    }
    return std::nullopt;
  }

  /// The mandatory allows of an organization, where it has any.
  std::optional<Verdict> controlled() const {
    const bool has_account = !query_.principal.account.empty();
    if (policies_.has_service_control && has_account && !service_control_.allow)
      return implicit_deny(DecidedBy::service_control);
    if (policies_.has_resource_control && !resource_control_.allow)
      return implicit_deny(DecidedBy::resource_control);
    return std::nullopt;
  }

  /// Callers without an account: nothing but the resource's policy speaks for them.
  Verdict decide_by_resource() const {
    if (!resource_.allow) return implicit_deny(resource_kind());
    return allow(resource_kind(), {&resource_});
  }

  /// Boundary and session policies: the kind that should have allowed and did not.
  std::optional<DecidedBy> limited_by() const {
    if (has_boundary(policies_) && !boundary_.allow) return DecidedBy::boundary;
    // A federated user without session policies has no permissions of its issuer's.
    const bool federated = query_.principal.kind == Principal::Kind::federated_user;
    const bool limited = policies_.has_session_policies || !policies_.session.empty() || federated;
    if (limited && !session_.allow) return DecidedBy::session;
    return std::nullopt;
  }

  Verdict decide_same_account() const {
    if (resource_.grant == Grant::direct) return allow(resource_kind(), {&resource_});
    if (policies_.resource_is_trust && !resource_.allow) return implicit_deny(DecidedBy::trust);
    const bool by_role = resource_.grant == Grant::issuer;
    if (!identity_.allow && !by_role) return implicit_deny(DecidedBy::identity);
    if (const auto kind = limited_by()) return implicit_deny(*kind);
    if (policies_.resource_is_trust)
      return allow(DecidedBy::trust, {&identity_, &boundary_, &session_, &resource_});
    if (identity_.allow) return allow(DecidedBy::identity, {&identity_, &boundary_, &session_});
    return allow(DecidedBy::resource, {&boundary_, &session_, &resource_});
  }

  Verdict decide_cross_account() const {
    if (policies_.resource_is_trust && !resource_.allow) return implicit_deny(DecidedBy::trust);
    if (!is_root_) {
      if (!identity_.allow) return implicit_deny(DecidedBy::identity);
      if (const auto kind = limited_by()) return implicit_deny(*kind);
    }
    if (!resource_.allow) return implicit_deny(resource_kind());
    return allow(resource_kind(), {&identity_, &boundary_, &session_, &resource_});
  }

  static Verdict implicit_deny(DecidedBy kind) { return Verdict{Decision::implicit_deny, kind}; }

  Verdict allow(DecidedBy kind, std::initializer_list<const Opinion*> opinions) const {
    Verdict verdict{Decision::allowed, kind};
    const auto add = [&](const Opinion* opinion) {
      if (opinion->allow) verdict.refs[verdict.refs_count++] = *opinion->allow;
    };
    add(&service_control_);
    add(&resource_control_);
    for (const Opinion* opinion : opinions) add(opinion);
    return verdict;
  }

  const Query& query_;
  const PolicySet& policies_;
  const PreparedQuery prepared_;
  const bool cross_account_;
  const bool is_root_;

  Opinion service_control_{};
  Opinion resource_control_{};
  Opinion identity_{};
  Opinion boundary_{};
  Opinion session_{};
  Opinion resource_{};
};

}  // namespace

std::string_view StatementRef::sid() const {
  if (policy == nullptr || policy->document == nullptr) return {};
  if (index >= policy->document->statements.size()) return {};
  return policy->document->statements[index].sid;
}

Verdict evaluate(const Query& query, const PolicySet& policies) {
  return Evaluation(query, policies).decide();
}

bool is_cross_account(const Query& query) {
  return !query.principal.account.empty() && !query.resource_account.empty() &&
         query.principal.account != query.resource_account;
}

std::string_view name_of(Decision decision) {
  switch (decision) {
    case Decision::allowed:
      return "allowed";
    case Decision::explicit_deny:
      return "explicitDeny";
    case Decision::implicit_deny:
      return "implicitDeny";
  }
  return "";
}

std::string_view name_of(DecidedBy kind) {
  switch (kind) {
    case DecidedBy::none:
      return "none";
    case DecidedBy::identity:
      return "identity";
    case DecidedBy::boundary:
      return "boundary";
    case DecidedBy::session:
      return "session";
    case DecidedBy::resource:
      return "resource";
    case DecidedBy::trust:
      return "trust";
    case DecidedBy::service_control:
      return "service_control";
    case DecidedBy::resource_control:
      return "resource_control";
  }
  return "";
}

}  // namespace larder::policy
