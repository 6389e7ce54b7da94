// How services that know nothing of IAM's innards ask about roles. Implemented by src/iam, joined
// in src/server. Safe from any core, no I/O: the answers come from the account's snapshot.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "policy/evaluate.h"

namespace larder::aws {

struct RoleView {
  std::string account;
  std::string name;
  std::string arn;
  std::string id;  // AROA…
  std::shared_ptr<const policy::NamedPolicy> trust;
  std::int64_t max_session_seconds = 3600;
};

struct InstanceProfileView {
  std::string name;
  std::string arn;
  std::string id;  // AIPA…
  std::optional<RoleView> role;
};

class RoleDirectory {
 public:
  virtual ~RoleDirectory() = default;
  virtual std::optional<RoleView> role_by_arn(std::string_view arn) const = 0;
  virtual std::optional<InstanceProfileView> instance_profile_by_name(
      std::string_view account, std::string_view name) const = 0;
  virtual std::optional<InstanceProfileView> instance_profile_by_arn(
      std::string_view arn) const = 0;
  virtual std::optional<InstanceProfileView> instance_profile_by_id(std::string_view account,
                                                                    std::string_view id) const = 0;
  /// Of the account or AWS's own.
  virtual bool has_managed_policy(std::string_view account, std::string_view arn) const = 0;
  /// A profile that holds the role: the one of the role's own name where there are several.
  virtual std::optional<InstanceProfileView> instance_profile_with_role(
      std::string_view account, std::string_view role_name) const = 0;
};

}  // namespace larder::aws
