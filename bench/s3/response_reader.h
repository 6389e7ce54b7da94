// As much of an HTTP/1.1 response as a load needs: where it ends, its status, whether the
// connection lives on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/chunked.h"

namespace larder::bench {

/// A state machine over bytes: of one response at a time, of anything but HEAD and CONNECT. One
/// thread at a time.
class ResponseReader {
 public:
  /// Forgets the last response. The next one's body is appended to `body` unless that is null.
  void start(std::string* body = nullptr);

  /// Takes from the front of `bytes` and yields how many: all, unless the response ends before.
  /// Fails for what is not HTTP/1.1; the connection is then of no use.
  Result<std::size_t> take(std::string_view bytes);

  /// So many bytes of the body come next, before any framing, and nobody wants to see them: they
  /// may be dropped unread, which is then told by dropped().
  std::uint64_t unwanted_next() const;
  void dropped(std::uint64_t count);

  /// The peer closed the stream. False when that cut the response.
  bool ended();

  bool done() const { return state_ == State::done; }
  /// Something of it has arrived.
  bool began() const { return state_ != State::head || !head_.empty() || status_ != 0; }
  /// The body ends where the stream does.
  bool until_close() const { return state_ == State::body && framing_ == Framing::until_close; }

  // Once it is done.
  int status() const { return status_; }
  bool keep_alive() const { return keep_alive_; }
  std::uint64_t body_size() const { return body_size_; }
  /// The front of an answer that is no success: why.
  const std::string& complaint() const { return complaint_; }

 private:
  enum class State { head, body, done };
  enum class Framing { length, chunked, until_close };

  Result<std::size_t> take_head(std::string_view bytes);
  Result<std::size_t> take_body(std::string_view bytes);
  Result<void> parse_head(std::string_view head);
  Result<void> parse_field(std::string_view name, std::string_view value);
  void keep(std::string_view data);

  State state_ = State::head;
  Framing framing_ = Framing::until_close;
  int status_ = 0;
  bool keep_alive_ = true;
  std::optional<std::uint64_t> length_;
  std::uint64_t remaining_ = 0;
  std::uint64_t body_size_ = 0;
  http::ChunkedDecoder chunks_;
  std::string head_;  // of a head that came in pieces
  std::string* body_ = nullptr;
  std::string complaint_;
};

}  // namespace larder::bench
