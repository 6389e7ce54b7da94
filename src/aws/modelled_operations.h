// What AWS models, so that an operation that Larder does not have is refused by its name. The data
// is written by tools/modelled_operations.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace larder::aws {

/// All operations that AWS models for a service of the Query and EC2 protocols ("iam", "sts",
/// "ec2"), sorted. Another service: empty.
std::span<const std::string_view> modelled_operations(std::string_view service);

/// An operation of S3 with the route of AWS's model. Several routes may match one request; the most
/// specific (S3Route) is meant.
struct ModelledRoute {
  std::string_view name;
  std::string_view method;
  char target;  // 's' the service, 'b' a bucket, 'k' an object
  /// Names that must be present ("uploads"), or "name=value" where the value is fixed
  /// ("list-type=2"). "": unused.
  std::array<std::string_view, 3> query;
  /// Lower-case names of headers that must be present. "": unused.
  std::array<std::string_view, 2> headers;
};

/// Sorted by name; no two have the same route.
std::span<const ModelledRoute> modelled_s3_routes();

}  // namespace larder::aws
