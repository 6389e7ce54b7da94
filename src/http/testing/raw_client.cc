#include "http/testing/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>

#include "base/check.h"
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

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::shutdown_send() { ::shutdown(socket_.get(), SHUT_WR); }

bool RawClient::fill() {
  std::array<char, 64 * 1024> buffer;
  const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
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

TestServer::TestServer(LambdaService::Body body, ServerOptions options)
    : service_(std::move(body)), server_(clock_, std::move(options)) {
  const auto listening = server_.add_listener(TcpEndpoint{"127.0.0.1", 0}, service_);
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
