// The global condition keys of a request ("AWS global condition context keys", IAM User Guide).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "aws/caller.h"
#include "policy/context.h"

namespace larder::aws {

/// What of the request itself the keys speak of.
struct RequestFacts {
  Time now{};
  std::string source_ip;
  std::string user_agent;
  std::string region;
  std::string referer;
  bool secure = false;
  /// Keys of the service that hold for the whole request, such as s3:authType.
  std::vector<std::pair<std::string, std::string>> service_keys{};
};

/// Adds the service's keys and every global key that applies to the caller and the request; keys of
/// the operation that are there already stay.
void add_global_keys(policy::Context& context, const Caller& caller, const RequestFacts& request,
                     const std::string& resource_account);

}  // namespace larder::aws
