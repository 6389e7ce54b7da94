// Long-term access keys as they are made: of users, and of an account's root.
#pragma once

#include <string>

#include "iam/operations/types.h"

namespace larder::iam {

struct NewAccessKey {
  AccessKey key;  // of nobody yet: the root's, unless `user` is set
  Secret secret;
};
NewAccessKey make_access_key(Iam& iam, const std::string& account, Time now);

/// LimitExceeded when the key's user, or the root, has two.
Result<void> add_access_key(Account& account, const AccessKey& key, aws::Changes& changes);

}  // namespace larder::iam
