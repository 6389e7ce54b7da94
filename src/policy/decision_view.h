// A decision and its reasons as plain values: what people and other programs are shown of an
// explanation, once the policies themselves are gone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "policy/explain.h"

namespace larder::policy {

struct StatementView {
  std::string kind{};    // "identity", "boundary", …
  std::string policy{};  // its name or ARN
  std::string sid{};     // empty: it has none
  std::int64_t index = 0;
  std::string effect{};  // "Allow", "Deny"
  bool applies = false;  // to the request
  bool decided = false;  // one of those that the verdict names
  std::string failed{};  // "action", "principal", …; empty when it applies
  std::string wanted{};  // by the element that failed
  std::string found{};   // in the request
};

struct DecisionView {
  std::string principal{}, action{}, resource{};
  std::string decision{};    // "allowed", "explicitDeny", "implicitDeny"
  std::string decided_by{};  // "identity", …, "none"
  std::string message{};     // of a denial
  std::vector<StatementView> statements{};
};

/// `explanation` is of `query`, and what it points into is still there.
DecisionView view_of(const Query& query, const Explanation& explanation);

}  // namespace larder::policy
