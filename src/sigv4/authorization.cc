#include "sigv4/authorization.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "codec/iso8601.h"
#include "codec/uri.h"

namespace larder::sigv4 {
namespace {

constexpr long week = 604'800;

std::unexpected<Error> malformed(Dialect dialect, std::string_view what) {
  if (dialect == Dialect::s3)
    return fail(codes::authorization_header_malformed,
                fmt::format("The authorization header is malformed; {}", what));
  return fail(dialect == Dialect::ec2 ? codes::auth_failure : codes::incomplete_signature,
              std::string(what));
}

std::unexpected<Error> query_error(Dialect dialect, std::string_view what) {
  return fail(dialect == Dialect::s3 ? codes::authorization_query_parameters_error
                                     : codes::incomplete_signature,
              std::string(what));
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The one that `text` starts with, as a word.
std::optional<Algorithm> parse_algorithm(std::string_view text) {
  const auto word = text.substr(0, text.find(' '));
  for (const auto algorithm : {Algorithm::hmac, Algorithm::ecdsa})
    if (word == algorithm_name(algorithm)) return algorithm;
  return std::nullopt;
}

/// AKID/date/region/service/aws4_request, in SigV4A without the region; the access key id may
/// itself not hold a slash.
bool parse_credential(std::string_view credential, Authorization& into) {
  auto parts = split(credential, '/');
  if (into.algorithm == Algorithm::ecdsa && parts.size() == 4) parts.insert(parts.begin() + 2, "*");
  if (parts.size() != 5 || parts[4] != "aws4_request") return false;
  if (std::ranges::any_of(parts, [](auto part) { return part.empty(); })) return false;
  if (parts[0].size() > 128 || parts[1].size() != 8) return false;
  into.access_key_id = parts[0];
  into.scope = {std::string(parts[1]), std::string(parts[2]), std::string(parts[3])};
  if (into.algorithm == Algorithm::ecdsa) into.scope.region.clear();
  return true;
}

bool parse_signed_headers(std::string_view list, Authorization& into) {
  for (const auto name : split(list, ';')) {
    if (name.empty() || std::ranges::any_of(name, [](char c) { return c >= 'A' && c <= 'Z'; }))
      return false;
    into.signed_headers.emplace_back(name);
  }
  return std::ranges::is_sorted(into.signed_headers) &&
         std::ranges::find(into.signed_headers, "host") != into.signed_headers.end();
}

std::string_view find(const Parameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters)
    if (key == name) return value;
  return {};
}

/// Of two of one name, which would count? Neither.
bool repeats_signature_parameter(const Parameters& query) {
  for (const auto& [name, value] : query) {
    const auto same = [&](const auto& other) { return other.first == name; };
    if (name.starts_with("X-Amz-") && std::ranges::count_if(query, same) > 1) return true;
  }
  return false;
}

/// x-amz-date, or the Date header where that is missing.
std::optional<Time> request_time(const RequestView& request, std::string& text) {
  const auto amz = header(request, "x-amz-date");
  std::optional<Time> time;
  if (amz.data() != nullptr) {
    time = parse_basic(trim(amz));
  } else {
    const auto date = trim(header(request, "date"));
    time = parse_http_date(date);
    if (!time) time = parse_basic(date);
  }
  if (time) text = format_basic(*time);
  return time;
}

Result<std::optional<Authorization>> from_header(const RequestView& request, std::string_view value,
                                                 Dialect dialect) {
  Authorization found{.carrier = Carrier::header};
  found.algorithm = parse_algorithm(value).value_or(Algorithm::hmac);
  value = trim(value.substr(algorithm_name(found.algorithm).size()));
  std::string_view credential, signed_headers, signature;
  for (const auto part : split(value, ',')) {
    const auto item = trim(part);
    const auto equals = item.find('=');
    if (equals == item.npos)
      return malformed(dialect, "an element of the header is not of the form Name=Value.");
    const auto name = item.substr(0, equals);
    if (name == "Credential") credential = item.substr(equals + 1);
    if (name == "SignedHeaders") signed_headers = item.substr(equals + 1);
    if (name == "Signature") signature = item.substr(equals + 1);
  }
  if (credential.empty()) return malformed(dialect, "missing Credential.");
  if (signed_headers.empty()) return malformed(dialect, "missing SignedHeaders.");
  if (signature.empty()) return malformed(dialect, "missing Signature.");
  if (!parse_credential(credential, found))
    return malformed(dialect,
                     "the Credential is mal-formed; expecting "
                     "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
  if (!parse_signed_headers(signed_headers, found))
    return malformed(dialect, "SignedHeaders must be lower case, sorted, and hold host.");
  found.signature = signature;
  found.region_set = trim(header(request, "x-amz-region-set"));
  if (found.algorithm == Algorithm::ecdsa &&
      std::ranges::find(found.signed_headers, "x-amz-region-set") == found.signed_headers.end())
    return malformed(dialect, "SignedHeaders must hold x-amz-region-set.");

  const auto time = request_time(request, found.timestamp);
  if (!time)
    return dialect == Dialect::s3
               ? fail(larder::codes::access_denied,
                      "AWS authentication requires a valid Date or x-amz-date header")
               : malformed(dialect,
                           "Authorization header requires existence of either a 'X-Amz-Date' or a "
                           "'Date' header.");
  found.time = *time;
  if (!found.timestamp.starts_with(found.scope.date))
    return malformed(
        dialect,
        fmt::format(
            "Invalid credential date \"{}\". This date is not the same as X-Amz-Date: \"{}\".",
            found.scope.date, found.timestamp.substr(0, 8)));
  const auto token = header(request, "x-amz-security-token");
  if (token.data() != nullptr) found.session_token = trim(token);
  return found;
}

Result<Seconds> parse_expires(std::string_view text, Dialect dialect) {
  long seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc::result_out_of_range)
    return query_error(
        dialect,
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
        "must be less than 604800 seconds");
  if (error != std::errc() || end != text.data() + text.size())
    return query_error(dialect, "X-Amz-Expires should be a number");
  if (seconds < 0) return query_error(dialect, "X-Amz-Expires must be non-negative");
  if (seconds > week)
    return query_error(
        dialect,
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
        "must be less than 604800 seconds");
  return Seconds(seconds);
}

Result<std::optional<Authorization>> from_query(const Parameters& query, Dialect dialect) {
  constexpr std::string_view required[] = {"X-Amz-Algorithm",     "X-Amz-Credential",
                                           "X-Amz-Signature",     "X-Amz-Date",
                                           "X-Amz-SignedHeaders", "X-Amz-Expires"};
  for (const auto name : required)
    if (find(query, name).empty())
      return query_error(
          dialect,
          "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
          "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
  Authorization found{.carrier = Carrier::query};
  const auto algorithm = parse_algorithm(find(query, "X-Amz-Algorithm"));
  if (!algorithm)
    return query_error(
        dialect, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"");
  found.algorithm = *algorithm;
  found.region_set = find(query, "X-Amz-Region-Set");
  if (!parse_credential(find(query, "X-Amz-Credential"), found))
    return query_error(
        dialect,
        "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
        "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
  if (!parse_signed_headers(find(query, "X-Amz-SignedHeaders"), found))
    return query_error(dialect, "X-Amz-SignedHeaders must be lower case, sorted, and hold host.");
  const auto time = parse_basic(find(query, "X-Amz-Date"));
  if (!time)
    return query_error(dialect,
                       "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  found.time = *time;
  found.timestamp = find(query, "X-Amz-Date");
  if (!found.timestamp.starts_with(found.scope.date))
    return query_error(
        dialect,
        fmt::format(
            "Invalid credential date \"{}\". This date is not the same as X-Amz-Date: \"{}\".",
            found.scope.date, found.timestamp.substr(0, 8)));
  TRY(found.expires, parse_expires(find(query, "X-Amz-Expires"), dialect));
  found.signature = find(query, "X-Amz-Signature");
  const auto token = find(query, "X-Amz-Security-Token");
  if (!token.empty()) found.session_token = token;
  return found;
}

}  // namespace

Result<std::optional<Authorization>> parse_authorization(const RequestView& request,
                                                         Dialect dialect) {
  const auto value = trim(header(request, "authorization"));
  const auto query = parse_query(request.query);
  const bool presigned = query && std::ranges::any_of(*query, [](const auto& parameter) {
                           return parameter.first == "X-Amz-Algorithm" ||
                                  parameter.first == "X-Amz-Signature" ||
                                  parameter.first == "X-Amz-Credential";
                         });
  if (!value.empty() && presigned)
    return fail(larder::codes::invalid_argument,
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
                "Signature query string "
                "parameter or the Authorization header should be specified");
  if (std::ranges::count_if(request.headers, [](const HeaderView& h) {
        return same_name(h.name, "authorization");
      }) > 1)
    return fail(larder::codes::invalid_argument, "There must be one Authorization header only.");
  if (presigned) {
    if (repeats_signature_parameter(*query))
      return query_error(dialect, "A query parameter of the signature must be given once only.");
    return from_query(*query, dialect);
  }
  // Signature version 2, which some clients still presign with unless they are told otherwise.
  const bool version_2 = value.starts_with("AWS ") ||
                         (value.empty() && query && !find(*query, "AWSAccessKeyId").empty() &&
                          !find(*query, "Signature").empty());
  if (version_2 && dialect == Dialect::s3)
    return fail(codes::invalid_request,
                "The authorization mechanism you have provided is not supported. Please use "
                "AWS4-HMAC-SHA256.");
  const bool presented = header(request, "authorization").data() != nullptr;
  if (!presented) return std::nullopt;
  if (!parse_algorithm(value))
    return dialect == Dialect::s3
               ? fail(larder::codes::invalid_argument, "Unsupported Authorization Type")
               : malformed(dialect,
                           "Unsupported AWS 'algorithm' in the Authorization header; expecting "
                           "AWS4-HMAC-SHA256.");
  return from_header(request, value, dialect);
}

}  // namespace larder::sigv4
