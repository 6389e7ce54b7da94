#include "iam/fsck.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "iam/accounts.h"
#include "iam/model.h"

namespace larder::iam {
namespace {

using storage::Entry;
using storage::Finding;

const storage::Partition accounts_partition = "accounts";
constexpr std::string_view account_prefix = "account/";
constexpr std::string_view name_prefix = "name/";
constexpr std::string_view email_prefix = "email/";
constexpr std::string_view revision_key = "!revision";
constexpr std::size_t revision_size = 20 + 1 + 16;
constexpr std::size_t id_size_max = 100;

class AccountsCheck {
 public:
  AccountsCheck(storage::Kv& kv, storage::FindingSink report)
      : kv_(kv), report_(std::move(report)) {}

  Task<Result<std::set<std::string>>> run() {
    storage::EntryWalk walk(kv_, accounts_partition, storage::KeyRange());
    for (;;) {
      CO_TRY(const auto entry, co_await walk.next());
      if (!entry) co_return std::move(ids_);
      const std::string_view key = entry->key;
      if (key.starts_with(account_prefix)) {
        CO_TRY_VOID(co_await check_record(*entry));
      } else if (key.starts_with(name_prefix)) {
        CO_TRY_VOID(co_await check_name(*entry, name_prefix));
      } else if (key.starts_with(email_prefix)) {
        CO_TRY_VOID(co_await check_name(*entry, email_prefix));
      } else {
        say(entry->key, "a record that this program does not know");
      }
    }
  }

 private:
  void say(const std::string& key, std::string what) const {
    report_({.what = std::move(what), .partition = accounts_partition, .record = key});
  }

  Task<Result<void>> check_record(const Entry& entry) {
    // An account that is damaged is still one: what is its own does not belong to nobody.
    ids_.insert(entry.key.substr(account_prefix.size()));
    const auto account = account_from_record(entry.value);
    if (!account) {
      say(entry.key, account.error().message);
      co_return Result<void>();
    }
    if (account->id != entry.key.substr(account_prefix.size()))
      say(entry.key, "the record is another account's");
    std::vector<std::string> names{std::string(name_prefix) + fold(account->name)};
    if (!account->email.empty()) names.push_back(std::string(email_prefix) + fold(account->email));
    for (const auto& name : names) {
      CO_TRY(const auto stored, co_await kv_.get(accounts_partition, name));
      if (stored != account->id) say(entry.key, "it is not found by " + name);
    }
    co_return Result<void>();
  }

  Task<Result<void>> check_name(const Entry& entry, std::string_view prefix) {
    const auto id = entry.value.substr(0, id_size_max);  // a damaged one may have any length
    CO_TRY(const auto stored,
           co_await kv_.get(accounts_partition, std::string(account_prefix) + id));
    if (!stored) {
      say(entry.key, "it names an account that is not there");
      co_return Result<void>();
    }
    const auto account = account_from_record(*stored);
    if (!account) co_return Result<void>();  // reported where it stands
    const auto& name = prefix == name_prefix ? account->name : account->email;
    if (fold(name) != entry.key.substr(prefix.size()))
      say(entry.key, "it names an account of another name");
    co_return Result<void>();
  }

  storage::Kv& kv_;
  const storage::FindingSink report_;
  std::set<std::string> ids_;
};

bool is_revision(std::string_view text) {
  return text.size() == revision_size && text[20] == '-' &&
         text.substr(0, 20).find_first_not_of("0123456789") == std::string_view::npos &&
         text.substr(21).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// What entities say of one another.
class ReferenceCheck {
 public:
  ReferenceCheck(const Account& model, const storage::Sealer& sealer, std::string partition,
                 const storage::FindingSink& report)
      : model_(model), sealer_(sealer), partition_(std::move(partition)), report_(report) {}

  void run() const {
    for (const auto& [name, user] : model_.users()) check_entity("user/" + name, *user);
    for (const auto& [name, role] : model_.roles()) {
      check_entity("role/" + name, *role);
      if (!role->trust.document && !role->reserved)
        say("role/" + name, "its trust policy cannot be read, and trusts nobody");
    }
    for (const auto& [name, policy] : model_.policies()) check_policy("policy/" + name, *policy);
    for (const auto& [name, profile] : model_.instance_profiles())
      if (!profile->role.empty() && model_.role(profile->role) == nullptr)
        say("profile/" + name, "its role " + profile->role + " does not exist");
    for (const auto& [id, key] : model_.access_keys()) check_key("key/" + id, *key);
  }

 private:
  void say(const std::string& key, std::string what) const {
    report_({.what = std::move(what), .partition = partition_, .record = key});
  }

  void check_entity(const std::string& key, const Entity& entity) const {
    for (const auto& arn : entity.attached)
      if (model_.policy(arn) == nullptr) say(key, "its policy " + arn + " does not exist");
    if (!entity.boundary.empty() && model_.policy(entity.boundary) == nullptr)
      say(key, "its permissions boundary " + entity.boundary + " does not exist");
    for (const auto& [name, policy] : entity.inline_policies)
      if (!policy.document)
        say(key, "its policy " + name + " cannot be read, and denies everything");
  }

  void check_policy(const std::string& key, const ManagedPolicy& policy) const {
    for (const auto& version : policy.versions)
      if (!version.policy.document)
        say(key, "its version " + version.id + " cannot be read, and denies everything");
    if (std::ranges::find(policy.versions, policy.default_version, &PolicyVersion::id) ==
        policy.versions.end())
      say(key, "its default version " + policy.default_version + " does not exist");
  }

  void check_key(const std::string& key, const AccessKey& access_key) const {
    if (!access_key.user.empty() && model_.user(access_key.user) == nullptr)
      say(key, "its user " + access_key.user + " does not exist");
    if (!sealer_.open("iam.access-key", access_key.id, access_key.sealed_secret))
      say(key, "its secret cannot be opened with this master.key");
  }

  const Account& model_;
  const storage::Sealer& sealer_;
  const std::string partition_;
  const storage::FindingSink& report_;
};

}  // namespace

Task<Result<std::set<std::string>>> check_accounts(storage::Kv& kv, storage::FindingSink report) {
  AccountsCheck check(kv, std::move(report));
  co_return co_await check.run();
}

Task<Result<void>> check_account(storage::Kv& kv, const storage::Sealer& sealer,
                                 std::string account, storage::FindingSink report) {
  const std::string partition = "iam/" + account;
  storage::EntryWalk walk(kv, partition, storage::KeyRange());
  std::vector<Entry> readable;
  bool revised = false;
  for (;;) {
    CO_TRY(auto entry, co_await walk.next());
    if (!entry) break;
    Finding finding{.what = {}, .partition = partition, .record = entry->key};
    if (entry->key == revision_key) {
      revised = is_revision(entry->value);
      continue;
    }
    std::vector<Entry> alone{*std::move(entry)};
    if (const auto model = Account::from(account, alone); !model) {
      finding.what = model.error().message;
      report(finding);
    } else {
      readable.push_back(std::move(alone.front()));
    }
  }
  if (!revised)
    report({.what = "the revision is missing or damaged",
            .partition = partition,
            .record = std::string(revision_key)});
  CO_TRY(const auto model, Account::from(account, readable));
  ReferenceCheck(model, sealer, partition, report).run();
  co_return Result<void>();
}

}  // namespace larder::iam
