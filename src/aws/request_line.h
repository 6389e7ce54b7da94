// Where a request is headed: which service, and for S3 which bucket, key and operation.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/operation.h"
#include "codec/uri.h"
#include "http/message.h"

namespace larder::aws {

/// Path and query of a target, raw and decoded.
struct Target {
  std::string_view path;   // raw
  std::string_view query;  // raw, without '?'
  Parameters parameters;   // decoded

  bool has(std::string_view name) const;
  std::optional<std::string_view> find(std::string_view name) const;
};
/// InvalidURI for a bad escape in the query.
Result<Target> parse_target(const http::Request& request);

/// The service of the credential scope, in the header or in a presigned URL; empty when unsigned.
std::string_view scope_service(const http::Request& request, const Target& target);

/// Bucket and key by the host form (`photos.s3.example.com`, for each of `domains`) or the path
/// form; both decoded. InvalidURI; InvalidBucketName where the path form leaves the name empty.
struct S3Resource {
  std::string bucket;
  std::string key;

  /// 's' the service, 'b' a bucket, 'k' an object.
  char kind() const { return bucket.empty() ? 's' : key.empty() ? 'b' : 'k'; }
};
Result<S3Resource> parse_s3_resource(std::string_view host, std::string_view path,
                                     std::span<const std::string> domains);

/// InvalidArgument when the query names two subresources (`?policy&uploads`): which of them is
/// meant cannot be told.
Result<void> check_subresources(const Target& target, const S3Resource& resource);

/// An operation's place in S3's URL space, as data. The most specific wins.
struct S3Route {
  std::string_view method;
  char target = 's';                        // as S3Resource::kind()
  std::array<std::string_view, 3> query{};  // names that must be there, or "name=value"
  std::array<std::string_view, 2> headers{};

  /// A subresource says more than a header, and that more than a parameter's value:
  /// `?policy&list-type=2` asks for the policy.
  constexpr int specificity() const {
    int sum = 0;
    for (const auto name : query)
      if (!name.empty()) sum += name.contains('=') ? 1 : 8;
    for (const auto name : headers) sum += name.empty() ? 0 : 2;
    return sum;
  }
  bool matches(const http::Request& request, const Target& parsed,
               const S3Resource& resource) const;
  friend constexpr bool operator==(const S3Route&, const S3Route&) = default;
};

/// An operation of S3 and its route.
struct S3Operation {
  S3Route route;
  Operation operation;
};

/// For a file that declares some of S3's operations: each `Op` also has a `route`.
template <OperationType... Op>
constexpr std::array<S3Operation, sizeof...(Op)> s3_operations() {
  return {S3Operation{Op::route, describe<Op>()}...};
}

/// Fails a CHECK when two operations claim the same route; sorts so that the first match is the
/// most specific.
std::vector<S3Operation> make_s3_routes(std::vector<S3Operation> operations);
const S3Operation* find_s3_operation(std::span<const S3Operation> sorted,
                                     const http::Request& request, const Target& target,
                                     const S3Resource& resource);
/// The name of the operation that AWS has there and Larder has not; empty when AWS has none either.
std::string_view find_modelled_s3(const http::Request& request, const Target& target,
                                  const S3Resource& resource);

}  // namespace larder::aws
