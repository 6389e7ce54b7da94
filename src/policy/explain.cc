#include "policy/explain.h"

#include <functional>
#include <span>

namespace larder::policy {

namespace {

/// "s3:Get*", or "s3:Get*" or "s3:Put*".
template <class Range, class Text>
std::string listed(const Range& range, Text&& text_of) {
  std::string out;
  for (const auto& one : range) {
    if (!out.empty()) out += " or ";
    out += text_of(one);
  }
  return out;
}

std::string negated_if(bool negated, std::string text) { return negated ? "not " + text : text; }

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string text_of(const PrincipalEntry& entry) {
  switch (entry.type) {
    case PrincipalEntry::Type::service:
      return "service " + entry.value;
    case PrincipalEntry::Type::federated:
      return "federated " + entry.value;
    case PrincipalEntry::Type::canonical_user:
      return "canonical user " + entry.value;
    case PrincipalEntry::Type::account:
      return "account " + entry.value;
    default:
      return entry.value;
  }
}

std::string text_of(const Principal& who) {
  switch (who.kind) {
    case Principal::Kind::anonymous:
      return "anonymous";
    case Principal::Kind::service:
      return who.service;
    case Principal::Kind::web_identity:
      return who.provider;
    default:
      return who.arn;
  }
}

std::string values_of(const Condition& condition, const Context& context) {
  const Context::Values values = context.find(condition.key);
  if (!context.contains(condition.key)) return "absent";
  if (values.empty()) return "an empty list";
  std::string out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != 0) out += ", ";
    out += quoted(values[i]);
  }
  return out;
}

std::string wanted_by(const Condition& condition) {
  return condition.op_name + " " + condition.key + " " +
         listed(condition.values, [](const std::string& value) { return quoted(value); });
}

void tell(StatementReport& report, const Statement& statement, const Application& application,
          const Query& query) {
  report.failed = application.failed;
  switch (application.failed) {
    case Element::none:
      return;
    case Element::action:
      report.wanted = negated_if(statement.not_action, listed(statement.actions, std::identity()));
      report.found = query.action;
      return;
    case Element::principal:
      report.wanted = negated_if(
          statement.principals->negated,
          listed(statement.principals->entries, [](const auto& entry) { return text_of(entry); }));
      report.found = text_of(query.principal);
      return;
    case Element::resource:
      report.wanted =
          negated_if(statement.not_resource, listed(statement.resources, std::identity()));
      report.found = query.resource;
      return;
    case Element::condition:
      report.wanted = wanted_by(statement.conditions[application.condition]);
      report.found = values_of(statement.conditions[application.condition], query.context);
      return;
  }
}

class Teller {
 public:
  Teller(const Query& query, bool has_boundary) : prepared_(query, has_boundary) {}

  void add(DecidedBy kind, std::span<const NamedPolicy> policies) {
    for (const NamedPolicy& policy : policies) add(kind, policy);
  }

  void add(DecidedBy kind, const NamedPolicy& policy) {
    if (policy.document == nullptr) {
      reports.push_back({.statement = {kind, &policy, 0}});
      return;
    }
    const auto& statements = policy.document->statements;
    for (std::size_t i = 0; i < statements.size(); ++i) {
      StatementReport report{.statement = {kind, &policy, i}};
      tell(report, statements[i], policy.document->compiled.apply(i, prepared_), prepared_.query());
      reports.push_back(std::move(report));
    }
  }

  std::vector<StatementReport> reports{};

 private:
  const PreparedQuery prepared_;
};

}  // namespace

Explanation explain(const Query& query, const PolicySet& policies) {
  Teller teller(query, policies.has_boundary || policies.boundary != nullptr);
  teller.add(DecidedBy::identity, policies.identity);
  if (policies.boundary != nullptr) teller.add(DecidedBy::boundary, *policies.boundary);
  teller.add(DecidedBy::session, policies.session);
  if (policies.resource != nullptr)
    teller.add(policies.resource_is_trust ? DecidedBy::trust : DecidedBy::resource,
               *policies.resource);
  teller.add(DecidedBy::service_control, policies.service_control);
  teller.add(DecidedBy::resource_control, policies.resource_control);
  return {evaluate(query, policies), std::move(teller.reports)};
}

std::string_view name_of(Element element) {
  switch (element) {
    case Element::none:
      return "";
    case Element::action:
      return "action";
    case Element::principal:
      return "principal";
    case Element::resource:
      return "resource";
    case Element::condition:
      return "condition";
  }
  return "";
}

}  // namespace larder::policy
