#include "aws/arn.h"

#include <fmt/format.h>

namespace larder::aws {

std::optional<Arn> parse_arn(std::string_view text) {
  std::string_view parts[6];
  for (int i = 0; i < 5; ++i) {
    const auto colon = text.find(':');
    if (colon == text.npos) return std::nullopt;
    parts[i] = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  parts[5] = text;
  if (parts[0] != "arn" || parts[1] != "aws" || parts[2].empty() || parts[5].empty())
    return std::nullopt;
  return Arn{parts[1], parts[2], parts[3], parts[4], parts[5]};
}

std::string iam_arn(std::string_view account, std::string_view kind, std::string_view path,
                    std::string_view name) {
  return fmt::format("arn:aws:iam::{}:{}{}{}", account, kind, path, name);
}

std::string bucket_arn(std::string_view bucket) { return fmt::format("arn:aws:s3:::{}", bucket); }

std::string object_arn(std::string_view bucket, std::string_view key) {
  return fmt::format("arn:aws:s3:::{}/{}", bucket, key);
}

std::string instance_arn(std::string_view region, std::string_view account,
                         std::string_view instance_id) {
  return fmt::format("arn:aws:ec2:{}:{}:instance/{}", region, account, instance_id);
}

std::string assumed_role_arn(std::string_view role_arn, std::string_view session_name) {
  const auto arn = parse_arn(role_arn);
  return fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", arn ? arn->account : "",
                     name_of_arn(role_arn), session_name);
}

std::string_view name_of_arn(std::string_view arn) { return arn.substr(arn.rfind('/') + 1); }

}  // namespace larder::aws
