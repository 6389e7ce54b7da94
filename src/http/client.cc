#include "http/client.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>

#include "http/characters.h"
#include "http/chunked.h"
#include "http/parser.h"
#include "http/unix_socket.h"
#include "http/wire.h"

namespace larder::http {
namespace {

using Executor = boost::asio::any_io_executor;
using tcp = boost::asio::ip::tcp;

constexpr auto as_awaitable_tuple = boost::asio::as_tuple(boost::asio::use_awaitable);
constexpr std::size_t receive_buffer = 64 * 1024;
// The one timer bounds all waits; those of the wire are not swept.
constexpr Instant never = Instant::max();

std::unexpected<Error> lost(const Endpoint& endpoint, std::string_view why) {
  return fail(connection_lost, fmt::format("{}: {}", to_string(endpoint), why));
}

// Held by the timer too, which may outlast the request.
struct Attempt {
  explicit Attempt(const Executor& executor) : resolver(executor), wire(Socket(executor)) {}
  void give_up() {
    timed_out = true;
    resolver.cancel();
    boost::system::error_code ignored;
    if (connecting) connecting->close(ignored);
    wire.abort();
  }

  tcp::resolver resolver;
  std::optional<tcp::socket> connecting;
  Wire wire;
  bool timed_out = false;
};

// Tries the endpoint's addresses in turn.
Task<Result<void>> connect_tcp(Attempt& attempt, const Endpoint& endpoint) {
  const auto& where = std::get<TcpEndpoint>(endpoint);
  const std::string port = std::to_string(where.port);
  const auto flags = tcp::resolver::numeric_service;
  const auto [unresolved, addresses] =
      co_await attempt.resolver.async_resolve(where.host, port, flags, as_awaitable_tuple);
  if (unresolved) co_return lost(endpoint, unresolved.message());
  boost::system::error_code last = boost::asio::error::host_not_found;
  for (const auto& candidate : addresses) {
    if (attempt.timed_out) break;
    attempt.connecting.emplace(attempt.resolver.get_executor());
    const auto [error] =
        co_await attempt.connecting->async_connect(candidate.endpoint(), as_awaitable_tuple);
    last = error;
    if (error) continue;
    boost::system::error_code ignored;
    attempt.connecting->set_option(tcp::no_delay(true), ignored);
    attempt.wire.socket() = std::move(*attempt.connecting);
    attempt.connecting.reset();
    co_return Result<void>();
  }
  co_return lost(endpoint, last.message());
}

Result<void> connect_local(Attempt& attempt, const ClientRequest& request) {
  TRY(FileDescriptor socket, connect_unix(std::get<UnixEndpoint>(request.endpoint).path));
  if (request.require_peer_uid) {
    TRY(const UnixPeer peer, unix_peer(socket.get()));
    if (peer.uid != *request.require_peer_uid) {
      return fail(codes::access_denied,
                  fmt::format("{}: the server runs as user {}, not as {}",
                              to_string(request.endpoint), peer.uid, *request.require_peer_uid));
    }
  }
  const boost::asio::generic::stream_protocol protocol(AF_UNIX, 0);
  attempt.wire.socket().assign(protocol, socket.release());
  return {};
}

Result<std::string> make_head(const ClientRequest& request) {
  if (!is_token(request.method)) return fail(bad_request, "the method is not a token");
  if (request.target.empty()) return fail(bad_request, "the target is empty");
  for (const char c : request.target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f) {
      return fail(bad_request, "the target holds a space or control character");
    }
  }
  std::string head = request.method + " " + request.target + " HTTP/1.1\r\n";
  const auto add = [&head](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  const Headers& headers = request.headers;
  const bool local = std::holds_alternative<UnixEndpoint>(request.endpoint);
  if (!headers.contains("Host")) add("Host", local ? "localhost" : to_string(request.endpoint));
  for (const auto& header : headers) {
    if (!is_valid_header(header.name, header.value)) {
      return fail(bad_request, fmt::format("the header `{}` is not valid", header.name));
    }
    add(header.name, header.value);
  }
  const bool empty_by_default = request.method == "GET" || request.method == "HEAD";
  if (!headers.contains("Content-Length") && !headers.contains("Transfer-Encoding") &&
      !(request.body.empty() && empty_by_default)) {
    add("Content-Length", std::to_string(request.body.size()));
  }
  if (!headers.contains("Connection")) add("Connection", "close");
  return head + "\r\n";
}

std::unexpected<Error> malformed(const Endpoint& endpoint, std::string_view why) {
  return fail(malformed_response,
              fmt::format("{} answers no valid HTTP: {}", to_string(endpoint), why));
}

Task<Result<ResponseHead>> read_head(Wire& wire, const Endpoint& endpoint) {
  for (;;) {
    auto head = parse_response_head(wire.buffer().view());
    if (!head) co_return malformed(endpoint, head.error().message);
    if (*head) {
      wire.buffer().consume((*head)->size);
      const bool interim = (*head)->status < 200;
      if (!interim) co_return **std::move(head);
      continue;
    }
    const auto read = co_await wire.fill(receive_buffer, never);
    if (read.outcome != Wire::Outcome::ok) co_return lost(endpoint, "closed without an answer");
  }
}

// Takes what the buffer holds of the body. True: the body is complete.
Result<bool> take_body(InputBuffer& buffer, const ResponseHead& head, ChunkedDecoder& chunks,
                       std::string& body) {
  if (head.framing == Framing::chunked) {
    while (!buffer.empty() && !chunks.done()) {
      TRY(const auto step, chunks.step(buffer.view(), receive_buffer));
      body.append(step.data);
      buffer.consume(step.consumed);
    }
    return chunks.done();
  }
  const std::uint64_t left = head.framing == Framing::length ? head.content_length - body.size()
                                                             : std::uint64_t{buffer.view().size()};
  const std::string_view taken = buffer.view().substr(0, static_cast<std::size_t>(left));
  body.append(taken);
  buffer.consume(taken.size());
  return head.framing == Framing::length && body.size() == head.content_length;
}

Task<Result<std::string>> read_body(Wire& wire, const ClientRequest& request,
                                    const ResponseHead& head) {
  std::string body;
  if (request.method == "HEAD" || head.framing == Framing::none) co_return body;
  ChunkedDecoder chunks;
  for (;;) {
    const auto complete = take_body(wire.buffer(), head, chunks, body);
    if (!complete) co_return malformed(request.endpoint, complete.error().message);
    if (body.size() > request.response_max) {
      co_return fail(response_too_large,
                     fmt::format("the response is larger than {} bytes", request.response_max));
    }
    if (*complete) co_return body;
    const auto read = co_await wire.fill(receive_buffer, never);
    if (read.outcome == Wire::Outcome::ok) continue;
    const bool ends_here =
        read.outcome == Wire::Outcome::end && head.framing == Framing::until_close;
    if (ends_here) co_return body;
    co_return lost(request.endpoint, "the response was cut short");
  }
}

Task<Result<ClientResponse>> exchange(Attempt& attempt, const ClientRequest& request) {
  CO_TRY(const std::string head, make_head(request));
  if (std::holds_alternative<UnixEndpoint>(request.endpoint)) {
    CO_TRY_VOID(connect_local(attempt, request));
  } else {
    CO_TRY_VOID(co_await connect_tcp(attempt, request.endpoint));
  }
  // A server may answer and close before it has taken the whole body: the answer counts.
  co_await attempt.wire.write(head, request.body, std::chrono::milliseconds(0));
  CO_TRY(ResponseHead answer, co_await read_head(attempt.wire, request.endpoint));
  CO_TRY(std::string body, co_await read_body(attempt.wire, request, answer));
  ClientResponse response;
  response.status = answer.status;
  response.headers = std::move(answer.headers);
  response.body = std::move(body);
  co_return response;
}

}  // namespace

Task<Result<ClientResponse>> request(ClientRequest request) {
  const Executor executor = co_await boost::asio::this_coro::executor;
  const auto attempt = std::make_shared<Attempt>(executor);
  boost::asio::steady_timer timer(executor, request.timeout);
  timer.async_wait([weak = std::weak_ptr(attempt)](boost::system::error_code error) {
    const auto live = weak.lock();
    if (!error && live) live->give_up();
  });
  auto outcome = co_await exchange(*attempt, request);
  if (!outcome && attempt->timed_out) {
    co_return lost(request.endpoint,
                   fmt::format("no answer within {} ms", request.timeout.count()));
  }
  co_return outcome;
}

Result<ClientResponse> request_blocking(ClientRequest request) {
  boost::asio::io_context io(1);
  std::optional<Result<ClientResponse>> outcome;
  std::exception_ptr thrown;
  boost::asio::co_spawn(io, http::request(std::move(request)),
                        [&](std::exception_ptr exception, Result<ClientResponse> result) {
                          thrown = std::move(exception);
                          outcome = std::move(result);
                        });
  io.run();
  if (thrown) std::rethrow_exception(thrown);
  return *std::move(outcome);
}

}  // namespace larder::http
