#include "http/endpoint.h"

#include <fmt/format.h>

namespace larder::http {

std::string to_string(const Endpoint& endpoint) {
  if (const auto* local = std::get_if<UnixEndpoint>(&endpoint)) return "unix:" + local->path;
  const auto& tcp = std::get<TcpEndpoint>(endpoint);
  const bool bracketed = tcp.host.contains(':');
  return fmt::format("{}{}{}:{}", bracketed ? "[" : "", tcp.host, bracketed ? "]" : "", tcp.port);
}

}  // namespace larder::http
