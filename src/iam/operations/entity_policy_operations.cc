// The policies and the permissions boundary of roles and of users: the same operations on two kinds
// of entity.
#include <functional>
#include <span>
#include <string>

#include "iam/operations/entity_policies.h"
#include "iam/operations/target_user.h"
#include "iam/operations/types.h"

namespace larder::iam {
namespace {

Result<User> modifiable_user(const Account& account, std::string_view user_name) {
  const auto* user = account.user(user_name);
  if (user == nullptr) return errors::no_such_user(user_name);
  return *user;
}

/// What is different about roles.
struct OfRole {
  using Name = RoleName;
  using NameForInline = RoleName;
  static constexpr std::string_view member = "RoleName";
  static constexpr const EntityKind& kind = role_kind;
  static constexpr auto arn = &arn_of_role;
  static constexpr auto modifiable = &modifiable_role;
  static constexpr auto no_such = &errors::no_such_role;
  static const Role* find(const Account& account, std::string_view role_name) {
    return account.role(role_name);
  }

  static constexpr std::string_view attach = "AttachRolePolicy";
  static constexpr std::string_view detach = "DetachRolePolicy";
  static constexpr std::string_view list_attached = "ListAttachedRolePolicies";
  static constexpr std::string_view put_inline = "PutRolePolicy";
  static constexpr std::string_view get_inline = "GetRolePolicy";
  static constexpr std::string_view list_inline = "ListRolePolicies";
  static constexpr std::string_view delete_inline = "DeleteRolePolicy";
  static constexpr std::string_view put_boundary = "PutRolePermissionsBoundary";
  static constexpr std::string_view delete_boundary = "DeleteRolePermissionsBoundary";
};

/// And about users.
struct OfUser {
  using Name = UserName;
  using NameForInline = ExistingUserName;  // longer, in AWS's model
  static constexpr std::string_view member = "UserName";
  static constexpr const EntityKind& kind = user_kind;
  static constexpr auto arn = &arn_of_user;
  static constexpr auto modifiable = &modifiable_user;
  static constexpr auto no_such = &errors::no_such_user;
  static const User* find(const Account& account, std::string_view user_name) {
    return account.user(user_name);
  }

  static constexpr std::string_view attach = "AttachUserPolicy";
  static constexpr std::string_view detach = "DetachUserPolicy";
  static constexpr std::string_view list_attached = "ListAttachedUserPolicies";
  static constexpr std::string_view put_inline = "PutUserPolicy";
  static constexpr std::string_view get_inline = "GetUserPolicy";
  static constexpr std::string_view list_inline = "ListUserPolicies";
  static constexpr std::string_view delete_inline = "DeleteUserPolicy";
  static constexpr std::string_view put_boundary = "PutUserPermissionsBoundary";
  static constexpr std::string_view delete_boundary = "DeleteUserPermissionsBoundary";
};

/// One demand without the keys of the entity: AWS has none for reads.
template <class Of>
aws::Needs needs_to_read(std::string_view operation, const Iam& iam, const aws::Call& call,
                         const std::string& entity) {
  const auto account = iam.snapshot(call.caller.account());
  return needs_on("iam:" + std::string(operation),
                  Of::arn(account.get(), call.caller.account(), entity));
}

template <class Of>
aws::Needs needs_to_change(std::string_view operation, const Iam& iam, const aws::Call& call,
                           const std::string& entity, std::string_view policy_arn = {}) {
  const auto account = iam.snapshot(call.caller.account());
  const auto* found = account == nullptr ? nullptr : Of::find(*account, entity);
  return needs_on_entity("iam:" + std::string(operation),
                         Of::arn(account.get(), call.caller.account(), entity), found, policy_arn);
}

/// Stores the entity as `alter` left it; false: it left it as it was.
template <class Of>
Task<Result<aws::Nothing>> change(
    Iam& iam, const aws::Call& call, std::string name,
    std::function<Result<bool>(const Account& account, Entity& entity)> alter) {
  co_return co_await iam.update<aws::Nothing>(
      call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<aws::Nothing> {
        TRY(auto entity, Of::modifiable(model, name));
        TRY(const bool changed, alter(model, entity));
        if (changed) model.put(std::move(entity), changes);
        return aws::Nothing{};
      });
}

// ---- managed policies

template <class Of>
struct EntityAndPolicy {
  typename Of::Name entity;
  ArnText policy_arn;
  static constexpr auto shape =
      aws::fields(aws::required<&EntityAndPolicy::entity>(Of::member),
                  aws::required<&EntityAndPolicy::policy_arn>("PolicyArn"));
};

template <class Of>
struct AttachPolicy {
  static constexpr std::string_view name = Of::attach;
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  using Input = EntityAndPolicy<Of>;
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_to_change<Of>(name, iam, call, in.entity.str(), in.policy_arn.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await change<Of>(
        iam, call, in.entity.str(), [&](const Account& account, Entity& entity) {
          return attach_policy(account, entity, in.policy_arn.str(), Of::kind);
        });
  }
};

template <class Of>
struct DetachPolicy {
  static constexpr std::string_view name = Of::detach;
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  using Input = EntityAndPolicy<Of>;
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_to_change<Of>(name, iam, call, in.entity.str(), in.policy_arn.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await change<Of>(iam, call, in.entity.str(),
                                  [&](const Account&, Entity& entity) -> Result<bool> {
                                    TRY_VOID(detach_policy(entity, in.policy_arn.str()));
                                    return true;
                                  });
  }
};

template <class Of>
struct ListAttachedPolicies {
  static constexpr std::string_view name = Of::list_attached;
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  struct Input {
    typename Of::Name entity;
    std::optional<PolicyPath> path_prefix;
    std::optional<std::string> marker;
    std::optional<MaxItems> max_items;
    static constexpr auto shape = aws::fields(
        aws::required<&Input::entity>(Of::member), aws::optional<&Input::path_prefix>("PathPrefix"),
        aws::optional<&Input::marker>("Marker"), aws::optional<&Input::max_items>("MaxItems"));
  };
  using Output = AttachedPolicies;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_to_read<Of>(name, iam, call, in.entity.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    const auto* entity = Of::find(*account, in.entity.str());
    if (entity == nullptr) co_return Of::no_such(in.entity.str());
    co_return list_attached_policies(*account, *entity, aws::or_default(in.path_prefix), in.marker,
                                     in.max_items);
  }
};

// ---- inline policies

template <class Of>
struct EntityAndInlinePolicy {
  typename Of::NameForInline entity;
  PolicyName policy_name;
  static constexpr auto shape =
      aws::fields(aws::required<&EntityAndInlinePolicy::entity>(Of::member),
                  aws::required<&EntityAndInlinePolicy::policy_name>("PolicyName"));
};

template <class Of>
struct PutPolicy {
  static constexpr std::string_view name = Of::put_inline;
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    typename Of::NameForInline entity;
    PolicyName policy_name;
    DocumentText document;
    static constexpr auto shape = aws::fields(aws::required<&Input::entity>(Of::member),
                                              aws::required<&Input::policy_name>("PolicyName"),
                                              aws::required<&Input::document>("PolicyDocument"));
  };
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_to_change<Of>(name, iam, call, in.entity.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    CO_TRY(const auto accepted, accept_inline_document(in.document.str()));
    co_return co_await change<Of>(
        iam, call, in.entity.str(), [&](const Account&, Entity& entity) -> Result<bool> {
          TRY_VOID(put_inline_policy(entity, in.policy_name.str(), accepted, Of::kind));
          return true;
        });
  }
};

template <class Of>
struct GetPolicy {
  static constexpr std::string_view name = Of::get_inline;
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  using Input = EntityAndInlinePolicy<Of>;
  struct Output {
    std::string entity;
    std::string policy_name;
    EncodedDocument document;
    static constexpr auto shape = aws::fields(aws::required<&Output::entity>(Of::member),
                                              aws::required<&Output::policy_name>("PolicyName"),
                                              aws::required<&Output::document>("PolicyDocument"));
  };
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_to_read<Of>(name, iam, call, in.entity.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    const auto* entity = Of::find(*account, in.entity.str());
    if (entity == nullptr) co_return Of::no_such(in.entity.str());
    CO_TRY(auto document, inline_policy(*entity, in.policy_name.str(), Of::kind));
    co_return Output{entity->name, in.policy_name.str(), std::move(document)};
  }
};

template <class Of>
struct ListPolicies {
  static constexpr std::string_view name = Of::list_inline;
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  struct Input {
    typename Of::NameForInline entity;
    std::optional<std::string> marker;
    std::optional<MaxItems> max_items;
    static constexpr auto shape = aws::fields(aws::required<&Input::entity>(Of::member),
                                              aws::optional<&Input::marker>("Marker"),
                                              aws::optional<&Input::max_items>("MaxItems"));
  };
  using Output = InlinePolicies;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_to_read<Of>(name, iam, call, in.entity.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    const auto* entity = Of::find(*account, in.entity.str());
    if (entity == nullptr) co_return Of::no_such(in.entity.str());
    co_return list_inline_policies(*entity, in.marker, in.max_items);
  }
};

template <class Of>
struct DeletePolicy {
  static constexpr std::string_view name = Of::delete_inline;
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  using Input = EntityAndInlinePolicy<Of>;
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_to_change<Of>(name, iam, call, in.entity.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await change<Of>(
        iam, call, in.entity.str(), [&](const Account&, Entity& entity) -> Result<bool> {
          TRY_VOID(delete_inline_policy(entity, in.policy_name.str(), Of::kind));
          return true;
        });
  }
};

// ---- the permissions boundary

template <class Of>
struct PutPermissionsBoundary {
  static constexpr std::string_view name = Of::put_boundary;
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    typename Of::Name entity;
    ArnText boundary;
    static constexpr auto shape =
        aws::fields(aws::required<&Input::entity>(Of::member),
                    aws::required<&Input::boundary>("PermissionsBoundary"));
  };
  using Output = aws::Nothing;
  /// iam:PermissionsBoundary is the new one here, not the one that the entity has.
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    auto needs = needs_to_read<Of>(name, iam, call, in.entity.str());
    needs.front().context.set("iam:PermissionsBoundary", in.boundary.str());
    return needs;
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await change<Of>(iam, call, in.entity.str(),
                                  [&](const Account& account, Entity& entity) -> Result<bool> {
                                    TRY_VOID(check_boundary(account, in.boundary.str()));
                                    entity.boundary = in.boundary.str();
                                    return true;
                                  });
  }
};

template <class Of>
struct DeletePermissionsBoundary {
  static constexpr std::string_view name = Of::delete_boundary;
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    typename Of::Name entity;
    static constexpr auto shape = aws::fields(aws::required<&Input::entity>(Of::member));
  };
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_to_change<Of>(name, iam, call, in.entity.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await change<Of>(iam, call, in.entity.str(),
                                  [&](const Account&, Entity& entity) -> Result<bool> {
                                    const bool had_one = !entity.boundary.empty();
                                    entity.boundary.clear();
                                    return had_one;
                                  });
  }
};

template <class Of>
std::span<const aws::Operation> operations_of() {
  static constexpr auto all =
      aws::operations<AttachPolicy<Of>, DetachPolicy<Of>, ListAttachedPolicies<Of>, PutPolicy<Of>,
                      GetPolicy<Of>, ListPolicies<Of>, DeletePolicy<Of>, PutPermissionsBoundary<Of>,
                      DeletePermissionsBoundary<Of>>();
  return all;
}

}  // namespace

std::span<const aws::Operation> role_policy_operations() { return operations_of<OfRole>(); }
std::span<const aws::Operation> user_policy_operations() { return operations_of<OfUser>(); }

}  // namespace larder::iam
