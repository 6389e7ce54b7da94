#include "sigv4/canonical.h"

#include <algorithm>

#include "codec/base64.h"
#include "codec/digest.h"
#include "codec/uri.h"

namespace larder::sigv4 {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// RFC 3986 §5.2.4, and empty segments go as well.
std::string normalize(std::string_view path) {
  std::vector<std::string_view> kept;
  std::size_t start = 0;
  while (start <= path.size()) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view segment = path.substr(start, end - start);
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
    start = end + 1;
  }
  std::string out;
  for (const auto segment : kept) (out += '/') += segment;
  if (out.empty() || path.ends_with('/')) out += '/';
  return out;
}

void append_value(std::string& out, std::string_view value) {
  const auto first = value.find_first_not_of(" \t");
  if (first == value.npos) return;
  value = value.substr(first, value.find_last_not_of(" \t") - first + 1);
  if (!value.contains("  ")) {
    out += value;
    return;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == ' ' && i > 0 && value[i - 1] == ' ') continue;
    out += value[i];
  }
}

void append_headers(std::string& out, std::span<const HeaderView> headers,
                    std::span<const std::string> names) {
  for (const auto& name : names) {
    (out += name) += ':';
    bool first = true;
    for (const auto& header : headers) {
      if (!same_name(header.name, name)) continue;
      if (!first) out += ',';
      first = false;
      append_value(out, header.value);
    }
    out += '\n';
  }
}

// A bad escape cannot be verified by anybody: it goes in as it is and the signature will not match.
std::string recode(std::string_view raw, bool keep_slash) {
  const auto decoded = percent_decode(raw);
  return percent_encode(decoded ? *decoded : std::string(raw), keep_slash);
}

}  // namespace

std::string_view algorithm_name(Algorithm algorithm) {
  return algorithm == Algorithm::hmac ? "AWS4-HMAC-SHA256" : "AWS4-ECDSA-P256-SHA256";
}

std::string Scope::str() const {
  std::string out = date;
  if (!region.empty()) (out += '/') += region;
  ((out += '/') += service) += "/aws4_request";
  return out;
}

std::string canonical_path(std::string_view raw_path, Dialect dialect) {
  if (raw_path.empty()) return "/";
  if (dialect == Dialect::s3) return recode(raw_path, true);
  return percent_encode(recode(normalize(raw_path), true), true);
}

std::string canonical_query(std::string_view raw_query) {
  std::vector<std::pair<std::string, std::string>> all;
  while (!raw_query.empty()) {
    const auto item = raw_query.substr(0, raw_query.find('&'));
    raw_query.remove_prefix(std::min(raw_query.size(), item.size() + 1));
    if (item.empty()) continue;
    const auto equals = item.find('=');
    auto name = recode(item.substr(0, equals), false);
    if (name == "X-Amz-Signature") continue;
    all.emplace_back(std::move(name),
                     equals == item.npos ? "" : recode(item.substr(equals + 1), false));
  }
  std::ranges::sort(all);
  std::string out;
  for (const auto& [name, value] : all) {
    if (!out.empty()) out += '&';
    ((out += name) += '=') += value;
  }
  return out;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string canonical_headers(std::span<const HeaderView> headers,
                              std::span<const std::string> names) {
  std::string out;
  append_headers(out, headers, names);
  return out;
}

std::string canonical_request(const RequestView& request,
                              std::span<const std::string> signed_headers,
                              std::string_view payload_hash, Dialect dialect) {
  std::string out;
  out.reserve(2048);  // most have a session token
  (out += request.method) += '\n';
  (out += canonical_path(request.path, dialect)) += '\n';
  (out += canonical_query(request.query)) += '\n';
  append_headers(out, request.headers, signed_headers);
  out += '\n';
  for (const auto& name : signed_headers) {
    if (&name != &signed_headers.front()) out += ';';
    out += name;
  }
  (out += '\n') += payload_hash;
  return out;
}

std::string string_to_sign(std::string_view timestamp, const Scope& scope,
                           std::string_view canonical_request, Algorithm algorithm) {
  std::string out(algorithm_name(algorithm));
  (out += '\n') += timestamp;
  (out += '\n') += scope.str();
  (out += '\n') += sha256_hex(canonical_request);
  return out;
}

Secret signing_key(const Secret& secret_access_key, const Scope& scope) {
  const Secret start("AWS4" + std::string(secret_access_key.reveal()));
  const Secret date(hmac_sha256(start.reveal(), scope.date));
  const Secret region(hmac_sha256(date.reveal(), scope.region));
  const Secret service(hmac_sha256(region.reveal(), scope.service));
  return Secret(hmac_sha256(service.reveal(), "aws4_request"));
}

std::string sign(const Secret& signing_key, std::string_view text) {
  return hex_encode(hmac_sha256(signing_key.reveal(), text));
}

std::string_view header(const RequestView& request, std::string_view name) {
  for (const auto& candidate : request.headers)
    if (same_name(candidate.name, name)) return candidate.value;
  return {};
}

}  // namespace larder::sigv4
