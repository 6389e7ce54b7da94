// Where a server listens and a client connects: TCP or a Unix socket.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <variant>

namespace larder::http {

/// `host`: a name or a numeric address without brackets. Port 0 is any free port (to listen).
struct TcpEndpoint {
  std::string host;
  std::uint16_t port = 0;
  friend bool operator==(const TcpEndpoint&, const TcpEndpoint&) = default;
};

/// `path` may be longer than the 108 bytes of sockaddr_un. `mode` is for listening: who may
/// connect; it holds from the first moment the socket can be seen.
struct UnixEndpoint {
  std::string path;
  mode_t mode = 0600;
  friend bool operator==(const UnixEndpoint&, const UnixEndpoint&) = default;
};

using Endpoint = std::variant<TcpEndpoint, UnixEndpoint>;

/// For people: "127.0.0.1:9000", "[::1]:9000", "unix:/run/larder.sock".
std::string to_string(const Endpoint& endpoint);

}  // namespace larder::http
