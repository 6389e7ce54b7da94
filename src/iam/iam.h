// IAM: the service that src/iam/operations works on.
#pragma once

#include <memory>
#include <string>

#include "aws/operation.h"
#include "aws/snapshot_store.h"
#include "base/clock.h"
#include "base/random.h"
#include "iam/accounts.h"
#include "iam/document_cache.h"
#include "iam/model.h"
#include "storage/sealed.h"

namespace larder::iam {

/// Safe from any core.
class Iam {
 public:
  Iam(storage::Kv& kv, const storage::Sealer& sealer, const Clock& clock, Random& random)
      : accounts_(kv, clock, random),
        store_(kv, random, "iam/"),
        sealer_(sealer),
        clock_(clock),
        random_(random) {}

  /// Reads every account; the first start makes one.
  Task<Result<void>> load();
  Task<Result<AccountRecord>> create_account(std::string name, std::string email);
  const Accounts& accounts() const { return accounts_; }
  /// See Accounts.
  Task<Result<AccountRecord>> set_max_bytes(std::string account,
                                            std::optional<std::uint64_t> max_bytes) {
    return accounts_.set_max_bytes(std::move(account), max_bytes);
  }
  /// What else an account needs before it is used (other services' partitions). Set before serving.
  void when_account_is_made(std::function<Task<Result<void>>(std::string account)> prepare) {
    prepare_account_ = std::move(prepare);
  }

  /// The account as it is now; null: there is none. Keep the pointer while you use what it holds.
  std::shared_ptr<const Account> snapshot(std::string_view account) const {
    return store_.find(account);
  }

  /// See SnapshotStore::update.
  template <class T>
  Task<Result<T>> update(const std::string& account,
                         std::function<Result<T>(Account&, aws::Changes&)> change) {
    return store_.update<T>(account, std::move(change));
  }

  DocumentCache& session_documents() const { return session_documents_; }

  std::string seal_secret(const std::string& access_key_id, const Secret& secret) const;
  /// What find() of an access key's secret yields; an error is damage or a foreign master key.
  Result<Secret> open_secret(const AccessKey& key) const;

  Time now() const { return clock_.now(); }
  Random& random() { return random_; }

 private:
  Accounts accounts_;
  aws::SnapshotStore<Account> store_;
  std::function<Task<Result<void>>(std::string account)> prepare_account_;
  const storage::Sealer& sealer_;
  const Clock& clock_;
  Random& random_;
  mutable DocumentCache session_documents_;
};

/// The operations, by file; src/server puts them into the pipeline.
std::span<const aws::Operation> role_operations();
std::span<const aws::Operation> role_policy_operations();
std::span<const aws::Operation> managed_policy_operations();
std::span<const aws::Operation> instance_profile_operations();
std::span<const aws::Operation> user_operations();
std::span<const aws::Operation> user_policy_operations();
std::span<const aws::Operation> access_key_operations();
/// Of Larder's own service, on the Unix socket alone.
std::span<const aws::Operation> account_operations();

}  // namespace larder::iam
