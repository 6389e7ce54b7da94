// Roles and their trust policies.
#include <fmt/format.h>

#include "aws/ids.h"
#include "base/limits.h"
#include "iam/operations/role_shape.h"
#include "iam/operations/types.h"

namespace larder::iam {
namespace {

constexpr std::size_t roles_quota = 1000;

/// 3600 to 43200 seconds.
class SessionDuration {
 public:
  static Result<SessionDuration> parse(std::string_view text) {
    TRY(const auto value, aws::Scalar<std::int64_t>::parse(text));
    if (value < 3600)
      return fail(aws::codes::validation_error,
                  "Member must have value greater than or equal to 3600");
    if (value > 43'200)
      return fail(aws::codes::validation_error,
                  "Member must have value less than or equal to 43200");
    SessionDuration duration;
    duration.seconds_ = value;
    return duration;
  }
  std::string str() const { return std::to_string(seconds_); }
  std::int64_t seconds() const { return seconds_; }

 private:
  std::int64_t seconds_ = 3600;
};

struct CreateRole {
  static constexpr std::string_view name = "CreateRole";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    std::optional<Path> path;
    RoleName role_name;
    DocumentText trust;
    std::optional<DescriptionText> description;
    std::optional<SessionDuration> max_session;
    std::optional<ArnText> boundary;
    std::vector<Tag> tags;
    static constexpr auto shape = aws::fields(
        aws::optional<&Input::path>("Path"), aws::required<&Input::role_name>("RoleName"),
        aws::required<&Input::trust>("AssumeRolePolicyDocument"),
        aws::optional<&Input::description>("Description"),
        aws::optional<&Input::max_session>("MaxSessionDuration"),
        aws::optional<&Input::boundary>("PermissionsBoundary"),
        aws::optional<&Input::tags>("Tags").at_most(50));
  };
  struct Output {
    RoleShape role;
    static constexpr auto shape = aws::fields(aws::required<&Output::role>("Role"));
  };
  static aws::Needs needs(const Iam&, const aws::Call& call, const Input& in) {
    policy::Context context;
    add_tag_keys(context, in.tags);
    if (in.boundary) context.set("iam:PermissionsBoundary", in.boundary->str());
    auto needs = needs_on("iam:CreateRole",
                          aws::iam_arn(call.caller.account(), "role",
                                       aws::or_default(in.path).str(), in.role_name.str()),
                          context);
    if (!in.tags.empty())
      needs.push_back({.action = "iam:TagRole", .resource = needs[0].resource, .context = context});
    return needs;
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    CO_TRY_VOID(check_path_is_free(aws::or_default(in.path).str(), PathOf::role));
    const std::string account = call.caller.account();
    CO_TRY(auto trust, accept_document(in.trust.str(), policy::Kind::trust, limits::trust_policy,
                                       "ACLSizePerRole"));
    Role role;
    role.name = in.role_name.str();
    role.path = aws::or_default(in.path).str();
    role.id = aws::make_unique_id("AROA", iam.random());
    role.created = call.now;
    role.trust = std::move(trust);
    role.description = aws::or_default(in.description).str();
    role.max_session_seconds = aws::or_default(in.max_session).seconds();
    role.boundary = in.boundary ? in.boundary->str() : "";
    role.tags = to_pairs(in.tags);
    auto made = co_await iam.update<Role>(
        account, [&](Account& model, aws::Changes& changes) -> Result<Role> {
          if (model.role(role.name) != nullptr)
            return fail(codes::entity_already_exists,
                        fmt::format("Role with name {} already exists.", role.name));
          if (model.roles().size() > roles_quota)
            return fail(codes::limit_exceeded,
                        fmt::format("Cannot exceed quota for RolesPerAccount: {}", roles_quota));
          if (!role.boundary.empty()) TRY_VOID(check_boundary(model, role.boundary));
          model.put(role, changes);
          return role;
        });
    if (!made) co_return fail(std::move(made).error());
    co_return Output{to_shape(account, *made, Detail::created)};
  }
};

struct NamedRole {
  RoleName role_name;
  static constexpr auto shape = aws::fields(aws::required<&NamedRole::role_name>("RoleName"));
};

struct GetRole {
  static constexpr std::string_view name = "GetRole";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  using Input = NamedRole;
  struct Output {
    RoleShape role;
    static constexpr auto shape = aws::fields(aws::required<&Output::role>("Role"));
  };
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    const auto account = iam.snapshot(call.caller.account());
    return needs_on("iam:GetRole",
                    arn_of_role(account.get(), call.caller.account(), in.role_name.str()));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    const auto* role = account->role(in.role_name.str());
    if (role == nullptr) co_return errors::no_such_role(in.role_name.str());
    co_return Output{to_shape(account->id(), *role, Detail::full)};
  }
};

struct ListRoles {
  static constexpr std::string_view name = "ListRoles";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  using Input = PathListing;
  struct Output {
    std::vector<RoleShape> roles;
    bool is_truncated = false;
    std::optional<std::string> marker;
    static constexpr auto shape = aws::fields(aws::required<&Output::roles>("Roles"),
                                              aws::optional<&Output::is_truncated>("IsTruncated"),
                                              aws::optional<&Output::marker>("Marker"));
  };
  static aws::Needs needs(const Iam&, const aws::Call& call, const Input& in) {
    return needs_on_listing("iam:ListRoles", "role", call, in);
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    const auto show = [&](const std::string& key) {
      return to_shape(account->id(), *account->role(key), Detail::listed);
    };
    co_return list_page(keys_under(in, account->roles()), in.marker, in.max_items, &Output::roles,
                        show);
  }
};

struct DeleteRole {
  static constexpr std::string_view name = "DeleteRole";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  using Input = NamedRole;
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    const auto account = iam.snapshot(call.caller.account());
    return needs_on("iam:DeleteRole",
                    arn_of_role(account.get(), call.caller.account(), in.role_name.str()));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(const Role role, modifiable_role(model, in.role_name.str()));
          if (!role.inline_policies.empty())
            return fail(codes::delete_conflict,
                        "Cannot delete entity, must delete policies first.");
          if (!role.attached.empty())
            return fail(codes::delete_conflict,
                        "Cannot delete entity, must detach all policies first.");
          for (const auto& [key, profile] : model.instance_profiles())
            if (fold(profile->role) == fold(role.name))
              return fail(codes::delete_conflict,
                          "Cannot delete entity, must remove roles from instance profile first.");
          model.erase(role, changes);
          return Output{};
        });
  }
};

struct UpdateAssumeRolePolicy {
  static constexpr std::string_view name = "UpdateAssumeRolePolicy";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    RoleName role_name;
    DocumentText document;
    static constexpr auto shape = aws::fields(aws::required<&Input::role_name>("RoleName"),
                                              aws::required<&Input::document>("PolicyDocument"));
  };
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    const auto account = iam.snapshot(call.caller.account());
    return needs_on("iam:UpdateAssumeRolePolicy",
                    arn_of_role(account.get(), call.caller.account(), in.role_name.str()));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    CO_TRY(const auto trust, accept_document(in.document.str(), policy::Kind::trust,
                                             limits::trust_policy, "ACLSizePerRole"));
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(Role role, modifiable_role(model, in.role_name.str()));
          role.trust = trust;
          model.put(std::move(role), changes);
          return Output{};
        });
  }
};

}  // namespace

std::span<const aws::Operation> role_operations() {
  static constexpr auto all =
      aws::operations<CreateRole, GetRole, ListRoles, DeleteRole, UpdateAssumeRolePolicy>();
  return all;
}

}  // namespace larder::iam
