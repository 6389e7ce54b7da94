// S3's failures by their codes, with the messages and elements that AWS gives them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace larder::s3::errors {

using Failure = std::unexpected<Error>;

Failure no_such_bucket(std::string_view bucket);
Failure invalid_bucket_name(std::string_view bucket);
Failure bucket_not_empty(std::string_view bucket);
Failure bucket_already_owned_by_you(std::string_view bucket);
Failure bucket_already_exists(std::string_view bucket);
Failure no_such_bucket_policy(std::string_view bucket);
/// The bucket is being deleted, or another conditional request is in the way.
Failure operation_aborted();

Failure no_such_key(std::string_view key);
Failure no_such_upload(std::string_view upload_id);
Failure key_too_long(std::size_t size);
Failure invalid_uri();
Failure precondition_failed(std::string_view condition);
Failure invalid_range(std::string_view range, std::uint64_t size);
Failure invalid_argument(std::string message, std::string_view name, std::string_view value);
Failure invalid_request(std::string message);
Failure not_implemented(std::string_view header, std::string_view value);
Failure entity_too_large(std::uint64_t proposed, std::uint64_t allowed);
Failure missing_content_length();
/// `used`: what the account holds, with what is being written just now.
Failure quota_exceeded(std::string_view account, std::uint64_t max_bytes, std::int64_t used,
                       std::int64_t more);
Failure bad_digest(std::string_view algorithm);
/// A write whose outcome could not be found out, or that lost too many races: the client retries.
Failure try_again();

}  // namespace larder::s3::errors
