// The policies and the permissions boundary of roles.
#include "iam/operations/entity_policies.h"
#include "iam/operations/types.h"

namespace larder::iam {
namespace {

aws::Needs needs_on_role(std::string_view action, const Iam& iam, const aws::Call& call,
                         const RoleName& role_name, std::string_view policy_arn = {}) {
  const auto account = iam.snapshot(call.caller.account());
  const auto* role = account == nullptr ? nullptr : account->role(role_name.str());
  return needs_on_entity(action, arn_of_role(account.get(), call.caller.account(), role_name.str()),
                         role, policy_arn);
}

struct RoleAndPolicy {
  RoleName role_name;
  ArnText policy_arn;
  static constexpr auto shape = aws::fields(aws::required<&RoleAndPolicy::role_name>("RoleName"),
                                            aws::required<&RoleAndPolicy::policy_arn>("PolicyArn"));
};

struct RoleAndInlinePolicy {
  RoleName role_name;
  PolicyName policy_name;
  static constexpr auto shape =
      aws::fields(aws::required<&RoleAndInlinePolicy::role_name>("RoleName"),
                  aws::required<&RoleAndInlinePolicy::policy_name>("PolicyName"));
};

struct AttachRolePolicy {
  static constexpr std::string_view name = "AttachRolePolicy";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  using Input = RoleAndPolicy;
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_on_role("iam:AttachRolePolicy", iam, call, in.role_name, in.policy_arn.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(Role role, modifiable_role(model, in.role_name.str()));
          TRY(const bool changed, attach_policy(model, role, in.policy_arn.str(), role_kind));
          if (changed) model.put(std::move(role), changes);
          return Output{};
        });
  }
};

struct DetachRolePolicy {
  static constexpr std::string_view name = "DetachRolePolicy";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  using Input = RoleAndPolicy;
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_on_role("iam:DetachRolePolicy", iam, call, in.role_name, in.policy_arn.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(Role role, modifiable_role(model, in.role_name.str()));
          TRY_VOID(detach_policy(role, in.policy_arn.str()));
          model.put(std::move(role), changes);
          return Output{};
        });
  }
};

struct ListAttachedRolePolicies {
  static constexpr std::string_view name = "ListAttachedRolePolicies";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  struct Input {
    RoleName role_name;
    std::optional<PolicyPath> path_prefix;
    std::optional<std::string> marker;
    std::optional<MaxItems> max_items;
    static constexpr auto shape = aws::fields(aws::required<&Input::role_name>("RoleName"),
                                              aws::optional<&Input::path_prefix>("PathPrefix"),
                                              aws::optional<&Input::marker>("Marker"),
                                              aws::optional<&Input::max_items>("MaxItems"));
  };
  using Output = AttachedPolicies;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    const auto account = iam.snapshot(call.caller.account());
    return needs_on("iam:ListAttachedRolePolicies",
                    arn_of_role(account.get(), call.caller.account(), in.role_name.str()));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    const auto* role = account->role(in.role_name.str());
    if (role == nullptr) co_return errors::no_such_role(in.role_name.str());
    co_return list_attached_policies(*account, *role, aws::or_default(in.path_prefix), in.marker,
                                     aws::or_default(in.max_items));
  }
};

struct PutRolePolicy {
  static constexpr std::string_view name = "PutRolePolicy";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    RoleName role_name;
    PolicyName policy_name;
    DocumentText document;
    static constexpr auto shape = aws::fields(aws::required<&Input::role_name>("RoleName"),
                                              aws::required<&Input::policy_name>("PolicyName"),
                                              aws::required<&Input::document>("PolicyDocument"));
  };
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_on_role("iam:PutRolePolicy", iam, call, in.role_name);
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    CO_TRY(const auto accepted, accept_inline_document(in.document.str()));
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(Role role, modifiable_role(model, in.role_name.str()));
          TRY_VOID(put_inline_policy(role, in.policy_name.str(), accepted, role_kind));
          model.put(std::move(role), changes);
          return Output{};
        });
  }
};

struct GetRolePolicy {
  static constexpr std::string_view name = "GetRolePolicy";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  using Input = RoleAndInlinePolicy;
  struct Output {
    std::string role_name;
    std::string policy_name;
    EncodedDocument document;
    static constexpr auto shape = aws::fields(aws::required<&Output::role_name>("RoleName"),
                                              aws::required<&Output::policy_name>("PolicyName"),
                                              aws::required<&Output::document>("PolicyDocument"));
  };
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    const auto account = iam.snapshot(call.caller.account());
    return needs_on("iam:GetRolePolicy",
                    arn_of_role(account.get(), call.caller.account(), in.role_name.str()));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    const auto* role = account->role(in.role_name.str());
    if (role == nullptr) co_return errors::no_such_role(in.role_name.str());
    CO_TRY(auto document, inline_policy(*role, in.policy_name.str(), role_kind));
    co_return Output{role->name, in.policy_name.str(), std::move(document)};
  }
};

struct ListRolePolicies {
  static constexpr std::string_view name = "ListRolePolicies";
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
  using Output = InlinePolicies;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    const auto account = iam.snapshot(call.caller.account());
    return needs_on("iam:ListRolePolicies",
                    arn_of_role(account.get(), call.caller.account(), in.role_name.str()));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    const auto* role = account->role(in.role_name.str());
    if (role == nullptr) co_return errors::no_such_role(in.role_name.str());
    co_return list_inline_policies(*role, in.marker, aws::or_default(in.max_items));
  }
};

struct DeleteRolePolicy {
  static constexpr std::string_view name = "DeleteRolePolicy";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  using Input = RoleAndInlinePolicy;
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_on_role("iam:DeleteRolePolicy", iam, call, in.role_name);
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(Role role, modifiable_role(model, in.role_name.str()));
          TRY_VOID(delete_inline_policy(role, in.policy_name.str(), role_kind));
          model.put(std::move(role), changes);
          return Output{};
        });
  }
};

struct PutRolePermissionsBoundary {
  static constexpr std::string_view name = "PutRolePermissionsBoundary";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    RoleName role_name;
    ArnText boundary;
    static constexpr auto shape =
        aws::fields(aws::required<&Input::role_name>("RoleName"),
                    aws::required<&Input::boundary>("PermissionsBoundary"));
  };
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    const auto account = iam.snapshot(call.caller.account());
    policy::Context context;
    context.set("iam:PermissionsBoundary", in.boundary.str());
    return needs_on("iam:PutRolePermissionsBoundary",
                    arn_of_role(account.get(), call.caller.account(), in.role_name.str()),
                    std::move(context));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(Role role, modifiable_role(model, in.role_name.str()));
          TRY_VOID(check_boundary(model, in.boundary.str()));
          role.boundary = in.boundary.str();
          model.put(std::move(role), changes);
          return Output{};
        });
  }
};

struct DeleteRolePermissionsBoundary {
  static constexpr std::string_view name = "DeleteRolePermissionsBoundary";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    RoleName role_name;
    static constexpr auto shape = aws::fields(aws::required<&Input::role_name>("RoleName"));
  };
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_on_role("iam:DeleteRolePermissionsBoundary", iam, call, in.role_name);
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(Role role, modifiable_role(model, in.role_name.str()));
          if (role.boundary.empty()) return Output{};
          role.boundary.clear();
          model.put(std::move(role), changes);
          return Output{};
        });
  }
};

}  // namespace

std::span<const aws::Operation> role_policy_operations() {
  static constexpr auto all =
      aws::operations<AttachRolePolicy, DetachRolePolicy, ListAttachedRolePolicies, PutRolePolicy,
                      GetRolePolicy, ListRolePolicies, DeleteRolePolicy, PutRolePermissionsBoundary,
                      DeleteRolePermissionsBoundary>();
  return all;
}

}  // namespace larder::iam
