#include "s3/operations/types.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "codec/base64.h"
#include "codec/iso8601.h"
#include "http/message.h"
#include "s3/names.h"

namespace larder::s3 {

Result<HttpDate> HttpDate::parse(std::string_view text) {
  const auto time = parse_http_date(text);
  if (!time) return errors::invalid_request("A header's date is not one.");
  return HttpDate{*time};
}

std::string HttpDate::str() const { return format_http_date(time); }

Result<Timestamp> Timestamp::parse(std::string_view text) {
  const auto time = parse_iso8601(text);
  if (!time) return errors::invalid_request("A timestamp is not one.");
  return Timestamp{*time};
}

std::string Timestamp::str() const {
  return format_iso8601_millis(std::chrono::floor<Seconds>(time));
}

aws::Needs needs_on_bucket(std::string_view action, std::string_view bucket,
                           policy::Context context) {
  return {{.action = std::string(action),
           .resource = aws::bucket_arn(bucket),
           .context = std::move(context),
           .fact = std::string(bucket)}};
}

aws::Needs needs_on_object(std::string_view action, std::string_view bucket, std::string_view key,
                           policy::Context context) {
  return {{.action = std::string(action),
           .resource = aws::object_arn(bucket, key),
           .context = std::move(context),
           .fact = std::string(bucket)}};
}

Result<const BucketRecord*> bucket_of(const aws::Call& call, const BucketInput& in) {
  const auto* fact = call.fact<BucketFact>(in.bucket);
  if (fact == nullptr) return errors::no_such_bucket(in.bucket);
  if (in.expected_owner && *in.expected_owner != fact->record.account)
    return fail(larder::codes::access_denied, "Access Denied");
  return &fact->record;
}

Result<const BucketRecord*> bucket_and_key(const aws::Call& call, const ObjectInput& in) {
  TRY_VOID(check_key(in.key));
  return bucket_of(call, in);
}

Error missing_key(aws::Call& call, const std::string& bucket, const std::string& key) {
  auto needs = needs_on_bucket("s3:ListBucket", bucket);
  auto may_list = call.authorize(std::move(needs.front()));
  if (!may_list) return std::move(may_list).error();
  return errors::no_such_key(key).error();
}

Result<void> check_version(const std::optional<std::string>& version_id) {
  if (!version_id || *version_id == "null") return {};
  return errors::invalid_argument("Invalid version id specified", "versionId", *version_id);
}

Result<void> refuse(std::initializer_list<Unimplemented> headers) {
  for (const auto& [header, value] : headers)
    if (value) return errors::not_implemented(header, *value);
  return {};
}

std::string type_name(const StoredChecksum& checksum) {
  return checksum.composite ? "COMPOSITE" : "FULL_OBJECT";
}

std::optional<std::string>& ChecksumValues::of(ChecksumAlgorithm algorithm) {
  switch (algorithm) {
    case ChecksumAlgorithm::crc32:
      return crc32;
    case ChecksumAlgorithm::crc32c:
      return crc32c;
    case ChecksumAlgorithm::crc64nvme:
      return crc64nvme;
    case ChecksumAlgorithm::sha1:
      return sha1;
    case ChecksumAlgorithm::sha256:
      return sha256;
  }
  return crc32;
}

void ChecksumValues::set(const std::optional<StoredChecksum>& checksum) {
  if (!checksum) return;
  of(checksum->algorithm) = checksum->value;
  checksum_type = type_name(*checksum);
}

std::vector<std::pair<ChecksumAlgorithm, std::string>> ChecksumValues::list() const {
  std::vector<std::pair<ChecksumAlgorithm, std::string>> all;
  for (const auto algorithm : all_checksum_algorithms)
    if (const auto& value = const_cast<ChecksumValues*>(this)->of(algorithm))
      all.emplace_back(algorithm, *value);
  return all;
}

Task<Result<Received>> receive(S3& s3, aws::RequestBody& body, ContentStore::Inline small,
                               const std::optional<std::string>& announced_algorithm,
                               std::optional<ChecksumAlgorithm> wanted) {
  const auto length = body.length();
  if (!length) co_return errors::missing_content_length();
  if (*length > limits::s3_put_object)
    co_return errors::entity_too_large(*length, limits::s3_put_object);
  const auto check = body.checksum();  // its value comes with the end
  if (announced_algorithm && !check)
    co_return errors::invalid_request(
        "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or "
        "x-amz-trailer headers were found.");
  if (check) wanted.reset();
  Received received;
  CO_TRY(received.stored, co_await s3.contents().store(body, small, wanted, limits::s3_put_object));
  if (check) {
    received.checksum =
        StoredChecksum{check->algorithm, false, base64_encode(body.checksum()->expected)};
  } else if (wanted) {
    received.checksum = StoredChecksum{*wanted, false, base64_encode(received.stored.checksum)};
  }
  co_return received;
}

std::string etag_of(const Stored& stored) { return hex_encode(stored.md5); }

}  // namespace larder::s3
