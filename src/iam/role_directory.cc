#include "iam/role_directory.h"

#include "aws/arn.h"

namespace larder::iam {
namespace {

aws::RoleView view(const Account& account, const Role& role) {
  aws::RoleView out{account.id(), role.name, role_arn(account.id(), role),
                    role.id,      nullptr,   role.max_session_seconds};
  out.trust = std::make_shared<const policy::NamedPolicy>(
      policy::NamedPolicy{"trust policy", role.trust.document});
  return out;
}

aws::InstanceProfileView view(const Account& account, const InstanceProfile& profile) {
  aws::InstanceProfileView out{profile.name, instance_profile_arn(account.id(), profile),
                               profile.id, std::nullopt};
  if (const Role* role = profile.role.empty() ? nullptr : account.role(profile.role))
    out.role = view(account, *role);
  return out;
}

}  // namespace

std::optional<aws::RoleView> IamRoleDirectory::role_by_arn(std::string_view arn) const {
  const auto parsed = aws::parse_arn(arn);
  if (!parsed || parsed->service != "iam" || !parsed->resource.starts_with("role/"))
    return std::nullopt;
  const auto account = iam_.snapshot(parsed->account);
  const Role* role = account == nullptr ? nullptr : account->role(aws::name_of_arn(arn));
  if (role == nullptr || role_arn(account->id(), *role) != arn) return std::nullopt;
  return view(*account, *role);
}

std::optional<aws::InstanceProfileView> IamRoleDirectory::instance_profile_by_name(
    std::string_view account_id, std::string_view name) const {
  const auto account = iam_.snapshot(account_id);
  const auto* profile = account == nullptr ? nullptr : account->instance_profile(name);
  if (profile == nullptr) return std::nullopt;
  return view(*account, *profile);
}

std::optional<aws::InstanceProfileView> IamRoleDirectory::instance_profile_by_arn(
    std::string_view arn) const {
  const auto parsed = aws::parse_arn(arn);
  if (!parsed || parsed->service != "iam") return std::nullopt;
  auto profile = instance_profile_by_name(parsed->account, aws::name_of_arn(arn));
  if (!profile || profile->arn != arn) return std::nullopt;
  return profile;
}

std::optional<aws::InstanceProfileView> IamRoleDirectory::instance_profile_by_id(
    std::string_view account_id, std::string_view id) const {
  const auto account = iam_.snapshot(account_id);
  if (account == nullptr) return std::nullopt;
  for (const auto& [name, profile] : account->instance_profiles())
    if (profile->id == id) return view(*account, *profile);
  return std::nullopt;
}

bool IamRoleDirectory::has_managed_policy(std::string_view account_id, std::string_view arn) const {
  const auto account = iam_.snapshot(account_id);
  return account != nullptr && account->policy(arn) != nullptr;
}

std::optional<aws::InstanceProfileView> IamRoleDirectory::instance_profile_with_role(
    std::string_view account_id, std::string_view role_name) const {
  const auto account = iam_.snapshot(account_id);
  if (account == nullptr) return std::nullopt;
  const InstanceProfile* chosen = nullptr;
  for (const auto& [name, profile] : account->instance_profiles()) {
    if (profile->role.empty() || fold(profile->role) != fold(role_name)) continue;
    if (chosen == nullptr || name == fold(role_name)) chosen = profile.get();
  }
  if (chosen == nullptr) return std::nullopt;
  return view(*account, *chosen);
}

}  // namespace larder::iam
