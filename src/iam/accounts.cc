#include "iam/accounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "aws/ids.h"
#include "codec/base64.h"
#include "codec/iso8601.h"
#include "codec/json.h"
#include "iam/model.h"

namespace larder::iam {
namespace {

constexpr ErrorCode account_already_exists{"AccountAlreadyExists", 409};
constexpr ErrorCode no_such_entity{"NoSuchEntity", 404};
constexpr const char* partition = "accounts";
constexpr int tries_max = 10;

std::string to_record(const AccountRecord& account) {
  boost::json::object json{{"V", 1},
                           {"Id", account.id},
                           {"Name", account.name},
                           {"Email", account.email},
                           {"CanonicalId", account.canonical_id},
                           {"Created", format_iso8601_millis(account.created)}};
  if (account.max_bytes) json["MaxBytes"] = *account.max_bytes;
  return boost::json::serialize(json);
}

}  // namespace

Result<AccountRecord> account_from_record(std::string_view record) {
  TRY(const auto json, parse_json(record));
  try {
    auto text = [&](const char* name) { return std::string(json.at(name).as_string()); };
    const auto created = parse_iso8601(text("Created"));
    if (!created) return fail(codes::internal_error, "an account's record has no time");
    AccountRecord account{text("Id"), text("Name"), text("Email"), text("CanonicalId"), *created};
    if (const auto* limit = json.as_object().if_contains("MaxBytes"))
      account.max_bytes = limit->to_number<std::uint64_t>();
    return account;
  } catch (const std::exception& error) {
    return fail(codes::internal_error,
                fmt::format("an account's record cannot be read: {}", error.what()));
  }
}

Task<Result<void>> Accounts::load() {
  auto page = co_await kv_.scan(partition, storage::keys_with_prefix("account/"), 100'000);
  if (!page) co_return fail(std::move(page).error());
  for (const auto& entry : page->entries) {
    CO_TRY(auto account, account_from_record(entry.value));
    const std::unique_lock lock(mutex_);
    accounts_[account.id] = std::move(account);
  }
  if (!page->entries.empty()) co_return Result<void>();
  auto made = co_await create("default", "");
  if (!made) co_return fail(std::move(made).error());
  co_return Result<void>();
}

Task<Result<AccountRecord>> Accounts::create(std::string name, std::string email) {
  AccountRecord account{aws::make_account_id(random_), std::move(name), std::move(email),
                        hex_encode(random_.bytes(32)), clock_.now()};
  std::vector<storage::Guard> guards;
  std::vector<storage::Write> writes;
  guards.push_back({"account/" + account.id, std::nullopt});
  guards.push_back({"name/" + fold(account.name), std::nullopt});
  writes.push_back({"account/" + account.id, to_record(account)});
  writes.push_back({"name/" + fold(account.name), account.id});
  if (!account.email.empty()) {
    guards.push_back({"email/" + fold(account.email), std::nullopt});
    writes.push_back({"email/" + fold(account.email), account.id});
  }
  auto outcome = co_await kv_.commit(partition, std::move(guards), std::move(writes));
  if (!outcome) co_return fail(std::move(outcome).error());
  if (*outcome == storage::CommitOutcome::guard_failed)
    co_return fail(
        account_already_exists,
        fmt::format("An account with the name {}{} already exists; `larder account list` shows it.",
                    account.name,
                    account.email.empty() ? "" : " or the e-mail address " + account.email));
  if (*outcome == storage::CommitOutcome::unknown)
    co_return fail(codes::service_unavailable,
                   "It is not known whether the account was made; see `larder account list`.");
  const std::unique_lock lock(mutex_);
  accounts_[account.id] = account;
  co_return account;
}

Task<Result<AccountRecord>> Accounts::set_max_bytes(std::string id,
                                                    std::optional<std::uint64_t> max_bytes) {
  const std::string key = "account/" + id;
  for (int tries = 0; tries < tries_max; ++tries) {
    CO_TRY(const auto stored, co_await kv_.get(partition, key));
    if (!stored)
      co_return fail(no_such_entity,
                     fmt::format("There is no account {}; see `larder account list`.", id));
    CO_TRY(auto account, account_from_record(*stored));
    account.max_bytes = max_bytes;
    std::vector<storage::Guard> guards{{key, stored}};
    std::vector<storage::Write> writes{{key, to_record(account)}};
    CO_TRY(const auto outcome,
           co_await kv_.commit(partition, std::move(guards), std::move(writes)));
    if (outcome != storage::CommitOutcome::committed) continue;  // which is what is wanted
    const std::unique_lock lock(mutex_);
    accounts_[id] = account;
    co_return account;
  }
  co_return fail(codes::service_unavailable,
                 "It is not known whether the limit was set; see `larder account list`.");
}

std::optional<std::uint64_t> Accounts::max_bytes(std::string_view id) const {
  const std::shared_lock lock(mutex_);
  const auto found = accounts_.find(id);
  return found == accounts_.end() ? std::nullopt : found->second.max_bytes;
}

std::optional<AccountRecord> Accounts::find(std::string_view id) const {
  const std::shared_lock lock(mutex_);
  const auto found = accounts_.find(id);
  return found == accounts_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<AccountRecord> Accounts::list() const {
  std::vector<AccountRecord> all;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [id, account] : accounts_) all.push_back(account);
  }
  std::ranges::sort(
      all, {}, [](const AccountRecord& account) { return std::pair(account.created, account.id); });
  return all;
}

}  // namespace larder::iam
