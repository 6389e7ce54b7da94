// The operations of S3, by file.
#pragma once

#include <span>

#include "aws/request_line.h"

namespace larder::s3 {

std::span<const aws::S3Operation> bucket_operations();
std::span<const aws::S3Operation> bucket_policy_operations();
std::span<const aws::S3Operation> read_operations();
std::span<const aws::S3Operation> write_operations();
std::span<const aws::S3Operation> delete_operations();
std::span<const aws::S3Operation> copy_operations();
std::span<const aws::S3Operation> list_operations();
std::span<const aws::S3Operation> upload_operations();
std::span<const aws::S3Operation> upload_list_operations();

}  // namespace larder::s3
