#include "aws/request_metrics.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/check.h"
#include "base/metrics_registry.h"

namespace larder::aws {
namespace {

// clang-format off
constexpr std::string_view error_codes[] = {
    "AccessDenied", "AccountAlreadyExists", "AuthFailure", "AuthorizationHeaderMalformed",
    "AuthorizationQueryParametersError", "BadDigest", "BucketAlreadyExists",
    "BucketAlreadyOwnedByYou", "BucketNotEmpty", "ConnectionLost", "DataCorrupted",
    "DeleteConflict", "DryRunOperation", "EntityAlreadyExists", "EntityTooLarge", "EntityTooSmall",
    "ExpiredToken", "IdempotentParameterMismatch", "IllegalLocationConstraintException",
    "IncompleteBody", "IncompleteSignature", "IncorrectInstanceState", "IncorrectState",
    "InsufficientStorage", "InternalError", "InvalidAccessKeyId", "InvalidAction",
    "InvalidArgument", "InvalidAssociationID.NotFound", "InvalidBucketName",
    "InvalidChunkSizeError", "InvalidClientTokenId", "InvalidDigest", "InvalidInput",
    "InvalidInstanceID.Malformed", "InvalidInstanceID.NotFound", "InvalidNextToken",
    "InvalidParameterCombination", "InvalidParameterValue", "InvalidPart", "InvalidPartNumber",
    "InvalidPartOrder", "InvalidRange", "InvalidRequest", "InvalidStorageClass", "InvalidToken",
    "InvalidURI", "KeyTooLongError", "LimitExceeded", "MalformedBody", "MalformedPolicy",
    "MalformedPolicyDocument", "MalformedQueryString", "MalformedTrailerError", "MalformedXML",
    "MetadataTooLarge", "MethodNotAllowed", "MissingAction", "MissingAuthenticationToken",
    "MissingContentLength", "MissingParameter", "NoSuchAccount", "NoSuchBucket",
    "NoSuchBucketPolicy", "NoSuchEntity", "NoSuchFile", "NoSuchKey", "NoSuchUpload",
    "NotImplemented", "OperationAborted", "PackedPolicyTooLarge", "PreconditionFailed",
    "QuotaExceeded", "RequestEntityTooLarge", "RequestExpired", "RequestHeaderSectionTooLarge",
    "RequestTimeTooSkewed", "RequestTimeout", "ServiceUnavailable", "SignatureDoesNotMatch",
    "SlowDown", "StorageFailure", "UnauthorizedOperation", "UnmodifiableEntity", "Unsealable",
    "ValidationError", "XAmzContentSHA256Mismatch",
};
// clang-format on
static_assert(std::ranges::is_sorted(error_codes));

constexpr std::string_view other = "other";
constexpr std::string_view status_classes[] = {"2xx", "3xx", "4xx", "5xx"};

// The places in an operation's row of numbers: first the classes of status.
constexpr std::size_t bytes_in_at = std::size(status_classes);
constexpr std::size_t bytes_out_at = bytes_in_at + 1;
constexpr std::size_t row_size = bytes_out_at + 1;

std::size_t place_of_code(std::string_view code) {
  const auto found = std::ranges::lower_bound(error_codes, code);
  const bool known = found != std::end(error_codes) && *found == code;
  return known ? static_cast<std::size_t>(found - std::begin(error_codes)) : std::size(error_codes);
}

}  // namespace

struct RequestMetrics::OfOperation {
  metrics::Counters numbers{row_size};
  metrics::Histogram seconds{metrics::latency_bounds_microseconds,
                             metrics::microseconds_per_second};

  void show(const std::string& service, std::string_view name, metrics::Registry& registry) const {
    using metrics::Shown;
    const metrics::Labels labels{{"service", service}, {"operation", std::string(name)}};
    const auto read = [this](std::size_t at) { return [this, at] { return numbers.value(at); }; };
    for (std::size_t i = 0; i < std::size(status_classes); ++i) {
      auto with_status = labels;
      with_status.emplace_back("status", status_classes[i]);
      registry.counter("larder_requests_total", "Requests that were answered.",
                       std::move(with_status), read(i), Shown::used);
    }
    registry.counter("larder_request_body_bytes_total", "Bodies of requests, as far as read.",
                     labels, read(bytes_in_at), Shown::used);
    registry.counter("larder_response_body_bytes_total", "Bodies of answers.", labels,
                     read(bytes_out_at), Shown::used);
    registry.histogram("larder_request_duration_seconds",
                       "From a request's head to the end of its answer.", labels, seconds,
                       Shown::used);
  }
};

struct RequestMetrics::OfService {
  std::deque<OfOperation> operations;  // the last one: other
  metrics::Counters errors{std::size(error_codes) + 1};
};

RequestMetrics::RequestMetrics(const std::vector<Service>& services, metrics::Registry& registry) {
  for (const auto& service : services) {
    auto& counted = services_.emplace_back();
    for (const auto name : service.operations)
      counted.operations.emplace_back().show(service.name, name, registry);
    counted.operations.emplace_back().show(service.name, other, registry);
    for (std::size_t i = 0; i <= std::size(error_codes); ++i) {
      const auto code = i < std::size(error_codes) ? error_codes[i] : other;
      registry.counter(
          "larder_errors_total", "Requests that were answered with an error, by AWS's code.",
          {{"service", service.name}, {"code", std::string(code)}},
          [&counted, i] { return counted.errors.value(i); }, metrics::Shown::used);
    }
  }
}

RequestMetrics::~RequestMetrics() = default;

void RequestMetrics::record(std::size_t service, std::optional<std::size_t> operation,
                            const Served& served) {
  CHECK(service < services_.size());
  OfService& counted = services_[service];
  const std::size_t last = counted.operations.size() - 1;
  OfOperation& of = counted.operations[std::min(operation.value_or(last), last)];
  of.numbers.add(static_cast<std::size_t>(std::clamp(served.status / 100, 2, 5) - 2));
  if (served.bytes_in > 0) of.numbers.add(bytes_in_at, served.bytes_in);
  if (served.bytes_out > 0) of.numbers.add(bytes_out_at, served.bytes_out);
  of.seconds.observe(served.microseconds);
  if (!served.error_code.empty()) counted.errors.add(place_of_code(served.error_code));
}

std::vector<std::string_view> counted_error_codes() {
  return {std::begin(error_codes), std::end(error_codes)};
}

}  // namespace larder::aws
