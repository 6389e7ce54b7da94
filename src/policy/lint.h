// What is wrong with a policy, and what is odd about it, with line and column. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/document.h"

namespace larder::policy {

enum class Severity : std::uint8_t {
  error,   // AWS refuses the document
  warning  // AWS takes it, but it does not do what its author may think
};

struct Finding {
  Severity severity;
  std::size_t line;    // from 1
  std::size_t column;  // from 1, in characters
  std::string code;    // stable: "malformed", "unknown-action", …; docs/policy.md lists them
  std::string message;
};

struct LintOptions {
  /// nullopt: taken from the text: a statement with Principal and Resource makes it a bucket
  /// policy, Principal without Resource a trust policy, else it is an identity policy.
  std::optional<Kind> kind{};
  /// The permissions boundary beside which the policy will stand: statements of which it allows
  /// nothing are found.
  const Document* boundary = nullptr;
};

/// In the order of their places; empty: nothing to say. Takes time as the document's length, for a
/// document of limits::policy_document characters about a second at worst; a longer one is itself
/// the only finding. Where that is not enough to look at everything, the last finding says so.
std::vector<Finding> lint(std::string_view text, const LintOptions& options = {});

}  // namespace larder::policy
