// One accepted or connected stream socket, plain or with TLS: its input buffer, and the deadlines
// that a sweep enforces. One core only.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/async/task.h"
#include "http/message.h"
#include "http/tls_session.h"

namespace larder::http {

using Socket = boost::asio::generic::stream_protocol::socket;
using Instant = std::chrono::steady_clock::time_point;

/// Bytes received and not yet taken.
class InputBuffer {
 public:
  std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  void consume(std::size_t count);

  /// Room behind the bytes held, at least one byte. Grows to hold `capacity` in all if it is
  /// smaller than that, and by half when it is full.
  std::span<char> room(std::size_t capacity);
  void filled(std::size_t count) { end_ += count; }
  /// Gives a grown buffer's memory back; only while empty.
  void shrink(std::size_t capacity);

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

class Wire {
 public:
  enum class Outcome { ok, end, expired, lost };
  struct Read {
    Outcome outcome;
    std::size_t count;  // more than 0 exactly when ok
  };

  explicit Wire(Socket socket) : socket_(std::move(socket)) {}
  /// With a session: a server's side of TLS, whose handshake comes before all else.
  Wire(Socket socket, std::unique_ptr<TlsSession> tls)
      : socket_(std::move(socket)), tls_(std::move(tls)) {}

  /// The handshake. ok without secure() afterwards: the client speaks no TLS, but probably HTTP; it
  /// can be told so.
  Task<Outcome> shake_hands(Instant deadline);
  /// All bytes are encrypted.
  bool secure() const { return tls_ != nullptr; }

  /// What has arrived, straight into `into` (never empty). The buffer is not looked at.
  Task<Read> read(std::span<char> into, Instant deadline);
  /// The same into the buffer.
  Task<Read> fill(std::size_t capacity, Instant deadline);
  /// All of `first` and then `second`. `stall` after `now()` with no byte taken it expires.
  Task<Outcome> write(std::string_view first, std::string_view second,
                      std::chrono::milliseconds stall);

  /// Time as of the last sweep; `set_now` by the sweep.
  Instant now() const { return now_; }
  /// Ends a wait whose deadline has passed: it comes back as expired.
  void sweep(Instant now);
  /// Of the read that waits, if one does.
  void shorten_read(Instant deadline);
  /// Ends every wait: they come back as lost, as do all later ones.
  void abort();
  /// The client sees the end of the stream; what is read from now on is only fit to be dropped.
  void shutdown_send();
  /// Between two responses, before the connection is closed: tells a TLS client that nothing was
  /// cut off. Never after a response that broke off.
  void say_goodbye();

  InputBuffer& buffer() { return buffer_; }
  Socket& socket() { return socket_; }
  bool expired() const { return expired_; }

 private:
  Outcome classify(boost::system::error_code error) const;
  Task<Read> read_secured(std::span<char> into, Instant deadline);
  Task<Outcome> write_secured(std::string_view first, std::string_view second,
                              std::chrono::milliseconds stall);
  /// Until the socket is ready for what TLS wants; `waiting` is the deadline that a sweep sees.
  Task<Outcome> wait(TlsSession::Step wants, std::optional<Instant>& waiting, Instant deadline);
  /// After so many bytes more: is it time that the core's other connections have their turn?
  bool turn_is_over(std::size_t moved);

  Socket socket_;
  std::unique_ptr<TlsSession> tls_;  // refers to the socket
  std::size_t moved_in_turn_ = 0;
  InputBuffer buffer_;
  Instant now_ = std::chrono::steady_clock::now();
  std::optional<Instant> read_deadline_, write_deadline_;
  bool expired_ = false;
  bool aborted_ = false;
};

/// The failure of a request body whose reading did not come out ok.
Error body_failure(Wire::Outcome outcome);

}  // namespace larder::http
