// The source of CopyObject and UploadPartCopy: which object, under which conditions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "s3/conditions.h"
#include "s3/operations/types.h"

namespace larder::s3 {

struct CopySource {
  std::string bucket;
  std::string key;
  std::optional<std::string> version_id;
};

/// `bucket/key`, with or without a slash in front, percent-encoded, perhaps with `?versionId=`.
std::optional<CopySource> parse_copy_source(std::string_view header);

/// Fields of both operations.
struct CopyConditions {
  std::string source;
  std::optional<std::string> if_match, if_none_match, if_modified_since, if_unmodified_since;
  std::optional<std::string> expected_owner, customer_algorithm;

  using C = CopyConditions;
  static constexpr auto shape = aws::fields(
      aws::required<&C::source>("CopySource").in_header("x-amz-copy-source"),
      aws::optional<&C::if_match>("CopySourceIfMatch").in_header("x-amz-copy-source-if-match"),
      aws::optional<&C::if_none_match>("CopySourceIfNoneMatch")
          .in_header("x-amz-copy-source-if-none-match"),
      aws::optional<&C::if_modified_since>("CopySourceIfModifiedSince")
          .in_header("x-amz-copy-source-if-modified-since"),
      aws::optional<&C::if_unmodified_since>("CopySourceIfUnmodifiedSince")
          .in_header("x-amz-copy-source-if-unmodified-since"),
      aws::optional<&C::expected_owner>("ExpectedSourceBucketOwner")
          .in_header("x-amz-source-expected-bucket-owner"),
      aws::optional<&C::customer_algorithm>("CopySourceSSECustomerAlgorithm")
          .in_header("x-amz-copy-source-server-side-encryption-customer-algorithm"));
};

/// Reading the source; nothing when it cannot be told what that is.
aws::Needs needs_to_copy_from(const CopyConditions& in);

/// The source's record: NoSuchKey, PreconditionFailed, InvalidArgument.
struct FoundSource {
  CopySource source;
  BucketRecord bucket;
  ObjectRecord record;
};
Task<Result<FoundSource>> find_source(S3& s3, aws::Call& call, const CopyConditions& in);

/// Reads the source and stores it anew. `wanted`: the checksum to compute.
Task<Result<Stored>> copy_bytes(S3& s3, const FoundSource& from, storage::ByteRange range,
                                ContentStore::Inline small,
                                std::optional<ChecksumAlgorithm> wanted);

}  // namespace larder::s3
