#include "iam/operations/target_user.h"

namespace larder::iam {

using policy::Principal;

std::string arn_of_target(const Iam& iam, const aws::Call& call,
                          const std::optional<ExistingUserName>& user_name) {
  const auto& caller = call.caller.principal;
  if (user_name)
    return arn_of_user(iam.snapshot(caller.account).get(), caller.account, user_name->str());
  const bool is_user_or_root =
      caller.kind == Principal::Kind::user || caller.kind == Principal::Kind::root;
  return is_user_or_root ? caller.arn : "*";
}

Result<std::string> target_user(const Account& account, const aws::Call& call,
                                const std::optional<ExistingUserName>& user_name) {
  const auto& caller = call.caller.principal;
  if (!user_name && caller.kind == Principal::Kind::root) return std::string();
  if (!user_name && caller.kind != Principal::Kind::user)
    return fail(aws::codes::validation_error,
                "Must specify userName when calling with non-User credentials");
  const std::string wanted =
      user_name ? user_name->str() : std::string(aws::name_of_arn(caller.arn));
  const auto* user = account.user(wanted);
  if (user == nullptr) return errors::no_such_user(wanted);
  return user->name;
}

}  // namespace larder::iam
