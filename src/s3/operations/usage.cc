// What accounts hold, for the operator: Larder's own service, on the Unix socket alone.
#include <map>

#include "s3/s3.h"

namespace larder::s3 {
namespace {

struct BucketUse {
  std::string name;
  std::int64_t objects = 0, bytes = 0, uploads = 0, upload_bytes = 0;
  static constexpr auto shape = aws::fields(
      aws::required<&BucketUse::name>("Name"), aws::required<&BucketUse::objects>("Objects"),
      aws::required<&BucketUse::bytes>("Bytes"), aws::required<&BucketUse::uploads>("Uploads"),
      aws::required<&BucketUse::upload_bytes>("UploadBytes"));
};

struct AccountUse {
  std::string id;
  std::int64_t objects = 0, bytes = 0, uploads = 0, upload_bytes = 0;
  std::vector<BucketUse> buckets;
  static constexpr auto shape = aws::fields(
      aws::required<&AccountUse::id>("AccountId"), aws::required<&AccountUse::objects>("Objects"),
      aws::required<&AccountUse::bytes>("Bytes"), aws::required<&AccountUse::uploads>("Uploads"),
      aws::required<&AccountUse::upload_bytes>("UploadBytes"),
      aws::required<&AccountUse::buckets>("Buckets"));
};

template <class Shape>
void add(Shape& to, const Use& use) {
  to.objects += use.objects;
  to.bytes += use.bytes;
  to.uploads += use.uploads;
  to.upload_bytes += use.upload_bytes;
}

struct ListUsage {
  static constexpr std::string_view name = "ListUsage";
  static constexpr auto effect = aws::Effect::reads;
  using Service = S3;
  struct Input {
    std::optional<std::string> account;
    static constexpr auto shape = aws::fields(aws::optional<&Input::account>("AccountId"));
  };
  struct Output {
    std::vector<AccountUse> accounts;
    static constexpr auto shape = aws::fields(aws::required<&Output::accounts>("Accounts"));
  };
  static aws::Needs needs(const S3&, const aws::Call&, const Input&) {
    aws::Needs needs;
    needs.push_back({.action = "larder:ListUsage", .resource = "*"});
    return needs;
  }
  /// Accounts that have buckets, and the sums of these: all from one instant.
  static Task<Result<Output>> run(S3& s3, aws::Call&, Input in) {
    co_await s3.usage().resolve();
    std::map<std::string, AccountUse> accounts;
    for (const auto& bucket : s3.usage().buckets()) {
      if (in.account && *in.account != bucket.account) continue;
      auto& account = accounts[bucket.account];
      account.id = bucket.account;
      add(account, bucket.use);
      add(account.buckets.emplace_back(BucketUse{.name = bucket.name}), bucket.use);
    }
    Output out;
    for (auto& [id, account] : accounts) out.accounts.push_back(std::move(account));
    co_return out;
  }
};

}  // namespace

std::span<const aws::Operation> usage_operations() {
  static constexpr auto all = aws::operations<ListUsage>();
  return all;
}

}  // namespace larder::s3
