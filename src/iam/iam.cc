#include "iam/iam.h"

namespace larder::iam {

Task<Result<void>> Iam::load() {
  auto loaded = co_await accounts_.load();
  if (!loaded) co_return loaded;
  for (const auto& account : accounts_.list()) {
    auto read = co_await store_.load(account.id);
    if (!read) co_return read;
  }
  co_return Result<void>();
}

Task<Result<AccountRecord>> Iam::create_account(std::string name, std::string email) {
  auto account = co_await accounts_.create(std::move(name), std::move(email));
  if (!account) co_return account;
  auto loaded = co_await store_.load(account->id);
  if (loaded && prepare_account_) loaded = co_await prepare_account_(account->id);
  if (!loaded) co_return fail(std::move(loaded).error());
  co_return account;
}

std::string Iam::seal_secret(const std::string& access_key_id, const Secret& secret) const {
  return sealer_.seal("iam.access-key", access_key_id, secret.reveal());
}

Result<Secret> Iam::open_secret(const AccessKey& key) const {
  return sealer_.open("iam.access-key", key.id, key.sealed_secret);
}

}  // namespace larder::iam
