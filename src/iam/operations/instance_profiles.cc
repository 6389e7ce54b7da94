// Instance profiles: what carries a role to an EC2 instance.
#include <fmt/format.h>

#include "aws/ids.h"
#include "iam/operations/role_shape.h"
#include "iam/operations/types.h"

namespace larder::iam {
namespace {

constexpr std::size_t profiles_quota = 1000;

struct InstanceProfileShape {
  std::string path, profile_name, id, arn;
  Time created{};
  std::vector<RoleShape> roles;
  static constexpr auto shape =
      aws::fields(aws::optional<&InstanceProfileShape::path>("Path"),
                  aws::optional<&InstanceProfileShape::profile_name>("InstanceProfileName"),
                  aws::optional<&InstanceProfileShape::id>("InstanceProfileId"),
                  aws::optional<&InstanceProfileShape::arn>("Arn"),
                  aws::optional<&InstanceProfileShape::created>("CreateDate"),
                  aws::optional<&InstanceProfileShape::roles>("Roles"));
};

InstanceProfileShape profile_shape(const Account& account, const InstanceProfile& profile) {
  InstanceProfileShape out;
  out.path = profile.path;
  out.profile_name = profile.name;
  out.id = profile.id;
  out.arn = instance_profile_arn(account.id(), profile);
  out.created = profile.created;
  if (const auto* role = account.role(profile.role); role != nullptr)
    out.roles.push_back(to_shape(account.id(), *role, Detail::listed));
  return out;
}

struct InstanceProfiles {
  std::vector<InstanceProfileShape> profiles;
  bool is_truncated = false;
  std::optional<std::string> marker{};
  static constexpr auto shape =
      aws::fields(aws::required<&InstanceProfiles::profiles>("InstanceProfiles"),
                  aws::optional<&InstanceProfiles::is_truncated>("IsTruncated"),
                  aws::optional<&InstanceProfiles::marker>("Marker"));
};

/// `keys` are folded names, in order.
Result<InstanceProfiles> list_profiles(const Account& account, const std::vector<std::string>& keys,
                                       const std::optional<std::string>& marker,
                                       const std::optional<MaxItems>& max_items) {
  const auto show = [&](const std::string& key) {
    return profile_shape(account, *account.instance_profile(key));
  };
  return list_page(keys, marker, max_items, &InstanceProfiles::profiles, show);
}

aws::Needs needs_on_profile(std::string_view action, const Iam& iam, const aws::Call& call,
                            const InstanceProfileName& profile_name) {
  const auto account = iam.snapshot(call.caller.account());
  return needs_on(
      action, arn_of_instance_profile(account.get(), call.caller.account(), profile_name.str()));
}

struct NamedProfile {
  InstanceProfileName profile_name;
  static constexpr auto shape =
      aws::fields(aws::required<&NamedProfile::profile_name>("InstanceProfileName"));
};

struct ProfileAndRole {
  InstanceProfileName profile_name;
  RoleName role_name;
  static constexpr auto shape =
      aws::fields(aws::required<&ProfileAndRole::profile_name>("InstanceProfileName"),
                  aws::required<&ProfileAndRole::role_name>("RoleName"));
};

struct CreateInstanceProfile {
  static constexpr std::string_view name = "CreateInstanceProfile";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    InstanceProfileName profile_name;
    std::optional<Path> path;
    std::vector<Tag> tags;
    static constexpr auto shape = aws::fields(
        aws::required<&Input::profile_name>("InstanceProfileName"),
        aws::optional<&Input::path>("Path"), aws::optional<&Input::tags>("Tags").at_most(50));
  };
  struct Output {
    InstanceProfileShape profile;
    static constexpr auto shape = aws::fields(aws::required<&Output::profile>("InstanceProfile"));
  };
  static aws::Needs needs(const Iam&, const aws::Call& call, const Input& in) {
    policy::Context context;
    add_tag_keys(context, in.tags);
    auto needs = needs_on("iam:CreateInstanceProfile",
                          aws::iam_arn(call.caller.account(), "instance-profile",
                                       aws::or_default(in.path).str(), in.profile_name.str()),
                          context);
    if (!in.tags.empty())
      needs.push_back(
          {.action = "iam:TagInstanceProfile", .resource = needs[0].resource, .context = context});
    return needs;
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    if (!in.tags.empty())
      co_return fail(larder::codes::not_implemented,
                     "Larder does not keep tags of instance profiles; create it without Tags.");
    CO_TRY_VOID(check_path_is_free(aws::or_default(in.path).str()));
    InstanceProfile made;
    made.name = in.profile_name.str();
    made.path = aws::or_default(in.path).str();
    made.id = aws::make_unique_id("AIPA", iam.random());
    made.created = call.now;
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          if (model.instance_profile(made.name) != nullptr)
            return fail(codes::entity_already_exists,
                        fmt::format("Instance Profile {} already exists.", made.name));
          if (model.instance_profiles().size() >= profiles_quota)
            return fail(codes::limit_exceeded,
                        fmt::format("Cannot exceed quota for InstanceProfilesPerAccount: {}",
                                    profiles_quota));
          model.put(made, changes);
          return Output{profile_shape(model, made)};
        });
  }
};

struct GetInstanceProfile {
  static constexpr std::string_view name = "GetInstanceProfile";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  using Input = NamedProfile;
  struct Output {
    InstanceProfileShape profile;
    static constexpr auto shape = aws::fields(aws::required<&Output::profile>("InstanceProfile"));
  };
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_on_profile("iam:GetInstanceProfile", iam, call, in.profile_name);
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    const auto* profile = account->instance_profile(in.profile_name.str());
    if (profile == nullptr) co_return errors::no_such_instance_profile(in.profile_name.str());
    co_return Output{profile_shape(*account, *profile)};
  }
};

struct ListInstanceProfiles {
  static constexpr std::string_view name = "ListInstanceProfiles";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  using Input = PathListing;
  using Output = InstanceProfiles;
  static aws::Needs needs(const Iam&, const aws::Call& call, const Input& in) {
    return needs_on_listing("iam:ListInstanceProfiles", "instance-profile", call, in);
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    const auto keys = keys_under(in, account->instance_profiles());
    co_return list_profiles(*account, keys, in.marker, in.max_items);
  }
};

struct ListInstanceProfilesForRole {
  static constexpr std::string_view name = "ListInstanceProfilesForRole";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  struct Input {
    RoleName role_name;
    std::optional<std::string> marker;
    std::optional<MaxItems> max_items;
    static constexpr auto shape = aws::fields(aws::required<&Input::role_name>("RoleName"),
                                              aws::optional<&Input::marker>("Marker"),
                                              aws::optional<&Input::max_items>("MaxItems"));
  };
  using Output = InstanceProfiles;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    const auto account = iam.snapshot(call.caller.account());
    return needs_on("iam:ListInstanceProfilesForRole",
                    arn_of_role(account.get(), call.caller.account(), in.role_name.str()));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    if (account->role(in.role_name.str()) == nullptr)
      co_return errors::no_such_role(in.role_name.str());
    std::vector<std::string> keys;
    for (const auto& [key, profile] : account->instance_profiles())
      if (fold(profile->role) == fold(in.role_name.str())) keys.push_back(key);
    co_return list_profiles(*account, keys, in.marker, in.max_items);
  }
};

struct DeleteInstanceProfile {
  static constexpr std::string_view name = "DeleteInstanceProfile";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  using Input = NamedProfile;
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_on_profile("iam:DeleteInstanceProfile", iam, call, in.profile_name);
  }
  /// Instances may still be using it: they lose their credentials.
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          const auto* profile = model.instance_profile(in.profile_name.str());
          if (profile == nullptr) return errors::no_such_instance_profile(in.profile_name.str());
          if (!profile->role.empty())
            return fail(codes::delete_conflict,
                        "Cannot delete entity, must remove roles from instance profile first.");
          model.erase(*profile, changes);
          return Output{};
        });
  }
};

struct AddRoleToInstanceProfile {
  static constexpr std::string_view name = "AddRoleToInstanceProfile";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  using Input = ProfileAndRole;
  using Output = aws::Nothing;
  /// Which instances will have the role is not known yet: AWS asks about all of the account's.
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    const std::string& account_id = call.caller.account();
    const auto account = iam.snapshot(account_id);
    auto needs = needs_on_profile("iam:AddRoleToInstanceProfile", iam, call, in.profile_name);
    policy::Context context;
    context.set("iam:PassedToService", "ec2.amazonaws.com");
    context.set("iam:AssociatedResourceArn", aws::instance_arn("*", account_id, "*"));
    needs.push_back({.action = "iam:PassRole",
                     .resource = arn_of_role(account.get(), account_id, in.role_name.str()),
                     .context = std::move(context)});
    return needs;
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          const auto* found = model.instance_profile(in.profile_name.str());
          if (found == nullptr) return errors::no_such_instance_profile(in.profile_name.str());
          TRY(const Role role, modifiable_role(model, in.role_name.str()));
          if (!found->role.empty())
            return fail(codes::limit_exceeded,
                        "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
          InstanceProfile changed = *found;
          changed.role = role.name;
          model.put(std::move(changed), changes);
          return Output{};
        });
  }
};

struct RemoveRoleFromInstanceProfile {
  static constexpr std::string_view name = "RemoveRoleFromInstanceProfile";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  using Input = ProfileAndRole;
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_on_profile("iam:RemoveRoleFromInstanceProfile", iam, call, in.profile_name);
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          const auto* found = model.instance_profile(in.profile_name.str());
          if (found == nullptr) return errors::no_such_instance_profile(in.profile_name.str());
          if (fold(found->role) != fold(in.role_name.str()))
            return fail(codes::no_such_entity,
                        fmt::format("The role with name {} cannot be found in Instance Profile {}.",
                                    in.role_name.str(), found->name));
          InstanceProfile changed = *found;
          changed.role.clear();
          model.put(std::move(changed), changes);
          return Output{};
        });
  }
};

}  // namespace

std::span<const aws::Operation> instance_profile_operations() {
  static constexpr auto all =
      aws::operations<CreateInstanceProfile, GetInstanceProfile, ListInstanceProfiles,
                      ListInstanceProfilesForRole, DeleteInstanceProfile, AddRoleToInstanceProfile,
                      RemoveRoleFromInstanceProfile>();
  return all;
}

}  // namespace larder::iam
