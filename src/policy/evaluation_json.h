// A question to the engine as JSON, and its answer: what `larder policy evaluate` reads and
// writes, and what the cases of tests/policy/*.json are made of.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/evaluate.h"
#include "policy/json_reader.h"

namespace larder::policy {

/// Owns what query() and policies() point into.
class EvaluationRequest {
 public:
  /// An object with the members `principal` (an ARN, or "anonymous"), `action`, `resource`,
  /// `resource_account`, `context` (key → string or list of strings), `identity_policies`,
  /// `permissions_boundary` (a document or null), `session_policies`, `resource_policy` (a document
  /// or null; the trust policy when the action is one of sts:AssumeRole*). `principal`, `action`
  /// and `resource` must be there, the others may be left out. Optional besides: `role_arn`,
  /// `user_arn`, `unique_id`, which the ARN of a session does not tell. Without `resource_account`
  /// the owner is the account that `resource` names, and the caller's own where it names none.
  /// Other members are ignored (ignored_members); null is as if the member were left out. A
  /// document is an object, or a string that holds one. Keys that follow from the principal are
  /// filled in where `context` lacks them. InvalidArgument names the member; a document that is
  /// refused, its own error with the member's name before it.
  static Result<std::unique_ptr<EvaluationRequest>> read(std::string_view json);
  static Result<std::unique_ptr<EvaluationRequest>> from(std::string_view text, const Json& object);

  EvaluationRequest(const EvaluationRequest&) = delete;
  EvaluationRequest& operator=(const EvaluationRequest&) = delete;

  Query query() const { return {principal_, action_, resource_, resource_account_, context_}; }
  PolicySet policies() const;
  /// Names of members that say nothing here, for example because they are misspelt.
  const std::vector<std::string>& ignored_members() const { return ignored_members_; }

 private:
  EvaluationRequest() = default;

  Principal principal_{};
  std::string action_{}, resource_{}, resource_account_{};
  Context context_{};
  std::vector<NamedPolicy> identity_{};           // "identity-0", …
  std::vector<NamedPolicy> session_{};            // "session-0", …
  std::optional<NamedPolicy> boundary_{};         // "boundary"
  std::optional<NamedPolicy> resource_policy_{};  // "resource"
  bool resource_is_trust_ = false;
  std::vector<std::string> ignored_members_{};
};

/// The resource policy that is asked for this action is a role's trust policy.
bool asks_trust_policy(std::string_view action);

/// One line: `decision` ("allowed", "explicitDeny", "implicitDeny"), `decided_by` ("identity", …,
/// or null), `statements` (those that decided: kind, policy, sid or null, index), `message` (of a
/// denial, else null).
std::string write_verdict(const Query& query, const Verdict& verdict);

}  // namespace larder::policy
