// The canonical request and the string to sign: "Create a signed AWS API request" in the IAM User
// Guide, and for S3's differences "Signature Calculations for the Authorization Header" in the S3
// API Reference.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"

namespace larder::sigv4 {

struct HeaderView {
  std::string_view name;
  std::string_view value;
};

/// A request as it came over the wire: path and query raw, headers in order. Views into what the
/// caller keeps.
struct RequestView {
  std::string_view method;
  std::string_view path;
  std::string_view query;  // without '?'
  std::span<const HeaderView> headers;
};

/// Whose rules and whose words: S3 encodes a path once and has its own errors; EC2 differs from IAM
/// and STS in a few codes.
enum class Dialect { s3, query, ec2 };

/// SigV4, or SigV4A: a key pair instead of a shared key, and a set of regions instead of one.
enum class Algorithm { hmac, ecdsa };
/// AWS4-HMAC-SHA256 or AWS4-ECDSA-P256-SHA256.
std::string_view algorithm_name(Algorithm algorithm);

struct Scope {
  std::string date;    // YYYYMMDD
  std::string region;  // empty in SigV4A, whose scope has none
  std::string service;
  std::string str() const;  // 20130524/us-east-1/s3/aws4_request
};

/// Path as it goes into the canonical request. S3: decoded and encoded once, nothing normalized.
/// Others: dot segments and empty segments removed, encoded twice.
std::string canonical_path(std::string_view raw_path, Dialect dialect);
/// Sorted, re-encoded, without X-Amz-Signature. A parameter without '=' gets one.
std::string canonical_query(std::string_view raw_query);
/// `name:value\n` for each of `names` (lower case, sorted), values trimmed, inner spaces collapsed,
/// repeats joined by ','.
std::string canonical_headers(std::span<const HeaderView> headers,
                              std::span<const std::string> names);

std::string canonical_request(const RequestView& request,
                              std::span<const std::string> signed_headers,
                              std::string_view payload_hash, Dialect dialect);
/// `timestamp` is in the basic form, 20130524T000000Z.
std::string string_to_sign(std::string_view timestamp, const Scope& scope,
                           std::string_view canonical_request,
                           Algorithm algorithm = Algorithm::hmac);

/// The key that signs within a scope.
Secret signing_key(const Secret& secret_access_key, const Scope& scope);
/// Lower-case hexadecimal HMAC.
std::string sign(const Secret& signing_key, std::string_view text);

/// First value of a header, by its name in any case; empty view with null data when absent.
std::string_view header(const RequestView& request, std::string_view name);
bool same_name(std::string_view a, std::string_view b);

}  // namespace larder::sigv4
