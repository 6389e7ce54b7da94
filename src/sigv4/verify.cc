#include "sigv4/verify.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/base64.h"
#include "codec/iso8601.h"

namespace larder::sigv4 {
namespace {

std::string spaced_hex(std::string_view text) {
  std::string out;
  out.reserve(text.size() * 3);
  for (const unsigned char c : text) out += fmt::format("{}{:02x}", out.empty() ? "" : " ", c);
  return out;
}

/// The value of the session token's line is the client's secret: it does not belong in an error
/// that gets logged.
std::string without_token(std::string text) {
  constexpr std::string_view name = "\nx-amz-security-token:";
  const auto start = text.find(name);
  if (start != text.npos) {
    const auto value = start + name.size();
    text.replace(value, text.find('\n', value) - value, "(not shown)");
  }
  constexpr std::string_view parameter = "X-Amz-Security-Token=";
  const auto query = text.find(parameter);
  if (query != text.npos) {
    const auto value = query + parameter.size();
    text.replace(value, text.find_first_of("&\n", value) - value, "(not shown)");
  }
  return text;
}

/// Each member of the set is a region, or a pattern with one `*` at its end.
bool region_set_has(std::string_view set, std::string_view region) {
  while (!set.empty()) {
    auto member = set.substr(0, set.find(','));
    set.remove_prefix(std::min(set.size(), member.size() + 1));
    while (member.starts_with(' ')) member.remove_prefix(1);
    if (member == region) return true;
    if (member.ends_with('*') && region.starts_with(member.substr(0, member.size() - 1)))
      return true;
  }
  return false;
}

std::unexpected<Error> mismatch(const Authorization& authorization, std::string_view to_sign,
                                const std::string& canonical, Dialect dialect) {
  if (dialect == Dialect::ec2)
    return fail(codes::auth_failure,
                "AWS was not able to validate the provided access credentials");
  if (dialect == Dialect::query)
    return fail(
        codes::signature_does_not_match,
        "The request signature we calculated does not match the signature you provided. Check your "
        "AWS "
        "Secret Access Key and signing method. Consult the service documentation for details.");
  const std::string shown = without_token(canonical);
  return fail(Error{codes::signature_does_not_match,
                    "The request signature we calculated does not match the signature you "
                    "provided. Check your key "
                    "and signing method.",
                    {{"AWSAccessKeyId", authorization.access_key_id},
                     {"StringToSign", std::string(to_sign)},
                     {"SignatureProvided", authorization.signature},
                     {"StringToSignBytes", spaced_hex(to_sign)},
                     {"CanonicalRequest", shown},
                     {"CanonicalRequestBytes", spaced_hex(shown)}}});
}

}  // namespace

Result<void> check_scope(const Authorization& authorization, std::string_view service,
                         std::string_view region, Dialect dialect) {
  const bool s3 = dialect == Dialect::s3;
  const bool query = authorization.carrier == Carrier::query;
  const ErrorCode code = !s3     ? codes::signature_does_not_match
                         : query ? codes::authorization_query_parameters_error
                                 : codes::authorization_header_malformed;
  const std::string_view prefix = !s3     ? ""
                                  : query ? "Error parsing the X-Amz-Credential parameter; "
                                          : "The authorization header is malformed; ";
  if (authorization.scope.service != service)
    return fail(code, fmt::format("{}incorrect service \"{}\". This endpoint belongs to \"{}\".",
                                  prefix, authorization.scope.service, service));
  const bool asymmetric = authorization.algorithm == Algorithm::ecdsa;
  const auto& given = asymmetric ? authorization.region_set : authorization.scope.region;
  if (!region.empty() && !(asymmetric ? region_set_has(given, region) : given == region))
    return fail(
        Error{code,
              fmt::format("{}the region '{}' is wrong; expecting '{}'", prefix, given, region),
              {{"Region", std::string(region)}}});
  return {};
}

Result<void> check_time(const Authorization& authorization, Time now, Dialect dialect) {
  const auto expires = authorization.expires;
  if (expires) {
    if (authorization.time > now + allowed_skew)
      return fail(larder::codes::access_denied, "Request is not yet valid");
    if (now > authorization.time + *expires)
      return fail(Error{larder::codes::access_denied,
                        "Request has expired",
                        {{"X-Amz-Expires", fmt::format("{}", expires->count())},
                         {"Expires", format_iso8601(authorization.time + *expires)},
                         {"ServerTime", format_iso8601(now)}}});
    return {};
  }
  const bool late = now > authorization.time + allowed_skew;
  const bool early = authorization.time > now + allowed_skew;
  if (!late && !early) return {};
  if (dialect == Dialect::s3)
    return fail(Error{codes::request_time_too_skewed,
                      "The difference between the request time and the current time is too large.",
                      {{"RequestTime", authorization.timestamp},
                       {"ServerTime", format_iso8601(now)},
                       {"MaxAllowedSkewMilliseconds", "900000"}}});
  if (dialect == Dialect::ec2) return fail(codes::request_expired, "Request has expired.");
  const auto bound = late ? now - allowed_skew : now + allowed_skew;
  return fail(
      codes::signature_does_not_match,
      late ? fmt::format("Signature expired: {} is now earlier than {} ({} - 15 min.)",
                         authorization.timestamp, format_basic(bound), format_basic(now))
           : fmt::format("Signature not yet current: {} is still later than {} ({} + 15 min.)",
                         authorization.timestamp, format_basic(bound), format_basic(now)));
}

Result<void> check_signed_headers(const RequestView& request, const Authorization& authorization) {
  std::string missing;
  for (const auto& header : request.headers) {
    if (header.name.size() < 6 || !same_name(header.name.substr(0, 6), "x-amz-")) continue;
    const bool is_signed = std::ranges::any_of(authorization.signed_headers, [&](const auto& name) {
      return same_name(name, header.name);
    });
    if (is_signed) continue;
    if (!missing.empty()) missing += ", ";
    for (const char c : header.name)
      missing += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (missing.empty()) return {};
  return fail(Error{larder::codes::access_denied,
                    "There were headers present in the request which were not signed",
                    {{"HeadersNotSigned", missing}}});
}

Result<void> verify(const RequestView& request, const Authorization& authorization,
                    const SigningKey& signing_key, std::string_view payload_hash, Dialect dialect) {
  const std::string canonical =
      canonical_request(request, authorization.signed_headers, payload_hash, dialect);
  const std::string to_sign = string_to_sign(authorization.timestamp, authorization.scope,
                                             canonical, authorization.algorithm);
  if (!verifies(signing_key, to_sign, authorization.signature))
    return mismatch(authorization, to_sign, canonical, dialect);
  return {};
}

}  // namespace larder::sigv4
