// May this caller do this? The only way to an answer.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aws/caller.h"
#include "base/result.h"
#include "policy/context.h"
#include "policy/evaluate.h"

namespace larder::aws {

/// One thing that must be allowed before an operation runs.
struct Demand {
  std::string action;              // "s3:PutObject"
  std::string resource;            // an ARN, or "*"
  policy::Context context{};       // the operation's own keys; the pipeline adds the global ones
  std::string resource_account{};  // empty: the caller's own
  std::shared_ptr<const policy::NamedPolicy> resource_policy{};
  bool resource_policy_is_trust = false;
  std::string fact{};  // the fact that tells resource_account and resource_policy (a bucket's
                       // name); empty: none
};
using Needs = std::vector<Demand>;

/// What came of it, for the error message and the audit event. Texts are in AWS's words.
struct Ruling {
  bool allowed = false;
  std::string decision = "implicitDeny";  // allowed, explicitDeny, implicitDeny
  std::string decided_by;                 // identity, boundary, session, resource, trust
  std::string policy;   // name or ARN of the first deciding policy, where there is one
  std::string message;  // of a denial
};

/// Safe from any core, no I/O.
class Authorizer {
 public:
  virtual ~Authorizer() = default;
  virtual Ruling rule(const Caller& caller, const Demand& demand) const = 0;
};

}  // namespace larder::aws
