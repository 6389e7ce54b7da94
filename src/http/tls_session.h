// TLS on one connected socket, as its server. OpenSSL receives and sends by itself, through a BIO
// of ours that never blocks; waiting for the socket is the caller's (wire.cc). So nothing is copied
// between OpenSSL and the socket, and a connection that waits holds no record buffer: with memory
// BIOs in between, as in boost::asio::ssl::stream, it holds some 34 KiB of them.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

struct ssl_st;
struct bio_st;

namespace larder::http {

struct FreeSsl {
  void operator()(ssl_st* session) const;
};
using SslHandle = std::unique_ptr<ssl_st, FreeSsl>;

/// One core only. No call blocks; none raises SIGPIPE.
class TlsSession {
 public:
  /// The most that one record holds (RFC 8446, 5.1).
  static constexpr std::size_t record = 16 * 1024;

  enum class Step {
    done,
    wants_read,   // nothing was done: ask again when the socket can be read
    wants_write,  // the same, written
    end,          // the client sends nothing more
    plain_text,   // of the handshake: the client does not speak TLS, and HTTP by the look of it
    failed,
  };
  struct Moved {
    Step step;
    std::size_t count;  // more than 0 exactly when done
  };

  /// `socket` is non-blocking, is not owned and outlives this.
  TlsSession(SslHandle ssl, int socket);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  Step handshake();
  /// Into `into` (never empty) what has arrived. An end without close_notify is an end too: HTTP's
  /// own framing tells whether anything is missing.
  Moved read(std::span<char> into);
  /// As much of `first` and then `second` (not both empty) as the socket takes. What was not taken
  /// must come first in the next call, as it is.
  Moved write(std::string_view first, std::string_view second);
  /// Tells the client, if the socket takes it, that nothing more comes.
  void close();

 private:
  friend struct SocketBio;

  Step classify(int result);

  const int socket_;
  bool greeted_ = false;
  bool failed_ = false;
  bool at_end_ = false;  // the socket
  bool more_ = false;    // the next record is not the last one of its write
  const SslHandle ssl_;
};

}  // namespace larder::http
