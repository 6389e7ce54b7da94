// What the operations on a multipart upload are told.
#pragma once

#include <optional>
#include <string>

#include "s3/operations/types.h"

namespace larder::s3 {

struct UploadInput : ObjectInput {
  std::string upload_id;
  static constexpr auto shape =
      join(ObjectInput::shape,
           aws::fields(aws::required<&UploadInput::upload_id>("UploadId").in_query("uploadId")));
};

struct PartInput : UploadInput {
  std::int64_t part_number = 0;
  std::optional<std::string> customer_algorithm;
  static constexpr auto shape =
      join(UploadInput::shape,
           aws::fields(aws::required<&PartInput::part_number>("PartNumber").in_query("partNumber"),
                       aws::optional<&PartInput::customer_algorithm>("SSECustomerAlgorithm")
                           .in_header("x-amz-server-side-encryption-customer-algorithm")));
};

/// The bucket, when key, part number and headers are good.
Result<const BucketRecord*> check_part(const aws::Call& call, const PartInput& in);

/// Stores a part of what has been taken in.
Task<Result<PartRecord>> put_part(S3& s3, aws::Call& call, const BucketRecord& bucket,
                                  const PartInput& in, Received received);

}  // namespace larder::s3
