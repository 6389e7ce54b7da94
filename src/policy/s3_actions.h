// The actions of S3 that a bucket policy can name, and what they apply to.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace larder::policy {

enum class S3Target : std::uint8_t { bucket, object, account };

struct S3Action {
  std::string_view name;  // "s3:GetObject"
  S3Target target;
};

/// From the Service Authorization Reference. Static.
std::span<const S3Action> s3_actions();

}  // namespace larder::policy
