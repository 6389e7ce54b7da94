#include "http/tcp_socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include "http/message.h"

namespace larder::http {
namespace {

std::unexpected<Error> cannot_listen(const TcpEndpoint& endpoint, int error) {
  const std::string where = to_string(Endpoint(endpoint));
  if (error == EADDRINUSE) {
    return fail(address_in_use,
                fmt::format("address already in use: {}; another program listens there: stop it, "
                            "or choose another port",
                            where));
  }
  return fail(listen_failed, fmt::format("cannot listen on {}: {}", where,
                                         std::generic_category().message(error)));
}

struct Resolved {
  sockaddr_storage address{};
  socklen_t size = 0;
};

Result<Resolved> resolve(const TcpEndpoint& endpoint) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(endpoint.port);
  const char* host = endpoint.host.empty() ? nullptr : endpoint.host.c_str();
  const int error = ::getaddrinfo(host, port.c_str(), &hints, &found);
  if (error != 0) {
    return fail(listen_failed, fmt::format("cannot listen on {}: {}", to_string(Endpoint(endpoint)),
                                           ::gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  Resolved resolved;
  std::memcpy(&resolved.address, found->ai_addr, found->ai_addrlen);
  resolved.size = found->ai_addrlen;
  return resolved;
}

void set_option(const FileDescriptor& socket, int option) {
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, option, &on, sizeof(on));
}

enum class Share { with_nobody, with_ours };

// Without SO_REUSEPORT until it listens, the first socket fails where anybody else listens; with
// it from then on, the others of ours may join. There is no moment in which two servers can both
// succeed.
Result<FileDescriptor> listen_on(const TcpEndpoint& endpoint, const Resolved& at, Share share) {
  FileDescriptor socket(
      ::socket(at.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return cannot_listen(endpoint, errno);
  set_option(socket, SO_REUSEADDR);
  if (share == Share::with_ours) set_option(socket, SO_REUSEPORT);
  const auto* generic = reinterpret_cast<const sockaddr*>(&at.address);
  if (::bind(socket.get(), generic, at.size) != 0) return cannot_listen(endpoint, errno);
  if (::listen(socket.get(), SOMAXCONN) != 0) return cannot_listen(endpoint, errno);
  if (share == Share::with_nobody) set_option(socket, SO_REUSEPORT);
  return socket;
}

void set_port(Resolved& at, std::uint16_t port) {
  if (at.address.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(at.address).sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in&>(at.address).sin_port = htons(port);
  }
}

}  // namespace

Result<TcpListener> listen_tcp(const TcpEndpoint& endpoint, std::size_t count) {
  TRY(Resolved at, resolve(endpoint));
  TcpListener listener;
  TRY(FileDescriptor first, listen_on(endpoint, at, Share::with_nobody));
  listener.endpoint = local_endpoint(first.get());
  set_port(at, listener.endpoint.port);
  listener.sockets.push_back(std::move(first));
  while (listener.sockets.size() < count) {
    TRY(FileDescriptor next, listen_on(endpoint, at, Share::with_ours));
    listener.sockets.push_back(std::move(next));
  }
  return listener;
}

TcpEndpoint numeric(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    return {text, ntohs(v4.sin_port)};
  }
  if (address.ss_family != AF_INET6) return {};
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    ::inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text, sizeof(text));
  } else {
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
  }
  return {text, ntohs(v6.sin6_port)};
}

TcpEndpoint local_endpoint(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return numeric(address);
}

}  // namespace larder::http
