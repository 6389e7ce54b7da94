#include "iam/operations/new_access_key.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/ids.h"

namespace larder::iam {
namespace {

constexpr std::ptrdiff_t keys_quota = 2;

}  // namespace

NewAccessKey make_access_key(Iam& iam, const std::string& account, Time now) {
  NewAccessKey made;
  made.key.id = aws::make_access_key_id("AKIA", account, iam.random());
  made.secret = Secret(aws::make_secret_access_key(iam.random()));
  made.key.sealed_secret = iam.seal_secret(made.key.id, made.secret);
  made.key.created = now;
  return made;
}

Result<void> add_access_key(Account& account, const AccessKey& key, aws::Changes& changes) {
  const auto held = std::ranges::count_if(account.access_keys(), [&](const auto& entry) {
    return fold(entry.second->user) == fold(key.user);
  });
  if (held >= keys_quota)
    return fail(codes::limit_exceeded,
                fmt::format("Cannot exceed quota for AccessKeysPerUser: {}", keys_quota));
  if (account.access_key(key.id) != nullptr)
    return fail(larder::codes::service_unavailable,
                "The new key's random id is taken; please try again.");
  account.put(key, changes);
  return {};
}

}  // namespace larder::iam
