#include "server/address.h"

#include <fmt/format.h>

#include <charconv>

#include "server/config.h"

namespace larder::server {

Result<http::TcpEndpoint> parse_address(std::string_view text, std::string_view option) {
  const auto colon = text.rfind(':');
  std::uint16_t port = 0;
  const auto digits = colon == text.npos ? std::string_view() : text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size())
    return fail(
        codes::bad_configuration,
        fmt::format("{} {} is not HOST:PORT, like 127.0.0.1:9000 or [::1]:9000", option, text));
  std::string host(text.substr(0, colon));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) host = "0.0.0.0";
  return http::TcpEndpoint{std::move(host), port};
}

std::string local_url(const http::TcpEndpoint& endpoint) {
  std::string host = endpoint.host;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.find(':') != host.npos) host = "[" + host + "]";
  return fmt::format("http://{}:{}", host, endpoint.port);
}

}  // namespace larder::server
