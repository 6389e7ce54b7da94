#include "policy/testing/naive_evaluator.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "policy/testing/naive_conditions.h"
#include "policy/testing/naive_patterns.h"

namespace larder::policy::test {

namespace {

namespace json = boost::json;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

bool names_everyone(std::string_view kind, std::string_view value) {
  return kind == "AWS" && value == "*";
}

bool names_account(std::string_view kind, std::string_view value, const Principal& principal) {
  if (kind == "CanonicalUser")
    return !principal.canonical_id.empty() && value == principal.canonical_id;
  if (kind != "AWS" || principal.account.empty()) return false;
  return value == principal.account || value == "arn:aws:iam::" + principal.account + ":root";
}

Grant grant_by_name(std::string_view kind, std::string_view value, const Principal& principal) {
  using Kind = Principal::Kind;
  if (kind == "Service" && principal.kind == Kind::service)
    return value == principal.service ? Grant::direct : Grant::none;
  if (kind == "Federated" && principal.kind == Kind::web_identity)
    return value == principal.provider ? Grant::direct : Grant::none;
  if (kind != "AWS") return Grant::none;
  switch (principal.kind) {
    case Kind::user:
      return value == principal.arn || value == principal.unique_id ? Grant::direct : Grant::none;
    case Kind::role_session:
      if (value == principal.arn) return Grant::direct;
      return value == principal.role_arn || value == principal.unique_id ? Grant::issuer
                                                                         : Grant::none;
    case Kind::federated_user:
      if (value == principal.arn) return Grant::direct;
      return value == principal.user_arn ? Grant::issuer : Grant::none;
    default:
      return Grant::none;
  }
}

/// How a list of principals names someone: the strongest of its entries.
struct Naming {
  bool everyone = false;
  bool account = false;
  Grant name = Grant::none;
};

Naming naming_of(const json::value& element, const Principal& principal) {
  Naming naming;
  const auto add = [&](std::string_view kind, std::string_view value) {
    naming.everyone = naming.everyone || names_everyone(kind, value);
    naming.account = naming.account || names_account(kind, value, principal);
    naming.name = std::max(naming.name, grant_by_name(kind, value, principal));
  };
  if (element.is_string()) {
    add("AWS", view(element.get_string()));
    return naming;
  }
  for (const auto& [kind, values] : element.get_object()) {
    const std::string_view kind_name(kind.data(), kind.size());
    if (values.is_string()) {
      add(kind_name, view(values.get_string()));
      continue;
    }
    for (const json::value& value : values.get_array()) add(kind_name, view(value.get_string()));
  }
  return naming;
}

Grant principal_grant(const json::value& element, const Principal& principal, bool denies) {
  const Naming naming = naming_of(element, principal);
  const bool by_all = denies || principal.kind != Principal::Kind::web_identity;
  if (naming.everyone && by_all) return Grant::direct;
  return std::max(naming.name, naming.account ? Grant::account : Grant::none);
}

/// `has_boundary`: a Deny spares nobody who has a permissions boundary, listed or not.
Grant not_principal_grant(const json::value& element, const Principal& principal, bool denies,
                          bool has_boundary) {
  using Kind = Principal::Kind;
  const bool is_identity = principal.kind == Kind::user || principal.kind == Kind::role_session ||
                           principal.kind == Kind::federated_user;
  if (denies && has_boundary) return Grant::direct;
  const Naming naming = naming_of(element, principal);
  if (naming.everyone) return Grant::none;
  const bool named = naming.account || naming.name != Grant::none;
  if (!denies) return named ? Grant::none : Grant::direct;
  const bool spared = is_identity ? naming.account && naming.name != Grant::none : named;
  return spared ? Grant::none : Grant::direct;
}

const json::object& statement_at(const json::value& document, std::size_t index) {
  const json::value& statements = document.get_object().at("Statement");
  return statements.is_array() ? statements.get_array().at(index).get_object()
                               : statements.get_object();
}

template <class Matches>
bool any_text(const json::value& element, Matches&& one_matches) {
  if (element.is_string()) return one_matches(view(element.get_string()));
  return std::ranges::any_of(element.get_array(), [&](const json::value& one) {
    return one_matches(view(one.get_string()));
  });
}

/// `name` or its negation: the one that is there. Neither is there in a trust policy.
template <class Matches>
bool element_matches(const json::object& statement, const char* name, const char* negation,
                     Matches&& one_matches) {
  if (const json::value* element = statement.if_contains(name))
    return any_text(*element, one_matches);
  const json::value* element = statement.if_contains(negation);
  return element == nullptr || !any_text(*element, one_matches);
}

bool denies(const json::object& statement) { return statement.at("Effect") == "Deny"; }

/// none: the statement does not apply. direct for those without Principal.
Grant application(const json::value& document, const json::object& statement,
                  const NaiveRequest& request, bool has_boundary) {
  const json::value* version = document.get_object().if_contains("Version");
  const bool variables = version != nullptr && *version == "2012-10-17";
  if (!element_matches(statement, "Action", "NotAction", [&](std::string_view one) {
        return text_matches(one, request.action, {.ignore_case = true}, request.context);
      }))
    return Grant::none;
  Grant grant = Grant::direct;
  if (const json::value* element = statement.if_contains("Principal"))
    grant = principal_grant(*element, request.principal, denies(statement));
  if (const json::value* element = statement.if_contains("NotPrincipal"))
    grant = not_principal_grant(*element, request.principal, denies(statement), has_boundary);
  if (grant == Grant::none) return Grant::none;
  if (!element_matches(statement, "Resource", "NotResource", [&](std::string_view one) {
        return resource_matches(one, request.resource, variables, request.context);
      }))
    return Grant::none;
  const json::value* conditions = statement.if_contains("Condition");
  if (conditions != nullptr && !conditions_hold(*conditions, variables, request.context))
    return Grant::none;
  return grant;
}

// The decision.

/// What the statements of one kind of policy say about a request.
struct Opinion {
  bool denied = false;
  bool allowed = false;
  Grant grant = Grant::none;  // the strongest of those that allow
};

void consult(const json::value& document, const NaiveRequest& request, bool has_boundary,
             Opinion& opinion) {
  if (document.is_null()) {
    opinion.denied = true;
    return;
  }
  for (std::size_t i = 0; i < naive_statement_count(document); ++i) {
    const json::object& statement = statement_at(document, i);
    const Grant grant = application(document, statement, request, has_boundary);
    if (grant == Grant::none) continue;
    if (denies(statement)) {
      opinion.denied = true;
    } else {
      opinion.allowed = true;
      opinion.grant = std::max(opinion.grant, grant);
    }
  }
}

class Judge {
 public:
  Judge(const NaivePolicies& policies, const NaiveRequest& request)
      : policies_(policies),
        request_(request),
        identity_(opinion_of(policies.identity)),
        boundary_(opinion_of(policies.boundary)),
        session_(opinion_of(policies.session)),
        resource_(opinion_of(policies.resource)),
        service_control_(opinion_of(policies.service_control)),
        resource_control_(opinion_of(policies.resource_control)) {}

  NaiveVerdict verdict() const {
    if (const auto by = explicit_deny()) return {Decision::explicit_deny, *by};
    if (policies_.has_service_control && has_account() && !service_control_.allowed)
      return lacks(DecidedBy::service_control);
    if (policies_.has_resource_control && !resource_control_.allowed)
      return lacks(DecidedBy::resource_control);
    return verdict_without_controls();
  }

 private:
  using Kind = Principal::Kind;

  Opinion opinion_of(const std::vector<json::value>& documents) const {
    Opinion opinion;
    for (const json::value& document : documents)
      consult(document, request_, policies_.has_boundary, opinion);
    return opinion;
  }

  Opinion opinion_of(const std::optional<json::value>& document) const {
    Opinion opinion;
    if (document) consult(*document, request_, policies_.has_boundary, opinion);
    return opinion;
  }

  DecidedBy resource_kind() const {
    return policies_.resource_is_trust ? DecidedBy::trust : DecidedBy::resource;
  }

  bool has_account() const { return !request_.principal.account.empty(); }
  bool same_account() const {
    return request_.resource_account.empty() ||
           request_.resource_account == request_.principal.account;
  }

  /// The owner can always undo a bucket policy.
  bool spared_by_resource_policy() const {
    const std::string& action = request_.action;
    return request_.principal.kind == Kind::root && same_account() &&
           (action == "s3:GetBucketPolicy" || action == "s3:PutBucketPolicy" ||
            action == "s3:DeleteBucketPolicy");
  }

  std::optional<DecidedBy> explicit_deny() const {
    if (service_control_.denied) return DecidedBy::service_control;
    if (resource_control_.denied) return DecidedBy::resource_control;
    if (identity_.denied) return DecidedBy::identity;
    if (boundary_.denied) return DecidedBy::boundary;
    if (session_.denied) return DecidedBy::session;
    if (resource_.denied && !spared_by_resource_policy()) return resource_kind();
    return std::nullopt;
  }

  static NaiveVerdict lacks(DecidedBy kind) { return {Decision::implicit_deny, kind}; }
  static NaiveVerdict allowed(DecidedBy kind) { return {Decision::allowed, kind}; }

  /// Boundary and session policy, the first that does not allow.
  std::optional<DecidedBy> limit() const {
    if (policies_.has_boundary && !boundary_.allowed) return DecidedBy::boundary;
    const bool needs_session =
        policies_.has_session_policies || request_.principal.kind == Kind::federated_user;
    if (needs_session && !session_.allowed) return DecidedBy::session;
    return std::nullopt;
  }

  std::optional<DecidedBy> missing_of_caller() const {
    if (request_.principal.kind == Kind::root) return std::nullopt;
    if (!identity_.allowed) return DecidedBy::identity;
    return limit();
  }

  NaiveVerdict verdict_without_controls() const {
    const bool root = request_.principal.kind == Kind::root;
    const bool anonymous = request_.principal.kind == Kind::anonymous;
    const bool trusted = resource_.allowed && !root && !anonymous;
    if (policies_.resource_is_trust && !trusted) return lacks(DecidedBy::trust);
    if (!has_account())
      return resource_.allowed ? allowed(resource_kind()) : lacks(resource_kind());
    if (!same_account()) {
      if (const auto missing = missing_of_caller()) return lacks(*missing);
      return resource_.allowed ? allowed(resource_kind()) : lacks(resource_kind());
    }
    if (root) return allowed(DecidedBy::none);
    if (resource_.grant == Grant::direct) return allowed(resource_kind());
    if (resource_.grant == Grant::issuer && !identity_.allowed) {
      const auto missing = limit();
      return missing ? lacks(*missing) : allowed(resource_kind());
    }
    if (const auto missing = missing_of_caller()) return lacks(*missing);
    return allowed(policies_.resource_is_trust ? DecidedBy::trust : DecidedBy::identity);
  }

  const NaivePolicies& policies_;
  const NaiveRequest& request_;
  Opinion identity_, boundary_, session_, resource_, service_control_, resource_control_;
};

}  // namespace

std::size_t naive_statement_count(const json::value& document) {
  const json::value& statements = document.get_object().at("Statement");
  return statements.is_array() ? statements.get_array().size() : 1;
}

bool naive_denies(const json::value& document, std::size_t statement) {
  return denies(statement_at(document, statement));
}

bool naive_applies(const json::value& document, std::size_t statement, const NaiveRequest& request,
                   bool has_boundary) {
  return application(document, statement_at(document, statement), request, has_boundary) !=
         Grant::none;
}

NaiveVerdict naive_evaluate(const NaivePolicies& policies, const NaiveRequest& request) {
  return Judge(policies, request).verdict();
}

}  // namespace larder::policy::test
