#include "http/acceptor.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "base/log.h"
#include "http/connection.h"
#include "http/tcp_socket.h"
#include "http/unix_socket.h"

namespace larder::http {
namespace {

using namespace std::chrono_literals;

// A burst must not keep the core from the connections it has.
constexpr int batch = 16;
constexpr std::string_view too_many =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 21\r\n"
    "Retry-After: 1\r\nConnection: close\r\n\r\ntoo many connections\n";

Peer tcp_peer(int socket, const sockaddr_storage& remote) {
  Peer peer;
  TcpEndpoint there = numeric(remote);
  TcpEndpoint here = local_endpoint(socket);
  peer.address = std::move(there.host);
  peer.port = there.port;
  peer.local_address = std::move(here.host);
  peer.local_port = here.port;
  return peer;
}

}  // namespace

Acceptor::Acceptor(Core& core, FileDescriptor listening, Family family, Service& service,
                   const TlsContext* tls)
    : core_(core),
      listening_(core.io, listening.release()),
      pause_(core.io),
      family_(family),
      service_(service),
      tls_(tls) {}

void Acceptor::start() { wait(); }

void Acceptor::close() {
  boost::system::error_code ignored;
  listening_.close(ignored);
  pause_.cancel();
}

void Acceptor::wait() {
  listening_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                        [this](boost::system::error_code error) {
                          if (error || !listening_.is_open()) return;
                          if (accept_batch()) {
                            wait();
                          } else {
                            pause();
                          }
                        });
}

void Acceptor::pause() {
  pause_.expires_after(100ms);
  pause_.async_wait([this](boost::system::error_code error) {
    if (!error && listening_.is_open()) wait();
  });
}

bool Acceptor::accept_batch() {
  for (int i = 0; i < batch; ++i) {
    sockaddr_storage remote{};
    socklen_t size = sizeof(remote);
    FileDescriptor socket(::accept4(listening_.native_handle(),
                                    reinterpret_cast<sockaddr*>(&remote), &size,
                                    SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        log::error("cannot accept connections: {}", std::generic_category().message(errno));
        core_.population.refused.add();
        return false;
      }
      continue;  // the client was gone before we came to it
    }
    if (core_.population.count() >= core_.options.connections_max) {
      core_.population.refused.add();
      // A TLS client could not read it, and a handshake is what there is no room for.
      if (!tls_)
        ::send(socket.get(), too_many.data(), too_many.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      continue;
    }
    if (family_ == Family::tcp) {
      const int on = 1;
      ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      Peer peer = tcp_peer(socket.get(), remote);
      admit(socket.release(), std::move(peer));
    } else {
      const auto who = unix_peer(socket.get());
      if (!who) continue;
      Peer peer;
      peer.unix_peer = *who;
      peer.secure = true;
      admit(socket.release(), std::move(peer));
    }
  }
  return true;
}

void Acceptor::admit(int socket, Peer peer) {
  core_.population.accepted.add();
  const int family = family_ == Family::tcp ? AF_INET6 : AF_UNIX;
  Socket stream(core_.io, boost::asio::generic::stream_protocol(family, 0), socket);
  std::unique_ptr<TlsSession> tls;
  if (tls_) {
    tls = tls_->new_session(socket);
    if (!tls) return;
    peer.secure = true;
  }
  std::make_shared<Connection>(core_, std::move(stream), std::move(tls), service_, std::move(peer))
      ->spawn();
}

}  // namespace larder::http
