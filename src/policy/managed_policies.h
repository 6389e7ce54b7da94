// The AWS managed policies that every account has (§D.5).
#pragma once

#include <span>
#include <string_view>

namespace larder::policy {

/// ARN: "arn:aws:iam::aws:policy" + path + name ("arn:aws:iam::aws:policy/job-function/…").
struct ManagedPolicy {
  std::string_view name;
  std::string_view path;             // "/", "/job-function/"
  std::string_view default_version;  // "v2"; the only version kept
  std::string_view description;
  std::string_view document;  // JSON
};

/// All of them, in the order of their names. Static.
std::span<const ManagedPolicy> managed_policies();

}  // namespace larder::policy
