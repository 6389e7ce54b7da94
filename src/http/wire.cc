#include "http/wire.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>

#include "base/check.h"

namespace larder::http {
namespace {

using boost::asio::post;
using boost::asio::use_awaitable;

constexpr auto as_awaitable_tuple = boost::asio::as_tuple(use_awaitable);

// What a TLS connection moves before others have their turn: a plain one lets them at every read
// and write, TLS only where the socket makes it wait. An operation counts as a page at least.
constexpr std::size_t turn = 256 * 1024;
constexpr std::size_t operation_min = 4 * 1024;

}  // namespace

void InputBuffer::consume(std::size_t count) {
  CHECK(count <= end_ - begin_);
  begin_ += count;
  if (begin_ == end_) begin_ = end_ = 0;
}

std::span<char> InputBuffer::room(std::size_t capacity) {
  const std::size_t held = end_ - begin_;
  std::size_t wanted = std::max(capacity, capacity_);
  if (held == wanted) wanted += wanted / 2 + 1;
  if (wanted > capacity_) {
    auto grown = std::make_unique_for_overwrite<char[]>(wanted);
    if (held > 0) std::memcpy(grown.get(), bytes_.get() + begin_, held);
    bytes_ = std::move(grown);
    capacity_ = wanted;
    begin_ = 0;
  } else if (end_ == capacity_) {
    std::memmove(bytes_.get(), bytes_.get() + begin_, held);
    begin_ = 0;
  }
  end_ = begin_ + held;
  return {bytes_.get() + end_, capacity_ - end_};
}

void InputBuffer::shrink(std::size_t capacity) {
  CHECK(empty());
  if (capacity_ <= capacity) return;
  bytes_.reset();
  capacity_ = begin_ = end_ = 0;
}

Wire::Outcome Wire::classify(boost::system::error_code error) const {
  if (!error) return Outcome::ok;
  if (expired_) return Outcome::expired;
  if (error == boost::asio::error::eof) return Outcome::end;
  return Outcome::lost;
}

Task<Wire::Read> Wire::read(std::span<char> into, Instant deadline) {
  if (aborted_) co_return Read{Outcome::lost, 0};
  if (tls_) co_return co_await read_secured(into, deadline);
  expired_ = false;
  read_deadline_ = deadline;
  const auto target = boost::asio::buffer(into.data(), into.size());
  const auto [error, count] = co_await socket_.async_read_some(target, as_awaitable_tuple);
  read_deadline_.reset();
  co_return Read{classify(error), error ? 0 : count};
}

Task<Wire::Read> Wire::fill(std::size_t capacity, Instant deadline) {
  const std::span<char> room = buffer_.room(capacity);
  const Read read_now = co_await read(room, deadline);
  buffer_.filled(read_now.count);
  co_return read_now;
}

Task<Wire::Outcome> Wire::write(std::string_view first, std::string_view second,
                                std::chrono::milliseconds stall) {
  if (tls_) co_return co_await write_secured(first, second, stall);
  while (!first.empty() || !second.empty()) {
    if (aborted_) co_return Outcome::lost;
    expired_ = false;
    write_deadline_ = now_ + stall;
    const std::array<boost::asio::const_buffer, 2> pieces{
        boost::asio::buffer(first.data(), first.size()),
        boost::asio::buffer(second.data(), second.size())};
    const auto [error, count] = co_await socket_.async_write_some(pieces, as_awaitable_tuple);
    write_deadline_.reset();
    if (error) {
      const Outcome outcome = classify(error);
      co_return outcome == Outcome::end ? Outcome::lost : outcome;
    }
    const std::size_t of_first = std::min(count, first.size());
    first.remove_prefix(of_first);
    second.remove_prefix(count - of_first);
  }
  co_return Outcome::ok;
}

Task<Wire::Outcome> Wire::shake_hands(Instant deadline) {
  for (;;) {
    if (aborted_) co_return Outcome::lost;
    const auto step = tls_->handshake();
    if (step == TlsSession::Step::plain_text) tls_.reset();
    if (step == TlsSession::Step::done || !tls_) co_return Outcome::ok;
    const Outcome outcome = co_await wait(step, read_deadline_, deadline);
    if (outcome != Outcome::ok) co_return outcome;
  }
}

Task<Wire::Read> Wire::read_secured(std::span<char> into, Instant deadline) {
  for (;;) {
    const auto moved = tls_->read(into);
    if (moved.step == TlsSession::Step::done) {
      if (turn_is_over(moved.count)) co_await post(socket_.get_executor(), use_awaitable);
      co_return Read{Outcome::ok, moved.count};
    }
    const Outcome outcome = co_await wait(moved.step, read_deadline_, deadline);
    if (outcome != Outcome::ok) co_return Read{outcome, 0};
    if (aborted_) co_return Read{Outcome::lost, 0};
  }
}

Task<Wire::Outcome> Wire::write_secured(std::string_view first, std::string_view second,
                                        std::chrono::milliseconds stall) {
  while (!first.empty() || !second.empty()) {
    if (aborted_) co_return Outcome::lost;
    const auto moved = tls_->write(first, second);
    if (moved.step == TlsSession::Step::done) {
      const std::size_t of_first = std::min(moved.count, first.size());
      first.remove_prefix(of_first);
      second.remove_prefix(moved.count - of_first);
      if (turn_is_over(moved.count)) co_await post(socket_.get_executor(), use_awaitable);
      continue;
    }
    const Outcome outcome = co_await wait(moved.step, write_deadline_, now_ + stall);
    if (outcome != Outcome::ok) co_return outcome == Outcome::end ? Outcome::lost : outcome;
  }
  co_return Outcome::ok;
}

Task<Wire::Outcome> Wire::wait(TlsSession::Step wants, std::optional<Instant>& waiting,
                               Instant deadline) {
  if (wants == TlsSession::Step::end) co_return Outcome::end;
  const bool reads = wants == TlsSession::Step::wants_read;
  if (!reads && wants != TlsSession::Step::wants_write) co_return Outcome::lost;
  moved_in_turn_ = 0;
  expired_ = false;
  waiting = deadline;
  const auto what = reads ? Socket::wait_read : Socket::wait_write;
  const auto [error] = co_await socket_.async_wait(what, as_awaitable_tuple);
  waiting.reset();
  co_return classify(error);
}

bool Wire::turn_is_over(std::size_t moved) {
  moved_in_turn_ += std::max(moved, operation_min);
  if (moved_in_turn_ < turn) return false;
  moved_in_turn_ = 0;
  return true;
}

void Wire::sweep(Instant now) {
  now_ = now;
  const bool late =
      (read_deadline_ && *read_deadline_ <= now) || (write_deadline_ && *write_deadline_ <= now);
  if (!late) return;
  expired_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Wire::shorten_read(Instant deadline) {
  if (read_deadline_) read_deadline_ = std::min(*read_deadline_, deadline);
}

void Wire::abort() {
  aborted_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Wire::shutdown_send() {
  say_goodbye();
  tls_.reset();
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Wire::say_goodbye() {
  if (tls_) tls_->close();
}

Error body_failure(Wire::Outcome outcome) {
  switch (outcome) {
    case Wire::Outcome::end:
      return {incomplete_body,
              "You did not provide the number of bytes specified by the Content-Length HTTP "
              "header."};
    case Wire::Outcome::expired:
      return {request_timeout,
              "Your socket connection to the server was not read from or written to within the "
              "timeout period."};
    default:
      return {connection_lost, "the connection was lost"};
  }
}

}  // namespace larder::http
