// Why a decision came out as it did, statement by statement. Costs what it costs only when asked
// for: evaluate() knows nothing of it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "policy/evaluate.h"

namespace larder::policy {

/// One statement and the request: whether it applies, and if not, the first element that failed.
struct StatementReport {
  StatementRef statement;          // points into the PolicySet
  Element failed = Element::none;  // none: it applies
  /// Of the element that failed, for people. `wanted` is what the policy says, as it says it
  /// ("s3:Get*", `StringEquals aws:PrincipalTag/team "blue" or "red"`, with "not " before it for
  /// NotAction and its kin); `found` is what the request has ("s3:PutObject", `"green"`, "absent").
  std::string wanted{};
  std::string found{};

  bool applies() const { return failed == Element::none; }
};

struct Explanation {
  Verdict verdict;
  /// Every statement of every policy, in the order identity, boundary, session, resource, service
  /// control, resource control. A document that cannot be read has one report, index 0, that
  /// applies: it denies.
  std::vector<StatementReport> statements;
};

Explanation explain(const Query& query, const PolicySet& policies);

/// "action", "principal", "resource", "condition"; "" for none.
std::string_view name_of(Element element);

}  // namespace larder::policy
