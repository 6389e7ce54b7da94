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

bool is_loopback(std::string_view host) {
  return host == "localhost" || host.starts_with("127.") || host == "::1";
}

std::string local_address(const http::TcpEndpoint& endpoint) {
  if (endpoint.host == "0.0.0.0") return "127.0.0.1";
  if (endpoint.host == "::") return "::1";
  return endpoint.host;
}

std::string url(Scheme scheme, const std::string& host, std::uint16_t port) {
  return fmt::format("{}://{}", scheme == Scheme::https ? "https" : "http",
                     to_string(http::Endpoint(http::TcpEndpoint{host, port})));
}

}  // namespace larder::server
