// Access keys of users and of the account's root.
#include <fmt/format.h>

#include "iam/operations/new_access_key.h"
#include "iam/operations/target_user.h"
#include "iam/operations/types.h"

namespace larder::iam {
namespace {

struct AccessKeyIdRule {
  static constexpr std::size_t min = 16, max = 128;
  static constexpr std::string_view pattern = "[\\w]+";
  static constexpr bool allowed(unsigned char c) { return aws::is_alphanumeric(c) || c == '_'; }
};
using AccessKeyId = aws::Text<AccessKeyIdRule>;
using Status = aws::OneOf<"Active", "Inactive">;

Status status_of(const AccessKey& key) { return key.active ? "Active" : "Inactive"; }

/// The user's key with this id, for changing it: NoSuchEntity also when it is another's.
Result<AccessKey> key_of_user(const Account& account, const AccessKeyId& id,
                              const std::string& user_name) {
  const auto* key = account.access_key(id.str());
  if (key == nullptr || fold(key->user) != fold(user_name))
    return fail(codes::no_such_entity,
                fmt::format("The Access Key with id {} cannot be found.", id.str()));
  return *key;
}

/// As it is made: the only answer with the secret. Of the root the name is empty.
struct NewKeyShape {
  std::string user_name, id;
  Status status;
  std::string secret;
  Time created{};
  static constexpr auto shape = aws::fields(aws::required<&NewKeyShape::user_name>("UserName"),
                                            aws::required<&NewKeyShape::id>("AccessKeyId"),
                                            aws::required<&NewKeyShape::status>("Status"),
                                            aws::required<&NewKeyShape::secret>("SecretAccessKey"),
                                            aws::optional<&NewKeyShape::created>("CreateDate"));
};

struct CreateAccessKey {
  static constexpr std::string_view name = "CreateAccessKey";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    std::optional<ExistingUserName> user_name;
    static constexpr auto shape = aws::fields(aws::optional<&Input::user_name>("UserName"));
  };
  struct Output {
    NewKeyShape key;
    static constexpr auto shape = aws::fields(aws::required<&Output::key>("AccessKey"));
  };
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_on("iam:CreateAccessKey", arn_of_target(iam, call, in.user_name));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const std::string account = call.caller.account();
    const NewAccessKey made = make_access_key(iam, account, call.now);
    auto added = co_await iam.update<AccessKey>(
        account, [&](Account& model, aws::Changes& changes) -> Result<AccessKey> {
          AccessKey key = made.key;
          TRY(key.user, target_user(model, call, in.user_name));
          TRY_VOID(add_access_key(model, key, changes));
          return key;
        });
    if (!added) co_return fail(std::move(added).error());
    co_return Output{{added->user, added->id, status_of(*added), std::string(made.secret.reveal()),
                      added->created}};
  }
};

struct ListedKeyShape {
  std::string user_name, id;
  Status status;
  Time created{};
  static constexpr auto shape = aws::fields(aws::optional<&ListedKeyShape::user_name>("UserName"),
                                            aws::optional<&ListedKeyShape::id>("AccessKeyId"),
                                            aws::optional<&ListedKeyShape::status>("Status"),
                                            aws::optional<&ListedKeyShape::created>("CreateDate"));
};

struct ListAccessKeys {
  static constexpr std::string_view name = "ListAccessKeys";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  struct Input {
    std::optional<ExistingUserName> user_name;
    std::optional<std::string> marker;
    std::optional<MaxItems> max_items;
    static constexpr auto shape = aws::fields(aws::optional<&Input::user_name>("UserName"),
                                              aws::optional<&Input::marker>("Marker"),
                                              aws::optional<&Input::max_items>("MaxItems"));
  };
  struct Output {
    std::vector<ListedKeyShape> keys;
    bool is_truncated = false;
    std::optional<std::string> marker;
    static constexpr auto shape = aws::fields(aws::required<&Output::keys>("AccessKeyMetadata"),
                                              aws::optional<&Output::is_truncated>("IsTruncated"),
                                              aws::optional<&Output::marker>("Marker"));
  };
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_on("iam:ListAccessKeys", arn_of_target(iam, call, in.user_name));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    CO_TRY(const auto user_name, target_user(*account, call, in.user_name));
    std::vector<std::string> ids;
    for (const auto& [id, key] : account->access_keys())
      if (fold(key->user) == fold(user_name)) ids.push_back(id);
    const auto show = [&](const std::string& id) {
      const auto* key = account->access_key(id);
      return ListedKeyShape{key->user, key->id, status_of(*key), key->created};
    };
    co_return list_page(ids, in.marker, in.max_items, &Output::keys, show);
  }
};

struct UpdateAccessKey {
  static constexpr std::string_view name = "UpdateAccessKey";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    std::optional<ExistingUserName> user_name;
    AccessKeyId id;
    Status status;
    static constexpr auto shape = aws::fields(aws::optional<&Input::user_name>("UserName"),
                                              aws::required<&Input::id>("AccessKeyId"),
                                              aws::required<&Input::status>("Status"));
  };
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_on("iam:UpdateAccessKey", arn_of_target(iam, call, in.user_name));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(const auto user_name, target_user(model, call, in.user_name));
          TRY(AccessKey key, key_of_user(model, in.id, user_name));
          key.active = in.status == "Active";
          model.put(std::move(key), changes);
          return Output{};
        });
  }
};

struct DeleteAccessKey {
  static constexpr std::string_view name = "DeleteAccessKey";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    std::optional<ExistingUserName> user_name;
    AccessKeyId id;
    static constexpr auto shape = aws::fields(aws::optional<&Input::user_name>("UserName"),
                                              aws::required<&Input::id>("AccessKeyId"));
  };
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam& iam, const aws::Call& call, const Input& in) {
    return needs_on("iam:DeleteAccessKey", arn_of_target(iam, call, in.user_name));
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(const auto user_name, target_user(model, call, in.user_name));
          TRY(const AccessKey key, key_of_user(model, in.id, user_name));
          model.erase(key, changes);
          return Output{};
        });
  }
};

}  // namespace

std::span<const aws::Operation> access_key_operations() {
  static constexpr auto all =
      aws::operations<CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey>();
  return all;
}

}  // namespace larder::iam
