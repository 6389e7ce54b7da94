#include "sigv4/sign.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/iso8601.h"
#include "sigv4/canonical.h"

namespace larder::sigv4 {

std::vector<std::pair<std::string, std::string>> sign_request(const Unsigned& request,
                                                              const Credentials& credentials,
                                                              const std::string& region,
                                                              const std::string& service,
                                                              Time now) {
  const std::string timestamp = format_basic(now);
  const Scope scope{timestamp.substr(0, 8), region, service};
  std::vector<std::pair<std::string, std::string>> added = {{"x-amz-date", timestamp}};
  if (credentials.session_token)
    added.emplace_back("x-amz-security-token", *credentials.session_token);
  if (service == "s3") added.emplace_back("x-amz-content-sha256", request.payload_hash);

  std::vector<HeaderView> views;
  for (const auto& [name, value] : request.headers) views.push_back({name, value});
  for (const auto& [name, value] : added) views.push_back({name, value});
  std::vector<std::string> names;
  for (const auto& view : views) {
    std::string name(view.name);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());

  const RequestView view{request.method, request.path, request.query, views};
  const auto canonical = canonical_request(view, names, request.payload_hash,
                                           service == "s3" ? Dialect::s3 : Dialect::query);
  const auto signature = sign(signing_key(credentials.secret_access_key, scope),
                              string_to_sign(timestamp, scope, canonical));
  added.emplace_back(
      "authorization",
      fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
                  credentials.access_key_id, scope.str(), fmt::join(names, ";"), signature));
  return added;
}

}  // namespace larder::sigv4
