// What accounts and buckets hold, as metrics.
#pragma once

#include "base/metrics_registry.h"
#include "iam/accounts.h"
#include "s3/usage.h"

namespace larder::server {

/// Rows of one metric: of the accounts, and of the buckets, that hold most.
inline constexpr std::size_t usage_rows_max = 1000;

/// larder_account_*, larder_bucket_*, larder_buckets. All outlive the registry's use.
void register_usage_metrics(metrics::Registry& registry, const s3::Usage& usage,
                            const iam::Accounts& accounts);

}  // namespace larder::server
