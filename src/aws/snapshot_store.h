// What one account owns in one partition, kept in memory as an immutable snapshot: readers take a
// pointer and never wait; a change is a copy, committed under the guard of the partition's
// revision, and published to every core before it is acknowledged.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/async/task.h"
#include "base/random.h"
#include "base/result.h"
#include "storage/kv.h"

namespace larder::aws {

using Changes = std::vector<storage::Write>;

/// A partition whose every commit moves its revision on. Keys of the content start with a letter;
/// "!revision" is ours.
class RevisionedPartition {
 public:
  RevisionedPartition(storage::Kv& kv, Random& random) : kv_(kv), random_(random) {}

  struct Content {
    std::string revision;  // empty: never written
    std::vector<storage::Entry> entries;
  };
  Task<Result<Content>> load(storage::Partition partition);

  /// The new revision; nullopt when the partition is not at `revision` any more.
  Task<Result<std::optional<std::string>>> commit(storage::Partition partition,
                                                  std::string revision, Changes changes);

 private:
  storage::Kv& kv_;
  Random& random_;
};

/// `Model` copies cheaply (shared pointers to immutable entities) and has `static Result<Model>
/// from(account, entries)`.
template <class Model>
class SnapshotStore {
 public:
  SnapshotStore(storage::Kv& kv, Random& random, std::string prefix)
      : partition_(kv, random), prefix_(std::move(prefix)) {}

  /// Null: an account that was not loaded. From any core; never waits for a change.
  std::shared_ptr<const Model> find(std::string_view account) const {
    const std::shared_lock lock(mutex_);
    const auto found = published_.find(account);
    return found == published_.end() ? nullptr : found->second.model;
  }

  /// Reads the account's partition and publishes it.
  Task<Result<void>> load(std::string account) {
    auto content = co_await partition_.load(prefix_ + account);
    if (!content) co_return fail(std::move(content).error());
    auto model = Model::from(account, content->entries);
    if (!model) co_return fail(std::move(model).error());
    publish(account, content->revision, std::make_shared<const Model>(*std::move(model)));
    co_return Result<void>();
  }

  /// `change` gets a copy of the newest model, alters it and lists the writes that make the same
  /// change durable; it runs again when another change came first. Its error leaves everything as
  /// it was. When this returns, every core sees the change.
  template <class T>
  Task<Result<T>> update(std::string account, std::function<Result<T>(Model&, Changes&)> change) {
    for (;;) {
      const Published before = current(account);
      if (!before.model)
        co_return fail(larder::codes::internal_error, "The account " + account + " is not loaded.");
      auto model = std::make_shared<Model>(*before.model);
      Changes changes;
      Result<T> outcome = change(*model, changes);
      if (!outcome || changes.empty()) co_return outcome;
      auto revision =
          co_await partition_.commit(prefix_ + account, before.revision, std::move(changes));
      if (!revision) co_return fail(std::move(revision).error());
      if (*revision) {
        publish(account, **revision, std::move(model));
        co_return outcome;
      }
      auto reloaded = co_await load(account);
      if (!reloaded) co_return fail(std::move(reloaded).error());
    }
  }

 private:
  struct Published {
    std::string revision;
    std::shared_ptr<const Model> model;
  };

  Published current(const std::string& account) const {
    const std::shared_lock lock(mutex_);
    const auto found = published_.find(account);
    return found == published_.end() ? Published{} : found->second;
  }

  /// Revisions count upwards, so that a slower core does not put an older snapshot back.
  void publish(const std::string& account, std::string revision,
               std::shared_ptr<const Model> model) {
    const std::unique_lock lock(mutex_);
    auto& slot = published_[account];
    if (slot.model && revision <= slot.revision) return;
    slot = {std::move(revision), std::move(model)};
  }

  RevisionedPartition partition_;
  const std::string prefix_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, Published, std::less<>> published_;  // guarded by mutex_
};

}  // namespace larder::aws
