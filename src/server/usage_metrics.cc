#include "server/usage_metrics.h"

#include <algorithm>
#include <utility>

namespace larder::server {
namespace {

using metrics::Registry;
using s3::Use;

struct Metric {
  std::string_view name;
  std::string_view help;
  std::int64_t Use::* number;
};

constexpr Metric of_accounts[] = {
    {"larder_account_objects", "Objects in an account's buckets.", &Use::objects},
    {"larder_account_bytes", "Bytes of these objects.", &Use::bytes},
    {"larder_account_upload_bytes", "Bytes of parts of uploads that are not completed.",
     &Use::upload_bytes}};
constexpr Metric of_buckets[] = {
    {"larder_bucket_objects", "Objects in a bucket; of the 1,000 buckets that hold most.",
     &Use::objects},
    {"larder_bucket_bytes", "Bytes of these objects.", &Use::bytes},
    {"larder_bucket_upload_bytes", "Bytes of parts of uploads that are not completed.",
     &Use::upload_bytes}};

std::vector<Registry::Row> account_rows(const s3::Usage& usage, std::int64_t Use::* number) {
  const auto all = usage.accounts();
  std::vector<std::pair<std::int64_t, std::string>> sizes;
  for (const auto& [id, use] : all) sizes.emplace_back(use.total_bytes(), id);
  std::ranges::sort(sizes, std::ranges::greater());
  if (sizes.size() > usage_rows_max) sizes.resize(usage_rows_max);
  std::vector<Registry::Row> rows;
  for (const auto& [bytes, id] : sizes)
    rows.push_back({{{"account", id}}, static_cast<double>(all.at(id).*number)});
  return rows;
}

std::vector<Registry::Row> bucket_rows(const s3::Usage& usage, std::int64_t Use::* number) {
  std::vector<Registry::Row> rows;
  for (const auto& bucket : usage.largest(usage_rows_max))
    rows.push_back({{{"account", bucket.account}, {"bucket", bucket.name}},
                    static_cast<double>(bucket.use.*number)});
  return rows;
}

std::vector<Registry::Row> limit_rows(const iam::Accounts& accounts) {
  std::vector<Registry::Row> rows;
  for (const auto& account : accounts.list()) {
    if (rows.size() == usage_rows_max) break;
    if (account.max_bytes)
      rows.push_back({{{"account", account.id}}, static_cast<double>(*account.max_bytes)});
  }
  return rows;
}

}  // namespace

void register_usage_metrics(Registry& registry, const s3::Usage& usage,
                            const iam::Accounts& accounts) {
  for (const auto& metric : of_accounts)
    registry.gauges(metric.name, metric.help,
                    [&usage, number = metric.number] { return account_rows(usage, number); });
  for (const auto& metric : of_buckets)
    registry.gauges(metric.name, metric.help,
                    [&usage, number = metric.number] { return bucket_rows(usage, number); });
  registry.gauges("larder_account_max_bytes", "What an account may hold, where that is limited.",
                  [&accounts] { return limit_rows(accounts); });
  registry.gauge("larder_buckets", "Buckets that there are.", {},
                 [&usage] { return static_cast<double>(usage.bucket_count()); });
}

}  // namespace larder::server
