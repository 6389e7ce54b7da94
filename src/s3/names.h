// What AWS allows as a bucket's name and as a key.
#pragma once

#include <string_view>

#include "base/result.h"

namespace larder::s3 {

/// "Bucket naming rules", S3 User Guide, for general purpose buckets.
bool is_bucket_name(std::string_view name);

bool is_utf8(std::string_view text);

/// KeyTooLongError beyond 1024 bytes; InvalidURI when it is not UTF-8, as S3's keys are.
Result<void> check_key(std::string_view key);

}  // namespace larder::s3
