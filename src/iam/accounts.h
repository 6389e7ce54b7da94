// The accounts of a deployment: partition `accounts`.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/async/task.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "storage/kv.h"

namespace larder::iam {

struct AccountRecord {
  std::string id;
  std::string name;
  std::string email;
  std::string canonical_id;  // 64 hexadecimal digits: the account as S3's ACLs know it
  Time created{};
  std::optional<std::uint64_t> max_bytes{};  // that its buckets may hold; nullopt: any number
};

/// InternalError for a record that is not one of ours.
Result<AccountRecord> account_from_record(std::string_view record);

/// Safe from any core. Reads never wait.
class Accounts {
 public:
  Accounts(storage::Kv& kv, const Clock& clock, Random& random)
      : kv_(kv), clock_(clock), random_(random) {}

  /// Reads all; makes the account `default` where there is none.
  Task<Result<void>> load();
  /// AccountAlreadyExists when the name or the e-mail address is taken.
  Task<Result<AccountRecord>> create(std::string name, std::string email);

  /// nullopt: no limit any more. NoSuchEntity.
  Task<Result<AccountRecord>> set_max_bytes(std::string id, std::optional<std::uint64_t> max_bytes);

  /// The account's limit; nullopt: there is none.
  std::optional<std::uint64_t> max_bytes(std::string_view id) const;
  std::optional<AccountRecord> find(std::string_view id) const;
  /// The oldest first: that is the default one.
  std::vector<AccountRecord> list() const;

 private:
  storage::Kv& kv_;
  const Clock& clock_;
  Random& random_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, AccountRecord, std::less<>> accounts_;  // guarded by mutex_
};

}  // namespace larder::iam
