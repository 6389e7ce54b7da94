// arn:partition:service:region:account:resource
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace larder::aws {

struct Arn {
  std::string_view partition, service, region, account, resource;
};
/// Views into `text`. nullopt unless it has six parts, "arn" and "aws" first and a resource.
std::optional<Arn> parse_arn(std::string_view text);

/// `arn:aws:iam::ACCOUNT:role/path/name`: kind is "role", path starts and ends with '/'.
std::string iam_arn(std::string_view account, std::string_view kind, std::string_view path,
                    std::string_view name);
std::string bucket_arn(std::string_view bucket);
std::string object_arn(std::string_view bucket, std::string_view key);
std::string instance_arn(std::string_view region, std::string_view account,
                         std::string_view instance_id);
/// Without the role's path, as STS has it.
std::string assumed_role_arn(std::string_view role_arn, std::string_view session_name);

/// What follows the last '/'.
std::string_view name_of_arn(std::string_view arn);

}  // namespace larder::aws
