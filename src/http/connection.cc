#include "http/connection.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include "base/log.h"

namespace larder::http {
namespace {

// Most heads fit; idle connections hold no more than this.
constexpr std::size_t head_buffer = 8 * 1024;

std::string describe(std::exception_ptr thrown) {
  try {
    std::rethrow_exception(std::move(thrown));
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

}  // namespace

Connection::Connection(Core& core, Socket socket, std::unique_ptr<TlsSession> tls, Service& service,
                       Peer peer)
    : core_(core),
      wire_(std::move(socket), std::move(tls)),
      service_(service),
      peer_(std::move(peer)) {
  core_.population.enter();
  place_ = core_.connections.insert(core_.connections.end(), this);
}

Connection::~Connection() {
  core_.connections.erase(place_);
  core_.population.leave();
}

void Connection::spawn() {
  auto self = shared_from_this();
  auto done = [self](std::exception_ptr thrown) {
    if (!thrown || self->core_.stopping) return;
    log::error("a connection ended by an exception: {}", describe(std::move(thrown)));
  };
  boost::asio::co_spawn(
      core_.io, [self] { return self->run(); },
      boost::asio::bind_cancellation_slot(cancel_.slot(), std::move(done)));
}

void Connection::sweep(Instant now) {
  const bool before = wire_.expired();
  wire_.sweep(now);
  if (wire_.expired() && !before) core_.population.swept.add();
}

void Connection::stop_if_idle() {
  if (waiting_ == Waiting::for_a_request) wire_.abort();
  if (waiting_ != Waiting::for_the_rest_of_a_head) return;
  head_deadline_ = std::min(head_deadline_, wire_.now() + core_.options.stopping_head_deadline);
  wire_.shorten_read(head_deadline_);
}

void Connection::abort() {
  wire_.abort();
  cancel_.emit(boost::asio::cancellation_type::terminal);
}

Task<void> Connection::run() {
  if (wire_.secure()) {
    const bool ready = co_await shake_hands();
    if (!ready) co_return;
  }
  for (;;) {
    std::optional<Result<RequestHead>> head = co_await read_head();
    if (!head) {
      wire_.say_goodbye();
      co_return;
    }
    if (!*head) {
      co_await refuse(std::move(*head).error());
      co_return;
    }
    const bool go_on = co_await serve(**std::move(head));
    if (!go_on) co_return;
    first_ = false;
  }
}

Task<bool> Connection::shake_hands() {
  if (core_.stopping) co_return false;
  waiting_ = Waiting::for_a_request;
  const auto outcome = co_await wire_.shake_hands(wire_.now() + core_.options.head_deadline);
  waiting_ = Waiting::for_nothing;
  if (outcome != Wire::Outcome::ok) co_return false;
  if (wire_.secure()) co_return true;
  Error error{bad_request, "this port speaks TLS: use https:// instead of http://"};
  co_await refuse(std::move(error));
  co_return false;
}

Task<std::optional<Result<RequestHead>>> Connection::read_head() {
  const ServerOptions& options = core_.options;
  const HeadLimits limits{options.head_max, options.headers_count_max};
  InputBuffer& buffer = wire_.buffer();
  if (buffer.empty()) buffer.shrink(head_buffer);
  std::size_t scanned = 0;
  head_deadline_ =
      wire_.now() + (first_ || !buffer.empty() ? options.head_deadline : options.idle_deadline);
  for (;;) {
    // Some clients end a body with a line end that is not part of it.
    if (scanned == 0 && buffer.view() == "\r\n") buffer.consume(2);
    if (!buffer.empty()) {
      const auto end = find_head_end(buffer.view(), scanned, limits);
      if (!end) co_return fail(end.error());
      if (*end) break;
    }
    if (core_.stopping && buffer.empty()) co_return std::nullopt;
    const bool was_empty = buffer.empty();
    waiting_ = was_empty ? Waiting::for_a_request : Waiting::for_the_rest_of_a_head;
    const Wire::Read read = co_await wire_.fill(head_buffer, head_deadline_);
    waiting_ = Waiting::for_nothing;
    // A server that stops does not wait for the client to take a 408 in.
    if (read.outcome == Wire::Outcome::expired && !was_empty && !core_.stopping) {
      co_return fail(head_timeout, "the request's head did not arrive in time");
    }
    if (read.outcome != Wire::Outcome::ok) co_return std::nullopt;
    if (was_empty) head_deadline_ = wire_.now() + options.head_deadline;
  }
  auto head = parse_request_head(buffer.view().substr(0, scanned), limits);
  if (!head) co_return fail(std::move(head).error());
  buffer.consume(scanned);
  if ((*head)->content_length > options.body_max) {
    co_return fail(body_too_large, "the body is too large");
  }
  co_return Result<RequestHead>(**std::move(head));
}

Task<bool> Connection::serve(RequestHead head) {
  RequestBody body(wire_, core_.options, head);
  Response response(core_, wire_, body, head);
  Request request{std::move(head.method),
                  std::move(head.target),
                  head.minor_version,
                  std::move(head.headers),
                  peer_,
                  body};
  const auto thrown = co_await call_service(request, response);
  if (thrown && !core_.stopping) {
    log::error("{} failed by an exception: {}", request.method, *thrown);
  }
  if (!thrown && !response.started() && !core_.stopping) {
    log::error("{} got no response", request.method);
  }
  if (!response.started()) {
    Headers closing;
    closing.add("Connection", "close");
    co_await response.send(500, std::move(closing), "Internal Server Error\n");
  }
  if (!response.complete()) co_return false;
  if (!thrown && response.keeps_connection()) {
    if (body.finished()) co_return true;
    const bool drained = co_await body.drain();
    if (drained) co_return true;
  }
  if (core_.stopping && body.finished()) {
    wire_.say_goodbye();
  } else {
    co_await linger();
  }
  co_return false;
}

Task<std::optional<std::string>> Connection::call_service(Request& request,
                                                          ResponseWriter& response) {
  std::exception_ptr thrown;
  try {
    co_await service_.serve(request, response);
    co_return std::nullopt;
  } catch (...) {
    thrown = std::current_exception();
  }
  co_return describe(std::move(thrown));
}

Task<void> Connection::refuse(Error error) {
  const std::string body = error.message + "\n";
  const int status = error.code.http_status;
  const std::string head = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n"
      "Date: {}\r\nConnection: close\r\n\r\n",
      status, reason_phrase(status), body.size(), core_.date.now());
  const auto sent = co_await wire_.write(head, body, core_.options.body_stall_deadline);
  if (sent == Wire::Outcome::ok) co_await linger();
}

Task<void> Connection::linger() {
  wire_.shutdown_send();
  const Instant deadline = wire_.now() + core_.options.linger;
  std::array<char, 16 * 1024> dropped;
  for (;;) {
    const std::span<char> into(dropped);
    const Wire::Read read = co_await wire_.read(into, deadline);
    if (read.outcome != Wire::Outcome::ok || wire_.now() >= deadline) co_return;
  }
}

}  // namespace larder::http
