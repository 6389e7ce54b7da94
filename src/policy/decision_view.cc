#include "policy/decision_view.h"

#include <algorithm>

#include "policy/denial.h"

namespace larder::policy {

namespace {

std::string name_of(const Principal& who) {
  if (who.kind == Principal::Kind::anonymous) return "anonymous";
  return who.arn.empty() ? who.service : who.arn;
}

/// A document that cannot be read denies.
std::string effect_of(const StatementRef& statement) {
  const auto& document = statement.policy->document;
  const bool allows =
      document != nullptr && document->statements[statement.index].effect == Effect::allow;
  return allows ? "Allow" : "Deny";
}

StatementView view_of(const StatementReport& report, const Verdict& verdict) {
  const StatementRef& statement = report.statement;
  const bool decided = std::ranges::any_of(verdict.statements(), [&](const StatementRef& other) {
    return other.policy == statement.policy && other.index == statement.index;
  });
  return {.kind = std::string(name_of(statement.kind)),
          .policy = statement.policy->name,
          .sid = std::string(statement.sid()),
          .index = static_cast<std::int64_t>(statement.index),
          .effect = effect_of(statement),
          .applies = report.applies(),
          .decided = decided,
          .failed = std::string(name_of(report.failed)),
          .wanted = report.wanted,
          .found = report.found};
}

}  // namespace

DecisionView view_of(const Query& query, const Explanation& explanation) {
  const Verdict& verdict = explanation.verdict;
  DecisionView view{.principal = name_of(query.principal),
                    .action = std::string(query.action),
                    .resource = std::string(query.resource),
                    .decision = std::string(name_of(verdict.decision)),
                    .decided_by = std::string(name_of(verdict.decided_by))};
  if (!verdict.allowed()) view.message = denial_message(query, verdict);
  for (const StatementReport& report : explanation.statements)
    view.statements.push_back(view_of(report, verdict));
  return view;
}

}  // namespace larder::policy
