// A blocking socket and a one-lambda service, for tests that say exactly what is on the wire.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/file_descriptor.h"
#include "http/message.h"
#include "http/server.h"
#include "http/tls_context.h"

namespace larder::http::testing {

/// What a client asks for of TLS.
struct TlsTerms {
  std::string trusted;  // PEM: the one certificate that it believes
  std::string server_name = "localhost";
  int version = 0;                // TLS1_2_VERSION and so on, nothing else; 0: any
  std::string protocol;           // offered by ALPN; empty: none is
  ssl_st* resume_from = nullptr;  // a connection whose session is offered
};

/// Every read gives up after 20 s, as if the server had closed.
class RawClient {
 public:
  struct Response {
    int status = 0;  // 0: none came
    Headers headers;
    std::string body;
  };

  /// Connects to 127.0.0.1, with a receive buffer of `receive_buffer` bytes if that is not 0.
  explicit RawClient(std::uint16_t port, int receive_buffer = 0);
  explicit RawClient(FileDescriptor connected);

  /// Speaks TLS from now on. False when the handshake fails.
  bool start_tls(const TlsTerms& terms);
  /// For questions about the connection; null without start_tls.
  ssl_st* tls() const { return tls_.get(); }
  /// The server has said, in TLS, that nothing more comes.
  bool was_told_the_end() const;

  /// False when the server takes no more.
  bool send(std::string_view bytes);
  /// With TLS: says in TLS that nothing more comes.
  void shutdown_send();

  /// The next response by its Content-Length (no body for HEAD); interim ones count.
  Response receive(bool to_head = false);
  /// Exactly so many bytes, fewer only if the server closed.
  std::string receive_bytes(std::size_t count);
  /// All that comes until the server closes.
  std::string receive_to_end();
  /// The server has closed and sent nothing more.
  bool at_end();

 private:
  bool fill();
  FileDescriptor socket_;
  SslHandle tls_;
  std::string received_;
};

class LambdaService final : public Service {
 public:
  using Body = std::function<Task<void>(Request&, ResponseWriter&)>;
  explicit LambdaService(Body body) : body_(std::move(body)) {}
  Task<void> serve(Request& request, ResponseWriter& response) override {
    return body_(request, response);
  }

 private:
  Body body_;
};

/// A running server on a free loopback port, 2 cores unless told otherwise, with a clock that
/// stands at the start of 2020. `tls`, if there is one, outlives it.
class TestServer {
 public:
  explicit TestServer(LambdaService::Body body, ServerOptions options = two_cores(),
                      const TlsContext* tls = nullptr);
  static ServerOptions two_cores();

  std::uint16_t port() const { return port_; }
  Server& server() { return server_; }

 private:
  ManualClock clock_{Time(std::chrono::seconds(1'577'836'800))};
  LambdaService service_;
  Server server_;
  std::uint16_t port_ = 0;
};

/// The whole body, or its error.
Task<Result<std::string>> read_all(ByteSource& body);

}  // namespace larder::http::testing
