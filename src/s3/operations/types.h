// What the operations of S3 share: pieces of their inputs and outputs, and the checks of them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/arn.h"
#include "aws/operation.h"
#include "aws/request_body.h"
#include "aws/request_line.h"
#include "aws/shape.h"
#include "s3/errors.h"
#include "s3/records.h"
#include "s3/s3.h"

namespace larder::s3 {

/// Several tables of fields as one.
template <std::size_t... Sizes>
constexpr auto join(const std::array<aws::Field, Sizes>&... tables) {
  std::array<aws::Field, (Sizes + ...)> all{};
  std::size_t at = 0;
  const auto append = [&](const auto& table) {
    for (const auto& field : table) all[at++] = field;
  };
  (append(tables), ...);
  return all;
}

namespace detail {
template <auto Member, class Outer, class Inner, std::size_t... Index>
constexpr auto nest(std::index_sequence<Index...>) {
  auto fields = Inner::shape;
  ((fields[Index].member = [](void* object) -> void* {
     return Inner::shape[Index].member(&(static_cast<Outer*>(object)->*Member));
   }),
   ...);
  return fields;
}
}  // namespace detail

/// The fields of a member that is a structure, as fields of the whole.
template <auto Member>
constexpr auto nested() {
  using Pointer = aws::MemberPointer<decltype(Member)>;
  using Inner = typename Pointer::value;
  return detail::nest<Member, typename Pointer::object, Inner>(
      std::make_index_sequence<Inner::shape.size()>());
}

/// Fri, 24 May 2013 00:00:00 GMT: of headers.
struct HttpDate {
  Time time{};
  static Result<HttpDate> parse(std::string_view text);
  std::string str() const;
};

/// 2013-05-24T00:00:00.000Z, whole seconds: of XML.
struct Timestamp {
  Time time{};
  static Result<Timestamp> parse(std::string_view text);
  std::string str() const;
};

struct BucketInput {
  std::string bucket;
  std::optional<std::string> expected_owner;
  static constexpr auto shape =
      aws::fields(aws::required<&BucketInput::bucket>("Bucket").in_bucket(),
                  aws::optional<&BucketInput::expected_owner>("ExpectedBucketOwner")
                      .in_header("x-amz-expected-bucket-owner"));
};

struct ObjectInput : BucketInput {
  std::string key;
  static constexpr auto shape =
      join(BucketInput::shape, aws::fields(aws::required<&ObjectInput::key>("Key").in_key()));
};

struct NoContent {
  int status = 204;
  static constexpr auto shape = aws::fields();
};

aws::Needs needs_on_bucket(std::string_view action, std::string_view bucket,
                           policy::Context context = {});
aws::Needs needs_on_object(std::string_view action, std::string_view bucket, std::string_view key,
                           policy::Context context = {});

/// The bucket as the pipeline loaded it. AccessDenied when the client expected another owner.
Result<const BucketRecord*> bucket_of(const aws::Call& call, const BucketInput& in);
/// And the key is one.
Result<const BucketRecord*> bucket_and_key(const aws::Call& call, const ObjectInput& in);

/// What to say of a key that is not there: NoSuchKey to those who may list the bucket.
Error missing_key(aws::Call& call, const std::string& bucket, const std::string& key);

/// NoSuchVersion and its like: without versioning there is the null version only.
Result<void> check_version(const std::optional<std::string>& version_id);

/// NotImplemented for the first of these headers that is there.
struct Unimplemented {
  std::string_view header;
  const std::optional<std::string>& value;
};
Result<void> refuse(std::initializer_list<Unimplemented> headers);

/// Headers that make up an object beside its bytes: of PutObject, CopyObject and
/// CreateMultipartUpload.
struct ObjectHeaders : ObjectInput {
  std::optional<std::string> cache_control, content_disposition, content_encoding, content_language,
      content_type, expires;
  std::vector<aws::NameValue> metadata;
  std::optional<std::string> storage_class, acl;
  // Refused, by name.
  std::optional<std::string> grant_full_control, grant_read, grant_read_acp, grant_write_acp,
      encryption, encryption_key, customer_algorithm, tagging, lock_mode, lock_until, legal_hold,
      redirect;

  using H = ObjectHeaders;
  static constexpr auto shape = join(
      ObjectInput::shape,
      aws::fields(
          aws::optional<&H::cache_control>("CacheControl").in_header("Cache-Control"),
          aws::optional<&H::content_disposition>("ContentDisposition")
              .in_header("Content-Disposition"),
          aws::optional<&H::content_encoding>("ContentEncoding").in_header("Content-Encoding"),
          aws::optional<&H::content_language>("ContentLanguage").in_header("Content-Language"),
          aws::optional<&H::content_type>("ContentType").in_header("Content-Type"),
          aws::optional<&H::expires>("Expires").in_header("Expires"),
          aws::optional<&H::metadata>("Metadata").in_headers_with("x-amz-meta-"),
          aws::optional<&H::storage_class>("StorageClass").in_header("x-amz-storage-class"),
          aws::optional<&H::acl>("ACL").in_header("x-amz-acl"),
          aws::optional<&H::grant_full_control>("GrantFullControl")
              .in_header("x-amz-grant-full-control"),
          aws::optional<&H::grant_read>("GrantRead").in_header("x-amz-grant-read"),
          aws::optional<&H::grant_read_acp>("GrantReadACP").in_header("x-amz-grant-read-acp"),
          aws::optional<&H::grant_write_acp>("GrantWriteACP").in_header("x-amz-grant-write-acp"),
          aws::optional<&H::encryption>("ServerSideEncryption")
              .in_header("x-amz-server-side-encryption"),
          aws::optional<&H::encryption_key>("SSEKMSKeyId")
              .in_header("x-amz-server-side-encryption-aws-kms-key-id"),
          aws::optional<&H::customer_algorithm>("SSECustomerAlgorithm")
              .in_header("x-amz-server-side-encryption-customer-algorithm"),
          aws::optional<&H::tagging>("Tagging").in_header("x-amz-tagging"),
          aws::optional<&H::lock_mode>("ObjectLockMode").in_header("x-amz-object-lock-mode"),
          aws::optional<&H::lock_until>("ObjectLockRetainUntilDate")
              .in_header("x-amz-object-lock-retain-until-date"),
          aws::optional<&H::legal_hold>("ObjectLockLegalHoldStatus")
              .in_header("x-amz-object-lock-legal-hold"),
          aws::optional<&H::redirect>("WebsiteRedirectLocation")
              .in_header("x-amz-website-redirect-location")));
};

/// What of the headers policies can speak of, as condition keys.
policy::Context context_of(const ObjectHeaders& in);
/// s3:PutObject, and s3:PutObjectAcl where an ACL is asked for.
aws::Needs needs_to_write(const ObjectHeaders& in, policy::Context context);
/// NotImplemented, InvalidStorageClass, MetadataTooLarge.
Result<void> check_headers(const ObjectHeaders& in);
/// What is stored of them. Without a Content-Type it is binary/octet-stream.
Pairs stored_headers(const ObjectHeaders& in);
Pairs stored_metadata(const ObjectHeaders& in);

/// Of an answer: checksums as headers, or as elements of its XML.
struct ChecksumValues {
  std::optional<std::string> crc32, crc32c, crc64nvme, sha1, sha256;
  std::optional<std::string> checksum_type;

  using C = ChecksumValues;
  static constexpr auto elements = aws::fields(
      aws::optional<&C::crc32>("ChecksumCRC32"), aws::optional<&C::crc32c>("ChecksumCRC32C"),
      aws::optional<&C::crc64nvme>("ChecksumCRC64NVME"), aws::optional<&C::sha1>("ChecksumSHA1"),
      aws::optional<&C::sha256>("ChecksumSHA256"));
  static constexpr auto type_element =
      aws::fields(aws::optional<&C::checksum_type>("ChecksumType"));
  static constexpr auto headers = aws::fields(
      elements[0].in_header("x-amz-checksum-crc32"), elements[1].in_header("x-amz-checksum-crc32c"),
      elements[2].in_header("x-amz-checksum-crc64nvme"),
      elements[3].in_header("x-amz-checksum-sha1"), elements[4].in_header("x-amz-checksum-sha256"));
  static constexpr auto type_header = aws::fields(type_element[0].in_header("x-amz-checksum-type"));

  void set(const std::optional<StoredChecksum>& checksum);
  /// Those that are there.
  std::vector<std::pair<ChecksumAlgorithm, std::string>> list() const;

 private:
  std::optional<std::string>& of(ChecksumAlgorithm algorithm);
};

/// As a structure of its own: in headers.
struct ChecksumHeaders : ChecksumValues {
  static constexpr auto shape = join(headers, type_header);
};

/// COMPOSITE or FULL_OBJECT.
std::string type_name(const StoredChecksum& checksum);

/// Takes in the body of PutObject or UploadPart. `wanted`: computed where the client sends none.
/// MissingContentLength, EntityTooLarge, InvalidRequest; whatever the body promised and did not
/// keep.
struct Received {
  Stored stored;
  std::optional<StoredChecksum> checksum;
};
Task<Result<Received>> receive(S3& s3, aws::RequestBody& body, ContentStore::Inline small,
                               const std::optional<std::string>& announced_algorithm,
                               std::optional<ChecksumAlgorithm> wanted);

/// MD5 in hex: what stands in an ETag.
std::string etag_of(const Stored& stored);

}  // namespace larder::s3
