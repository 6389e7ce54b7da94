// The Authorizer over IAM's snapshots: which policies apply to a caller, asked of the policy
// engine.
#pragma once

#include "aws/authorizer.h"
#include "iam/iam.h"

namespace larder::iam {

class IamAuthorizer final : public aws::Authorizer {
 public:
  explicit IamAuthorizer(const Iam& iam) : iam_(iam) {}
  aws::Ruling rule(const aws::Caller& caller, const aws::Demand& demand) const override;

 private:
  const Iam& iam_;
};

}  // namespace larder::iam
