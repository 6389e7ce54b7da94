#include "http/testing/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <csignal>

#include "base/check.h"
#include "http/openssl.h"
#include "http/parser.h"

namespace larder::http::testing {
namespace {

void set_receive_limit(const FileDescriptor& socket) {
  const timeval limit{20, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

}  // namespace

RawClient::RawClient(std::uint16_t port, int receive_buffer)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  CHECK(static_cast<bool>(socket_));
  if (receive_buffer > 0) {
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  set_receive_limit(socket_);
}

RawClient::RawClient(FileDescriptor connected) : socket_(std::move(connected)) {
  set_receive_limit(socket_);
}

bool RawClient::start_tls(const TlsTerms& terms) {
  // OpenSSL's sockets raise it, in this thread, where the server has closed.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  const std::unique_ptr<SSL_CTX, openssl::Deleter<SSL_CTX_free>> context(
      SSL_CTX_new(TLS_client_method()));
  // So that even versions may be asked for that nobody should speak.
  CHECK(SSL_CTX_set_cipher_list(context.get(), "DEFAULT@SECLEVEL=0") == 1);
  SSL_CTX_set_min_proto_version(context.get(), terms.version != 0 ? terms.version : TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), terms.version);
  const auto pem = openssl::reader(terms.trusted);
  const auto trusted = openssl::read_certificate(pem.get());
  if (trusted) X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), trusted.get());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  tls_.reset(SSL_new(context.get()));
  X509_VERIFY_PARAM_set_flags(SSL_get0_param(tls_.get()), X509_V_FLAG_X509_STRICT);
  CHECK(SSL_set1_host(tls_.get(), terms.server_name.c_str()) == 1);
  SSL_set_tlsext_host_name(tls_.get(), terms.server_name.c_str());
  if (!terms.protocol.empty()) {
    const std::string wire = static_cast<char>(terms.protocol.size()) + terms.protocol;
    SSL_set_alpn_protos(tls_.get(), reinterpret_cast<const unsigned char*>(wire.data()),
                        static_cast<unsigned>(wire.size()));
  }
  if (terms.resume_from) SSL_set_session(tls_.get(), SSL_get0_session(terms.resume_from));
  SSL_set_fd(tls_.get(), socket_.get());
  ERR_clear_error();
  return SSL_connect(tls_.get()) == 1;
}

bool RawClient::was_told_the_end() const {
  return tls_ && (SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    ERR_clear_error();
    const auto sent =
        tls_ ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
             : static_cast<int>(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::shutdown_send() {
  if (tls_) {
    SSL_shutdown(tls_.get());
  } else {
    ::shutdown(socket_.get(), SHUT_WR);
  }
}

bool RawClient::fill() {
  std::array<char, 64 * 1024> buffer;
  ERR_clear_error();
  const ssize_t count = tls_ ? SSL_read(tls_.get(), buffer.data(), static_cast<int>(buffer.size()))
                             : ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (count <= 0) return false;
  received_.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

RawClient::Response RawClient::receive(bool to_head) {
  for (;;) {
    auto head = parse_response_head(received_);
    if (!head) return {};
    if (!*head) {
      if (!fill()) return {};
      continue;
    }
    received_.erase(0, (*head)->size);
    Response response;
    response.status = (*head)->status;
    response.headers = std::move((*head)->headers);
    if (!to_head) response.body = receive_bytes((*head)->content_length);
    return response;
  }
}

std::string RawClient::receive_bytes(std::size_t count) {
  while (received_.size() < count && fill()) {
  }
  std::string bytes = received_.substr(0, count);
  received_.erase(0, bytes.size());
  return bytes;
}

std::string RawClient::receive_to_end() {
  while (fill()) {
  }
  return std::exchange(received_, {});
}

bool RawClient::at_end() { return receive_to_end().empty(); }

ServerOptions TestServer::two_cores() {
  ServerOptions options;
  options.cores = 2;
  return options;
}

TestServer::TestServer(LambdaService::Body body, ServerOptions options, const TlsContext* tls)
    : service_(std::move(body)), server_(clock_, std::move(options)) {
  const auto listening = server_.add_listener(TcpEndpoint{"127.0.0.1", 0}, service_, tls);
  CHECK(listening.has_value());
  port_ = std::get<TcpEndpoint>(*listening).port;
  server_.start();
}

Task<Result<std::string>> read_all(ByteSource& body) {
  std::string text;
  std::array<char, 64 * 1024> buffer;
  for (;;) {
    const std::span<char> into(buffer);
    CO_TRY(const std::size_t count, co_await body.read(into));
    if (count == 0) co_return text;
    text.append(buffer.data(), count);
  }
}

}  // namespace larder::http::testing
