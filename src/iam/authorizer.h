// The Authorizer over IAM's snapshots: which policies apply to a caller, asked of the policy
// engine.
#pragma once

#include <memory>
#include <vector>

#include "aws/authorizer.h"
#include "iam/iam.h"

namespace larder::iam {

/// IAM's policies that apply to a caller, as they are now.
class CallerPolicies {
 public:
  CallerPolicies(const Iam& iam, const aws::Caller& caller);
  CallerPolicies(const CallerPolicies&) = delete;
  CallerPolicies& operator=(const CallerPolicies&) = delete;

  /// What it adds points into this.
  void add_to(policy::PolicySet& set) const;

 private:
  std::shared_ptr<const Account> account_;
  const EntityPolicies* entity_ = nullptr;  // of account_
  std::vector<policy::NamedPolicy> session_{};
  bool has_session_policies_ = false;
};

class IamAuthorizer final : public aws::Authorizer {
 public:
  explicit IamAuthorizer(const Iam& iam) : iam_(iam) {}
  aws::Ruling rule(const aws::Caller& caller, const aws::Demand& demand) const override;

 private:
  const Iam& iam_;
};

}  // namespace larder::iam
