// A connection to a server that never blocks once it is made: a TCP socket, with TLS or without.
#pragma once

#include <openssl/ssl.h>
#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/file_descriptor.h"
#include "http/url.h"

struct addrinfo;

namespace larder::bench {

struct TlsOptions {
  bool insecure = false;  // any certificate will do
  std::string ca_file;    // instead of the system's; empty: the system's
};

/// Where to connect to, looked up once. Immutable; shared by threads.
class Server {
 public:
  static Result<Server> find(const http::Url& url, const TlsOptions& options);

 private:
  friend class Transport;
  struct FreeAddresses {
    void operator()(addrinfo* addresses) const;
  };
  struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  std::string host_;
  std::unique_ptr<addrinfo, FreeAddresses> addresses_;
  std::unique_ptr<SSL_CTX, FreeContext> tls_;  // null for http
};

/// One thread at a time.
class Transport {
 public:
  enum class Outcome { ok, later, lost };
  struct Io {
    Outcome outcome;
    std::size_t count = 0;  // more than 0 exactly when ok
  };

  /// Waits for the connection and the handshake.
  static Result<Transport> connect(const Server& server);

  /// As much of `first` and then `second` as it takes now.
  Io write(std::string_view first, std::string_view second);
  /// Bytes `from` to `end` of a file, without copying them. Only where can_splice().
  Io send_file(int file, off_t from, off_t end);
  Io read(std::span<char> into);
  /// Reads and forgets at most `count` bytes, without copying them. Only where can_splice().
  Io drop(std::size_t count);
  bool can_splice() const { return !tls_; }

  int descriptor() const { return socket_.get(); }

 private:
  struct FreeSession {
    void operator()(SSL* session) const { SSL_free(session); }
  };

  explicit Transport(http::FileDescriptor socket) : socket_(std::move(socket)) {}
  Result<void> start_tls(const Server& server);
  Io tls_outcome(int result) const;

  http::FileDescriptor socket_;
  std::unique_ptr<SSL, FreeSession> tls_;
};

}  // namespace larder::bench
