#include "server/fsck.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <set>
#include <vector>

#include "base/async/blocking_pool.h"
#include "ec2/fsck.h"
#include "iam/fsck.h"
#include "storage/data_directory.h"
#include "storage/errors.h"
#include "storage/quarantine.h"
#include "sts/fsck.h"

namespace larder::server {
namespace {

using storage::Finding;

constexpr unsigned threads = 2;
constexpr std::size_t queue = 64;
constexpr std::size_t partitions_page = 10'000;
constexpr std::string_view iam_prefix = "iam/";
constexpr std::string_view instances_prefix = "instances/";

/// Never holds anybody up; tells how far it is.
class Progress final : public s3::Pace {
 public:
  explicit Progress(FsckObserver& observer) : observer_(observer) {}
  void follow(const s3::FsckTally& tally) { tally_ = &tally; }
  Task<Result<void>> spend(std::uint64_t bytes) override {
    bytes_ += bytes;
    if (tally_ != nullptr) observer_.progressed(*tally_, bytes_);
    co_return Result<void>();
  }
  Task<Result<void>> rest_until(Time) override { co_return Result<void>(); }

 private:
  FsckObserver& observer_;
  const s3::FsckTally* tally_ = nullptr;
  std::uint64_t bytes_ = 0;
};

class Check {
 public:
  Check(storage::DataDirectory& data, storage::FileSystem& files, FsckObserver& observer)
      : data_(data), files_(files), observer_(observer) {}

  Task<Result<FsckSummary>> run() {
    CO_TRY_VOID(survive(co_await data_.kv().verify(), "the metadata"));
    const auto listed = co_await list_partitions();
    if (!listed) {
      CO_TRY_VOID(survive(fail(listed.error()), "the metadata"));
      co_return summary_;  // where to look is not known
    }
    const auto report = [this](const Finding& finding) { take(finding); };
    auto accounts = co_await iam::check_accounts(data_.kv(), report);
    const bool accounts_known = accounts.has_value();
    if (accounts) accounts_ = *std::move(accounts);
    if (!accounts_known) CO_TRY_VOID(survive(fail(accounts.error()), "the accounts"));
    for (const auto& partition : *listed) {
      auto checked = co_await check_partition(partition, accounts_known);
      CO_TRY_VOID(survive(std::move(checked), partition));
    }
    s3::Fsck::Options options;
    options.account_exists = [this, accounts_known](const std::string& account) {
      return !accounts_known || accounts_.contains(account);
    };
    Progress progress(observer_);
    s3::Fsck stored(data_.kv(), data_.blobs(), progress, report, std::move(options));
    progress.follow(stored.tally());
    CO_TRY_VOID(co_await stored.run(*listed));
    summary_.tally = stored.tally();
    co_return summary_;
  }

  const std::set<storage::BlobId>& damaged_blobs() const { return damaged_blobs_; }

 private:
  Task<Result<std::vector<storage::Partition>>> list_partitions() {
    std::vector<storage::Partition> all;
    for (;;) {
      const auto after = all.empty() ? storage::Partition() : all.back();
      CO_TRY(const auto page, co_await data_.kv().partitions(after, partitions_page));
      all.insert(all.end(), page.begin(), page.end());
      if (page.size() < partitions_page) co_return all;
    }
  }

  Task<Result<void>> check_partition(const storage::Partition& partition, bool accounts_known) {
    const auto report = [this](const Finding& finding) { take(finding); };
    for (const auto prefix : {iam_prefix, instances_prefix}) {
      if (!partition.starts_with(prefix)) continue;
      auto account = partition.substr(prefix.size());
      if (accounts_known && !accounts_.contains(account))
        take({.what = "the account does not exist", .partition = partition});
      if (prefix == instances_prefix)
        co_return co_await ec2::check_instances(data_.kv(), std::move(account), report);
      co_return co_await iam::check_account(data_.kv(), data_.sealer(), std::move(account), report);
    }
    if (partition == "sessions")
      co_return co_await sts::check_token_keys(data_.kv(), data_.sealer(), report);
    if (partition != "accounts" && partition != "scrub" && !s3::Fsck::owns(partition))
      take({.grade = Finding::Grade::note,
            .what = "this program does not know what this is",
            .partition = partition});
    co_return Result<void>();
  }

  /// What of the metadata cannot be read is a finding, and not the end.
  Result<void> survive(Result<void> outcome, std::string_view what) {
    if (outcome) return outcome;
    const auto& code = outcome.error().code;
    if (code != codes::corrupt && code != codes::storage_failure) return outcome;
    take({.what = std::string(what) + " cannot be read: " + outcome.error().message});
    return {};
  }

  void take(Finding finding) {
    const bool damage = finding.grade == Finding::Grade::damage;
    ++(damage ? summary_.damaged : summary_.notes);
    if (finding.blob && finding.blob_is_damaged) damaged_blobs_.insert(*finding.blob);
    if (damage && finding.blob && !finding.blob_is_damaged) {
      const auto there = storage::is_quarantined(files_, data_.path(), *finding.blob);
      if (there && *there) finding.what += " (it is in " + data_.path() + "/quarantine)";
    }
    observer_.found(finding);
  }

  storage::DataDirectory& data_;
  storage::FileSystem& files_;
  FsckObserver& observer_;
  FsckSummary summary_;
  std::set<std::string> accounts_;
  std::set<storage::BlobId> damaged_blobs_;
};

}  // namespace

Result<FsckSummary> fsck(const FsckOptions& options, storage::FileSystem& files, Random& random,
                         FsckObserver& observer) {
  // In this order: a thread of the pool may still be on its way out of the context at the end.
  boost::asio::io_context io(1);
  BlockingPool pool(threads, queue);
  auto data = storage::view_data_directory(options.data, files, pool, random);
  if (!data && data.error().code == codes::corrupt) {
    observer.found({.what = "the metadata cannot be opened: " + data.error().message});
    return FsckSummary{.tally = {}, .damaged = 1};
  }
  if (!data) return fail(std::move(data).error());
  Check check(**data, files, observer);
  std::optional<Result<FsckSummary>> outcome;
  auto whole = [&]() -> Task<void> { outcome.emplace(co_await check.run()); };
  const auto rethrow = [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  };
  boost::asio::co_spawn(io, whole, rethrow);
  io.run();
  TRY(auto summary, *std::move(outcome));
  if (!options.quarantine) return summary;
  for (const auto& blob : check.damaged_blobs()) {
    TRY_VOID(storage::quarantine_blob(files, (*data)->path(), blob));
    ++summary.quarantined;
  }
  return summary;
}

}  // namespace larder::server
