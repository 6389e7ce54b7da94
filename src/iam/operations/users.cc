// Users.
#include <fmt/format.h>

#include <algorithm>

#include "aws/ids.h"
#include "iam/operations/target_user.h"
#include "iam/operations/types.h"

namespace larder::iam {
namespace {

constexpr std::size_t users_quota = 5000;

/// The account's root, which GetUser may show, has neither path nor name.
struct UserShape {
  std::optional<std::string> path{}, user_name{};
  std::string id, arn;
  Time created{};
  std::optional<AttachedBoundary> boundary{};
  std::optional<std::vector<Tag>> tags{};
  static constexpr auto shape = aws::fields(
      aws::optional<&UserShape::path>("Path"), aws::optional<&UserShape::user_name>("UserName"),
      aws::optional<&UserShape::id>("UserId"), aws::optional<&UserShape::arn>("Arn"),
      aws::optional<&UserShape::created>("CreateDate"),
      aws::optional<&UserShape::boundary>("PermissionsBoundary"),
      aws::optional<&UserShape::tags>("Tags"));
};

UserShape listed_shape(const std::string& account, const User& user) {
  UserShape out;
  out.path = user.path;
  out.user_name = user.name;
  out.id = user.id;
  out.arn = user_arn(account, user);
  out.created = user.created;
  return out;
}

/// With what listings leave out.
UserShape full_shape(const std::string& account, const User& user) {
  UserShape out = listed_shape(account, user);
  if (!user.boundary.empty()) out.boundary = AttachedBoundary{.arn = user.boundary};
  if (!user.tags.empty()) out.tags = to_tags(user.tags);
  return out;
}

UserShape root_shape(const Iam& iam, const std::string& account) {
  UserShape out;
  out.id = account;
  out.arn = aws::iam_arn(account, "root", "", "");
  if (const auto record = iam.accounts().find(account)) out.created = record->created;
  return out;
}

struct CreateUser {
  static constexpr std::string_view name = "CreateUser";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    std::optional<Path> path;
    UserName user_name;
    std::optional<ArnText> boundary;
    std::vector<Tag> tags;
    static constexpr auto shape = aws::fields(
        aws::optional<&Input::path>("Path"), aws::required<&Input::user_name>("UserName"),
        aws::optional<&Input::boundary>("PermissionsBoundary"),
        aws::optional<&Input::tags>("Tags").at_most(50));
  };
  struct Output {
    UserShape user;
    static constexpr auto shape = aws::fields(aws::optional<&Output::user>("User"));
  };
  static aws::Needs needs(const Iam&, const aws::Call& call, const Input& in) {
    policy::Context context;
    add_tag_keys(context, in.tags);
    if (in.boundary) context.set("iam:PermissionsBoundary", in.boundary->str());
    auto needs = needs_on("iam:CreateUser",
                          aws::iam_arn(call.caller.account(), "user",
                                       aws::or_default(in.path).str(), in.user_name.str()),
                          context);
    if (!in.tags.empty())
      needs.push_back({.action = "iam:TagUser", .resource = needs[0].resource, .context = context});
    return needs;
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    CO_TRY_VOID(check_path_is_free(aws::or_default(in.path).str()));
    User made;
    made.name = in.user_name.str();
    made.path = aws::or_default(in.path).str();
    made.id = aws::make_unique_id("AIDA", iam.random());
    made.created = call.now;
    made.boundary = in.boundary ? in.boundary->str() : "";
    made.tags = to_pairs(in.tags);
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          if (model.user(made.name) != nullptr)
            return fail(codes::entity_already_exists,
                        fmt::format("User with name {} already exists.", made.name));
          if (model.users().size() >= users_quota)
            return fail(codes::limit_exceeded,
                        fmt::format("Cannot exceed quota for UsersPerAccount: {}", users_quota));
          if (!made.boundary.empty()) TRY_VOID(check_boundary(model, made.boundary));
          model.put(made, changes);
          return Output{full_shape(model.id(), made)};
        });
  }
};

struct GetUser {
  static constexpr std::string_view name = "GetUser";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  struct Input {
    std::optional<ExistingUserName> user_name;
    static constexpr auto shape = aws::fields(aws::optional<&Input::user_name>("UserName"));
  };
  struct Output {
    UserShape user;
    static constexpr auto shape = aws::fields(aws::required<&Output::user>("User"));
  };
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_on("iam:GetUser", arn_of_target(iam, call, in.user_name));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    CO_TRY(const auto user_name, target_user(*account, call, in.user_name));
    if (user_name.empty()) co_return Output{root_shape(iam, account->id())};
    co_return Output{full_shape(account->id(), *account->user(user_name))};
  }
};

struct ListUsers {
  static constexpr std::string_view name = "ListUsers";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  using Input = PathListing;
  struct Output {
    std::vector<UserShape> users;
    bool is_truncated = false;
    std::optional<std::string> marker;
    static constexpr auto shape = aws::fields(aws::required<&Output::users>("Users"),
                                              aws::optional<&Output::is_truncated>("IsTruncated"),
                                              aws::optional<&Output::marker>("Marker"));
  };
  static aws::Needs needs(const Iam&, const aws::Call& call, const Input& in) {
    return needs_on_listing("iam:ListUsers", "user", call, in);
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    const auto show = [&](const std::string& key) {
      return listed_shape(account->id(), *account->user(key));
    };
    co_return list_page(keys_under(in, account->users()), in.marker, in.max_items, &Output::users,
                        show);
  }
};

struct DeleteUser {
  static constexpr std::string_view name = "DeleteUser";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    ExistingUserName user_name;
    static constexpr auto shape = aws::fields(aws::required<&Input::user_name>("UserName"));
  };
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    const auto account = iam.snapshot(call.caller.account());
    return needs_on("iam:DeleteUser",
                    arn_of_user(account.get(), call.caller.account(), in.user_name.str()));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          const auto* user = model.user(in.user_name.str());
          if (user == nullptr) return errors::no_such_user(in.user_name.str());
          const bool has_keys = std::ranges::any_of(model.access_keys(), [&](const auto& entry) {
            return fold(entry.second->user) == fold(user->name);
          });
          if (has_keys)
            return fail(codes::delete_conflict,
                        "Cannot delete entity, must remove referenced objects first.");
          if (!user->inline_policies.empty())
            return fail(codes::delete_conflict,
                        "Cannot delete entity, must delete policies first.");
          if (!user->attached.empty())
            return fail(codes::delete_conflict,
                        "Cannot delete entity, must detach all policies first.");
          model.erase(*user, changes);
          return Output{};
        });
  }
};

}  // namespace

std::span<const aws::Operation> user_operations() {
  static constexpr auto all = aws::operations<CreateUser, GetUser, ListUsers, DeleteUser>();
  return all;
}

}  // namespace larder::iam
