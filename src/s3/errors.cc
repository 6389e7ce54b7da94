#include "s3/errors.h"

#include <fmt/format.h>

namespace larder::s3::errors {
namespace {

Failure about(std::string_view code, int status, std::string message, std::string_view field,
              std::string_view value) {
  return fail(
      Error{{code, status}, std::move(message), {{std::string(field), std::string(value)}}});
}

}  // namespace

Failure no_such_bucket(std::string_view bucket) {
  return about("NoSuchBucket", 404, "The specified bucket does not exist", "BucketName", bucket);
}

Failure invalid_bucket_name(std::string_view bucket) {
  return about("InvalidBucketName", 400, "The specified bucket is not valid.", "BucketName",
               bucket);
}

Failure bucket_not_empty(std::string_view bucket) {
  return about("BucketNotEmpty", 409, "The bucket you tried to delete is not empty", "BucketName",
               bucket);
}

Failure bucket_already_owned_by_you(std::string_view bucket) {
  return about("BucketAlreadyOwnedByYou", 409,
               "Your previous request to create the named bucket succeeded and you already own it.",
               "BucketName", bucket);
}

Failure bucket_already_exists(std::string_view bucket) {
  return about(
      "BucketAlreadyExists", 409,
      "The requested bucket name is not available. The bucket namespace is shared by all users of "
      "the system. Please select a different name and try again.",
      "BucketName", bucket);
}

Failure no_such_bucket_policy(std::string_view bucket) {
  return about("NoSuchBucketPolicy", 404, "The bucket policy does not exist", "BucketName", bucket);
}

Failure operation_aborted() {
  return fail(ErrorCode{"OperationAborted", 409},
              "A conflicting conditional operation is currently in progress against this resource. "
              "Please try again.");
}

Failure no_such_key(std::string_view key) {
  return about("NoSuchKey", 404, "The specified key does not exist.", "Key", key);
}

Failure no_such_upload(std::string_view upload_id) {
  return about("NoSuchUpload", 404,
               "The specified upload does not exist. The upload ID may be invalid, or the upload "
               "may have been aborted or completed.",
               "UploadId", upload_id);
}

Failure key_too_long(std::size_t size) {
  return fail(Error{{"KeyTooLongError", 400},
                    "Your key is too long",
                    {{"Size", fmt::format("{}", size)}, {"MaxSizeAllowed", "1024"}}});
}

Failure invalid_uri() {
  return fail(ErrorCode{"InvalidURI", 400}, "Couldn't parse the specified URI.");
}

Failure precondition_failed(std::string_view condition) {
  return about("PreconditionFailed", 412,
               "At least one of the pre-conditions you specified did not hold", "Condition",
               condition);
}

Failure invalid_range(std::string_view range, std::uint64_t size) {
  return fail(Error{
      {"InvalidRange", 416},
      "The requested range is not satisfiable",
      {{"RangeRequested", std::string(range)}, {"ActualObjectSize", fmt::format("{}", size)}}});
}

Failure invalid_argument(std::string message, std::string_view name, std::string_view value) {
  return fail(Error{larder::codes::invalid_argument,
                    std::move(message),
                    {{"ArgumentName", std::string(name)}, {"ArgumentValue", std::string(value)}}});
}

Failure invalid_request(std::string message) {
  return fail(ErrorCode{"InvalidRequest", 400}, std::move(message));
}

Failure not_implemented(std::string_view header, std::string_view value) {
  return fail(Error{larder::codes::not_implemented,
                    fmt::format("{}: {} is not implemented by Larder.", header, value),
                    {{"Header", std::string(header)}}});
}

Failure entity_too_large(std::uint64_t proposed, std::uint64_t allowed) {
  return fail(Error{{"EntityTooLarge", 400},
                    "Your proposed upload exceeds the maximum allowed size",
                    {{"ProposedSize", fmt::format("{}", proposed)},
                     {"MaxSizeAllowed", fmt::format("{}", allowed)}}});
}

Failure missing_content_length() {
  return fail(ErrorCode{"MissingContentLength", 411},
              "You must provide the Content-Length HTTP header.");
}

Failure quota_exceeded(std::string_view account, std::uint64_t max_bytes, std::int64_t used,
                       std::int64_t more) {
  return fail(Error{
      {"QuotaExceeded", 403},
      fmt::format("The account {} may hold {} bytes and holds {}, parts of uploads included; this "
                  "request would add {}. Delete objects, abort uploads, or ask the operator for a "
                  "higher limit (`larder account set`).",
                  account, max_bytes, used, more),
      {{"AccountId", std::string(account)},
       {"MaxBytes", fmt::format("{}", max_bytes)},
       {"UsedBytes", fmt::format("{}", used)}}});
}

Failure bad_digest(std::string_view algorithm) {
  return fail(
      ErrorCode{"BadDigest", 400},
      fmt::format("The {} you specified did not match the calculated checksum.", algorithm));
}

Failure try_again() {
  return fail(larder::codes::service_unavailable,
              "It is not known whether the change was made. Please try again.");
}

}  // namespace larder::s3::errors
