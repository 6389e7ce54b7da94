// What every bucket and account holds, in memory beside the stored numbers (use.h), and whether an
// account has room for more.
//
// (1) The stored numbers change in the commits that change what they count: a crash loses nothing.
// (2) What a commit adds is reserved before it and settled after it, so writers at the same time
//     do not pass an account's limit together: not by a byte.
// (3) A commit of unknown outcome counts as the more of the two until the stored numbers have been
//     read again, at an instant at which nothing changes them.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "s3/records.h"
#include "s3/use.h"

namespace larder::s3 {

/// Safe from any core. Buckets that it does not know are gone: what is committed to them counts
/// for nobody.
class Usage {
 public:
  /// How many bytes an account may hold; nullopt: any number. Never waits; from any thread.
  using MaxBytes = std::function<std::optional<std::uint64_t>(const std::string& account)>;

  struct Bucket {
    std::string name;
    std::string account;
    Use use{};
  };

  Usage(storage::Kv& kv, MaxBytes max_bytes) : kv_(kv), max_bytes_(std::move(max_bytes)) {}

  /// Reads what all buckets hold. Before serving, once. Counts those that nobody has counted: all
  /// of a data directory from before there were numbers, which takes its time and is told in the
  /// log. What cannot be read is told there too, and holds 0: a server with damage still starts.
  Task<Result<void>> load();

  /// A bucket that is empty, before anybody can write to it; nothing if it is known.
  void add(const BucketRecord& bucket);
  /// One that is gone.
  void remove(const std::string& bucket_id);

  /// As Index::commit, and changes the numbers in the same commit. QuotaExceeded, and nothing
  /// happened, when `change` is for more bytes than the account of the bucket has room for.
  Task<Result<storage::CommitOutcome>> commit(const std::string& bucket_id,
                                              std::vector<storage::Guard> guards,
                                              std::vector<storage::Write> writes, Use change);
  /// The same of Index::commit_always.
  Task<Result<storage::CommitOutcome>> commit_always(const std::string& bucket_id,
                                                     std::vector<storage::Guard> guards,
                                                     std::vector<storage::Write> writes,
                                                     Use change);

  /// Whether there is room for so many bytes more just now: QuotaExceeded.
  Result<void> check_room(const std::string& bucket_id, std::int64_t bytes) const;

  /// Ordered by account and name.
  std::vector<Bucket> buckets() const;
  /// At most `limit`: those that hold most.
  std::vector<Bucket> largest(std::size_t limit) const;
  /// Those that have or had a bucket.
  std::map<std::string, Use> accounts() const;
  std::size_t bucket_count() const;

  /// Reads again what a commit of unknown outcome has left in doubt, as far as that is possible.
  Task<void> resolve();

  /// Counts one bucket, and puts its numbers right where they are wrong. nullopt: they were right,
  /// or it cannot be told, because the bucket was written to meanwhile or not every record can be
  /// read. Else what the numbers were and what there is.
  struct Correction {
    StoredUse was;
    Use is;
  };
  Task<Result<std::optional<Correction>>> check(std::string bucket_id, Pace& pace);

  /// Whether a data directory has numbers: false before load() has counted for the first time.
  static Task<Result<bool>> is_counted(storage::Kv& kv);

 private:
  struct Account {
    Use use{};
    std::int64_t reserved = 0;  // bytes of commits under way
  };
  struct State {
    std::string name;
    Account* account;
    std::string account_id;
    Use use{};
    unsigned commits = 0;       // under way
    std::uint64_t changes = 0;  // ever begun
    bool in_doubt = false;
  };
  /// A change on its way into a commit.
  struct Begun {
    Account* account = nullptr;  // null: the bucket is gone
    std::int64_t growth = 0;
  };
  enum class Closed { refuses, does_not_matter };

  Task<Result<storage::CommitOutcome>> commit(const std::string& bucket_id,
                                              std::vector<storage::Guard> guards,
                                              std::vector<storage::Write> writes, Use change,
                                              Closed closed);
  Task<Result<void>> load_bucket(const storage::Entry& entry, bool counted, bool& all_stored,
                                 Pace& pace);
  Task<void> resolve(std::string bucket_id);
  Result<Begun> begin(const std::string& bucket_id, const Use& change);
  /// True: the bucket is in doubt, and may be read again.
  bool end(const std::string& bucket_id, const Begun& begun, const Use& change,
           const Result<storage::CommitOutcome>& outcome);
  Result<void> check_room(const std::string& account_id, const Account& account,
                          std::int64_t bytes) const;
  /// How many changes there were; nullopt while one is under way, or the bucket is gone.
  std::optional<std::uint64_t> quiet(const std::string& bucket_id) const;
  void set(const BucketRecord& bucket, const Use& use, bool in_doubt);
  static Bucket shown(const State& state) { return {state.name, state.account_id, state.use}; }

  storage::Kv& kv_;
  const MaxBytes max_bytes_;
  mutable std::mutex mutex_;
  std::map<std::string, Account> accounts_;         // guarded by mutex_; none is ever removed
  std::unordered_map<std::string, State> buckets_;  // guarded by mutex_; by id
};

}  // namespace larder::s3
