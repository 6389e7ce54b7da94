// The RoleDirectory over IAM's snapshots.
#pragma once

#include "aws/directory.h"
#include "iam/iam.h"

namespace larder::iam {

class IamRoleDirectory final : public aws::RoleDirectory {
 public:
  explicit IamRoleDirectory(const Iam& iam) : iam_(iam) {}

  std::optional<aws::RoleView> role_by_arn(std::string_view arn) const override;
  std::optional<aws::InstanceProfileView> instance_profile_by_name(
      std::string_view account, std::string_view name) const override;
  std::optional<aws::InstanceProfileView> instance_profile_by_arn(
      std::string_view arn) const override;
  std::optional<aws::InstanceProfileView> instance_profile_by_id(
      std::string_view account, std::string_view id) const override;
  bool has_managed_policy(std::string_view account, std::string_view arn) const override;
  std::optional<aws::InstanceProfileView> instance_profile_with_role(
      std::string_view account, std::string_view role_name) const override;

 private:
  const Iam& iam_;
};

}  // namespace larder::iam
