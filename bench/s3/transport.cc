#include "bench/s3/transport.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

namespace larder::bench {
namespace {

std::unexpected<Error> unavailable(std::string message) {
  return fail(codes::service_unavailable, std::move(message));
}

std::string tls_reason() {
  const unsigned long error = ERR_get_error();
  if (error == 0) return "the server ended the handshake";
  std::array<char, 256> text{};
  ERR_error_string_n(error, text.data(), text.size());
  return text.data();
}

Transport::Io outcome_of(ssize_t count) {
  if (count > 0) return {Transport::Outcome::ok, static_cast<std::size_t>(count)};
  const bool is_later = count < 0 && (errno == EAGAIN || errno == EINTR);
  return {is_later ? Transport::Outcome::later : Transport::Outcome::lost};
}

}  // namespace

void Server::FreeAddresses::operator()(addrinfo* addresses) const { freeaddrinfo(addresses); }

Result<Server> Server::find(const http::Url& url, const TlsOptions& options) {
  Server server;
  server.host_ = url.host;
  const addrinfo hints{.ai_flags = AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
  addrinfo* found = nullptr;
  const int error = getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &found);
  if (error != 0) return unavailable(fmt::format("{}: {}", url.host, gai_strerror(error)));
  server.addresses_.reset(found);
  if (url.scheme != "https") return server;

  server.tls_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = server.tls_.get();
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context, options.insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  const int loaded = options.ca_file.empty()
                         ? SSL_CTX_set_default_verify_paths(context)
                         : SSL_CTX_load_verify_file(context, options.ca_file.c_str());
  if (loaded != 1) return unavailable(fmt::format("{}: {}", options.ca_file, tls_reason()));
  return server;
}

Result<Transport> Transport::connect(const Server& server) {
  int error = 0;
  for (const addrinfo* at = server.addresses_.get(); at != nullptr; at = at->ai_next) {
    http::FileDescriptor socket(::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, 0));
    if (!socket || ::connect(socket.get(), at->ai_addr, at->ai_addrlen) != 0) {
      error = errno;
      continue;
    }
    const int on = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Transport transport(std::move(socket));
    if (server.tls_) TRY_VOID(transport.start_tls(server));
    if (fcntl(transport.descriptor(), F_SETFL, O_NONBLOCK) != 0)
      return unavailable(fmt::format("fcntl: {}", strerror(errno)));
    return transport;
  }
  return unavailable(fmt::format("no connection to {}: {}", server.host_, strerror(error)));
}

Result<void> Transport::start_tls(const Server& server) {
  tls_.reset(SSL_new(server.tls_.get()));
  SSL_set_fd(tls_.get(), descriptor());
  SSL_set_tlsext_host_name(tls_.get(), server.host_.c_str());
  SSL_set1_host(tls_.get(), server.host_.c_str());
  if (SSL_connect(tls_.get()) == 1) return {};
  return unavailable(fmt::format("no TLS with {}: {}", server.host_, tls_reason()));
}

Transport::Io Transport::tls_outcome(int result) const {
  const int error = SSL_get_error(tls_.get(), result);
  const bool is_later = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
  ERR_clear_error();
  return {is_later ? Outcome::later : Outcome::lost};
}

Transport::Io Transport::write(std::string_view first, std::string_view second) {
  if (tls_) {
    const std::string_view text = first.empty() ? second : first;
    std::size_t count = 0;
    const int result = SSL_write_ex(tls_.get(), text.data(), text.size(), &count);
    return result == 1 ? Io{Outcome::ok, count} : tls_outcome(result);
  }
  std::array<iovec, 2> parts{{{const_cast<char*>(first.data()), first.size()},
                              {const_cast<char*>(second.data()), second.size()}}};
  const msghdr message{.msg_iov = parts.data(), .msg_iovlen = parts.size()};
  return outcome_of(sendmsg(descriptor(), &message, MSG_NOSIGNAL));
}

Transport::Io Transport::send_file(int file, off_t from, off_t end) {
  return outcome_of(sendfile(descriptor(), file, &from, static_cast<std::size_t>(end - from)));
}

Transport::Io Transport::read(std::span<char> into) {
  if (tls_) {
    std::size_t count = 0;
    const int result = SSL_read_ex(tls_.get(), into.data(), into.size(), &count);
    return result == 1 ? Io{Outcome::ok, count} : tls_outcome(result);
  }
  return outcome_of(recv(descriptor(), into.data(), into.size(), 0));
}

// Linux: MSG_TRUNC on TCP discards (tcp(7)).
Transport::Io Transport::drop(std::size_t count) {
  return outcome_of(recv(descriptor(), nullptr, count, MSG_TRUNC));
}

}  // namespace larder::bench
