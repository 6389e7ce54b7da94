// The policies and the permissions boundary of users.
#include "iam/operations/entity_policies.h"
#include "iam/operations/target_user.h"
#include "iam/operations/types.h"

namespace larder::iam {
namespace {

aws::Needs needs_on_user(std::string_view action, const Iam& iam, const aws::Call& call,
                         std::string_view user_name, std::string_view policy_arn = {}) {
  const auto account = iam.snapshot(call.caller.account());
  const auto* user = account == nullptr ? nullptr : account->user(user_name);
  return needs_on_entity(action, arn_of_user(account.get(), call.caller.account(), user_name), user,
                         policy_arn);
}

Result<User> changeable_user(const Account& account, std::string_view user_name) {
  const auto* user = account.user(user_name);
  if (user == nullptr) return errors::no_such_user(user_name);
  return *user;
}

struct UserAndPolicy {
  UserName user_name;
  ArnText policy_arn;
  static constexpr auto shape = aws::fields(aws::required<&UserAndPolicy::user_name>("UserName"),
                                            aws::required<&UserAndPolicy::policy_arn>("PolicyArn"));
};

struct UserAndInlinePolicy {
  ExistingUserName user_name;
  PolicyName policy_name;
  static constexpr auto shape =
      aws::fields(aws::required<&UserAndInlinePolicy::user_name>("UserName"),
                  aws::required<&UserAndInlinePolicy::policy_name>("PolicyName"));
};

struct AttachUserPolicy {
  static constexpr std::string_view name = "AttachUserPolicy";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  using Input = UserAndPolicy;
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_on_user("iam:AttachUserPolicy", iam, call, in.user_name.str(),
                         in.policy_arn.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(User user, changeable_user(model, in.user_name.str()));
          TRY(const bool changed, attach_policy(model, user, in.policy_arn.str(), user_kind));
          if (changed) model.put(std::move(user), changes);
          return Output{};
        });
  }
};

struct DetachUserPolicy {
  static constexpr std::string_view name = "DetachUserPolicy";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  using Input = UserAndPolicy;
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_on_user("iam:DetachUserPolicy", iam, call, in.user_name.str(),
                         in.policy_arn.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(User user, changeable_user(model, in.user_name.str()));
          TRY_VOID(detach_policy(user, in.policy_arn.str()));
          model.put(std::move(user), changes);
          return Output{};
        });
  }
};

struct ListAttachedUserPolicies {
  static constexpr std::string_view name = "ListAttachedUserPolicies";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  struct Input {
    UserName user_name;
    std::optional<PolicyPath> path_prefix;
    std::optional<std::string> marker;
    std::optional<MaxItems> max_items;
    static constexpr auto shape = aws::fields(aws::required<&Input::user_name>("UserName"),
                                              aws::optional<&Input::path_prefix>("PathPrefix"),
                                              aws::optional<&Input::marker>("Marker"),
                                              aws::optional<&Input::max_items>("MaxItems"));
  };
  using Output = AttachedPolicies;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    const auto account = iam.snapshot(call.caller.account());
    return needs_on("iam:ListAttachedUserPolicies",
                    arn_of_user(account.get(), call.caller.account(), in.user_name.str()));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    const auto* user = account->user(in.user_name.str());
    if (user == nullptr) co_return errors::no_such_user(in.user_name.str());
    co_return list_attached_policies(*account, *user, aws::or_default(in.path_prefix), in.marker,
                                     aws::or_default(in.max_items));
  }
};

struct PutUserPolicy {
  static constexpr std::string_view name = "PutUserPolicy";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    ExistingUserName user_name;
    PolicyName policy_name;
    DocumentText document;
    static constexpr auto shape = aws::fields(aws::required<&Input::user_name>("UserName"),
                                              aws::required<&Input::policy_name>("PolicyName"),
                                              aws::required<&Input::document>("PolicyDocument"));
  };
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_on_user("iam:PutUserPolicy", iam, call, in.user_name.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    CO_TRY(const auto accepted, accept_inline_document(in.document.str()));
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(User user, changeable_user(model, in.user_name.str()));
          TRY_VOID(put_inline_policy(user, in.policy_name.str(), accepted, user_kind));
          model.put(std::move(user), changes);
          return Output{};
        });
  }
};

struct GetUserPolicy {
  static constexpr std::string_view name = "GetUserPolicy";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  using Input = UserAndInlinePolicy;
  struct Output {
    std::string user_name;
    std::string policy_name;
    EncodedDocument document;
    static constexpr auto shape = aws::fields(aws::required<&Output::user_name>("UserName"),
                                              aws::required<&Output::policy_name>("PolicyName"),
                                              aws::required<&Output::document>("PolicyDocument"));
  };
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    const auto account = iam.snapshot(call.caller.account());
    return needs_on("iam:GetUserPolicy",
                    arn_of_user(account.get(), call.caller.account(), in.user_name.str()));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    const auto* user = account->user(in.user_name.str());
    if (user == nullptr) co_return errors::no_such_user(in.user_name.str());
    CO_TRY(auto document, inline_policy(*user, in.policy_name.str(), user_kind));
    co_return Output{user->name, in.policy_name.str(), std::move(document)};
  }
};

struct ListUserPolicies {
  static constexpr std::string_view name = "ListUserPolicies";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  struct Input {
    ExistingUserName user_name;
    std::optional<std::string> marker;
    std::optional<MaxItems> max_items;
    static constexpr auto shape = aws::fields(aws::required<&Input::user_name>("UserName"),
                                              aws::optional<&Input::marker>("Marker"),
                                              aws::optional<&Input::max_items>("MaxItems"));
  };
  using Output = InlinePolicies;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    const auto account = iam.snapshot(call.caller.account());
    return needs_on("iam:ListUserPolicies",
                    arn_of_user(account.get(), call.caller.account(), in.user_name.str()));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    const auto* user = account->user(in.user_name.str());
    if (user == nullptr) co_return errors::no_such_user(in.user_name.str());
    co_return list_inline_policies(*user, in.marker, aws::or_default(in.max_items));
  }
};

struct DeleteUserPolicy {
  static constexpr std::string_view name = "DeleteUserPolicy";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  using Input = UserAndInlinePolicy;
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_on_user("iam:DeleteUserPolicy", iam, call, in.user_name.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(User user, changeable_user(model, in.user_name.str()));
          TRY_VOID(delete_inline_policy(user, in.policy_name.str(), user_kind));
          model.put(std::move(user), changes);
          return Output{};
        });
  }
};

struct PutUserPermissionsBoundary {
  static constexpr std::string_view name = "PutUserPermissionsBoundary";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    UserName user_name;
    ArnText boundary;
    static constexpr auto shape =
        aws::fields(aws::required<&Input::user_name>("UserName"),
                    aws::required<&Input::boundary>("PermissionsBoundary"));
  };
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    const auto account = iam.snapshot(call.caller.account());
    policy::Context context;
    context.set("iam:PermissionsBoundary", in.boundary.str());
    return needs_on("iam:PutUserPermissionsBoundary",
                    arn_of_user(account.get(), call.caller.account(), in.user_name.str()),
                    std::move(context));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(User user, changeable_user(model, in.user_name.str()));
          TRY_VOID(check_boundary(model, in.boundary.str()));
          user.boundary = in.boundary.str();
          model.put(std::move(user), changes);
          return Output{};
        });
  }
};

struct DeleteUserPermissionsBoundary {
  static constexpr std::string_view name = "DeleteUserPermissionsBoundary";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    UserName user_name;
    static constexpr auto shape = aws::fields(aws::required<&Input::user_name>("UserName"));
  };
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_on_user("iam:DeleteUserPermissionsBoundary", iam, call, in.user_name.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(User user, changeable_user(model, in.user_name.str()));
          if (user.boundary.empty()) return Output{};
          user.boundary.clear();
          model.put(std::move(user), changes);
          return Output{};
        });
  }
};

}  // namespace

std::span<const aws::Operation> user_policy_operations() {
  static constexpr auto all =
      aws::operations<AttachUserPolicy, DetachUserPolicy, ListAttachedUserPolicies, PutUserPolicy,
                      GetUserPolicy, ListUserPolicies, DeleteUserPolicy, PutUserPermissionsBoundary,
                      DeleteUserPermissionsBoundary>();
  return all;
}

}  // namespace larder::iam
