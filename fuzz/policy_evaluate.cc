// Requests as `larder policy evaluate` reads them: whatever comes is answered, and the explanation
// says what the decision says.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "policy/evaluation_json.h"
#include "policy/explain.h"

using namespace larder::policy;

namespace {

bool is_same(const StatementRef& a, const StatementRef& b) {
  return a.policy == b.policy && a.index == b.index;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request = EvaluationRequest::read({reinterpret_cast<const char*>(data), size});
  if (!request) return 0;
  const Query query = (*request)->query();
  const PolicySet policies = (*request)->policies();
  const Explanation explained = explain(query, policies);
  const Verdict verdict = evaluate(query, policies);
  CHECK(verdict.decision == explained.verdict.decision);
  CHECK(verdict.decided_by == explained.verdict.decided_by);
  for (const StatementRef& deciding : verdict.statements()) {
    const auto report = std::ranges::find_if(
        explained.statements, [&](const auto& one) { return is_same(one.statement, deciding); });
    CHECK(report != explained.statements.end() && report->applies());
  }
  CHECK(!write_verdict(query, verdict).empty());
  return 0;
}
