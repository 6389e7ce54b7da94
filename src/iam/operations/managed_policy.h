// What the operations on managed policies have in common with those that attach them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "iam/operations/types.h"

namespace larder::iam {

/// `/` or `/…/` of letters, digits and .,+@=_-: narrower than the paths of other entities.
class PolicyPath {
 public:
  static Result<PolicyPath> parse(std::string_view text);
  const std::string& str() const { return text_; }

 private:
  std::string text_ = "/";
};

/// ValidationError for a text that is no ARN at all; whether there is such a policy is not asked.
Result<void> check_policy_arn(const std::string& arn);

/// Of this account or AWS's own: ValidationError or NoSuchEntity.
Result<const ManagedPolicy*> find_policy(const Account& account, const std::string& arn);
/// A policy that may be changed. AWS's own are not: AccessDenied, for `action`.
Result<ManagedPolicy> modifiable_policy(const Account& account, const aws::Call& call,
                                        std::string_view action, const std::string& arn);

/// Parses and checks the document of a new policy or version, its size by AWS's quota too.
Result<PolicyText> accept_managed_document(const std::string& text);

/// When `policy`, or one of its versions, was made: `created` but for AWS's own, which all get one
/// date.
Time created_at(const ManagedPolicy& policy, Time created);

/// Those on versions, which managed_policy_operations() contains.
std::span<const aws::Operation> policy_version_operations();

}  // namespace larder::iam
