#include "policy/denial.h"

namespace larder::policy {

namespace {

constexpr std::string_view plain = "Access Denied";

bool is_of_service(std::string_view action, std::string_view service) {
  const std::string_view prefix = action.substr(0, action.find(':'));
  return equal_ignoring_case(prefix, service);
}

std::string_view with_explicit_deny_in(DecidedBy kind) {
  switch (kind) {
    case DecidedBy::none:
    case DecidedBy::identity:
      return "an identity-based policy";
    case DecidedBy::boundary:
      return "a permissions boundary";
    case DecidedBy::session:
      return "a session policy";
    case DecidedBy::resource:
      return "a resource-based policy";
    case DecidedBy::trust:
      return "the role trust policy";
    case DecidedBy::service_control:
      return "a service control policy";
    case DecidedBy::resource_control:
      return "a resource control policy";
  }
  return "";
}

std::string_view because_no(DecidedBy kind) {
  switch (kind) {
    case DecidedBy::none:
    case DecidedBy::identity:
      return "identity-based policy";
    case DecidedBy::boundary:
      return "permissions boundary";
    case DecidedBy::session:
      return "session policy";
    case DecidedBy::resource:
      return "resource-based policy";
    case DecidedBy::trust:
      return "role trust policy";
    case DecidedBy::service_control:
      return "service control policy";
    case DecidedBy::resource_control:
      return "resource control policy";
  }
  return "";
}

std::string reason(const Query& query, const Verdict& verdict) {
  std::string text;
  if (verdict.decision == Decision::explicit_deny) {
    text.append("with an explicit deny in ").append(with_explicit_deny_in(verdict.decided_by));
    return text;
  }
  text.append("because no ").append(because_no(verdict.decided_by));
  text.append(" allows the ").append(query.action).append(" action");
  return text;
}

}  // namespace

std::string denial_message_without_reason(const Query& query) {
  const Principal& who = query.principal;
  std::string text;
  if (who.kind == Principal::Kind::anonymous) return std::string(plain);
  if (who.kind == Principal::Kind::web_identity)
    return text.append("Not authorized to perform ").append(query.action);
  text.append("User: ").append(who.kind == Principal::Kind::service ? who.service : who.arn);
  text.append(" is not authorized to perform: ").append(query.action);
  if (query.resource.empty() || query.resource == "*") return text;
  const std::string_view quote = is_of_service(query.action, "s3") ? "\"" : "";
  text.append(" on resource: ").append(quote).append(query.resource).append(quote);
  return text;
}

std::string denial_message(const Query& query, const Verdict& verdict) {
  const Principal::Kind kind = query.principal.kind;
  if (kind == Principal::Kind::anonymous || kind == Principal::Kind::web_identity)
    return denial_message_without_reason(query);
  if (is_cross_account(query)) {
    // STS names the role that was asked for, which the caller knows, and nothing else.
    if (is_of_service(query.action, "sts")) return denial_message_without_reason(query);
    return std::string(plain);
  }
  return denial_message_without_reason(query).append(" ").append(reason(query, verdict));
}

}  // namespace larder::policy
