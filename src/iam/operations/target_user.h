// Operations whose UserName may be left out: then the caller is meant.
#pragma once

#include <optional>
#include <string>

#include "iam/operations/types.h"

namespace larder::iam {

/// Longer than a new user's name may be, as in AWS's model.
using ExistingUserName = aws::Text<NameRule<128>>;

/// The ARN of the user, or of the account's root; "*" for a caller who is neither.
std::string arn_of_target(const Iam& iam, const aws::Call& call,
                          const std::optional<ExistingUserName>& user_name);

/// The user's name as it was given to the user; empty: the account's root, which only the root
/// itself can mean. NoSuchEntity; ValidationError for a role session that names nobody.
Result<std::string> target_user(const Account& account, const aws::Call& call,
                                const std::optional<ExistingUserName>& user_name);

}  // namespace larder::iam
