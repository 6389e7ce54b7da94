// The HTTP/1.1 server: a thread per core, each with its own io_context and its own acceptors. A
// connection lives and dies on the core that accepted it.
//
// (1) A service never sees a request whose framing is in doubt; such a connection is closed.
// (2) Memory per connection is bounded by the head limit and one streaming buffer.
// (3) Every wait for a client has a deadline. They are swept once per core, not timed one by one.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/limits.h"
#include "base/result.h"
#include "http/endpoint.h"
#include "http/message.h"

namespace larder::metrics {
class Registry;
}

namespace larder::http {

struct ServerOptions {
  using Milliseconds = std::chrono::milliseconds;

  unsigned cores = 0;       // threads; 0: one for each of the machine's
  std::string server_name;  // the Server header; empty: none

  std::size_t connections_max = 10'000;  // of all cores; beyond it the answer is 503
  std::size_t head_max = limits::http_head;
  std::size_t headers_count_max = limits::http_headers_count;
  std::uint64_t body_max = std::numeric_limits<std::int64_t>::max();  // beyond it 413

  Milliseconds head_deadline = limits::http_head_deadline;  // first byte of a head to its last
  Milliseconds idle_deadline = limits::http_idle_deadline;  // between two requests
  /// What a head that had begun when the server was told to stop gets for its rest.
  Milliseconds stopping_head_deadline = limits::http_stopping_head_deadline;
  /// No byte of a body taken or given for this long.
  Milliseconds body_stall_deadline = limits::http_body_stall_deadline;

  /// An unread body up to this size is read and dropped to keep the connection.
  std::size_t drain_max = 256 * 1024;
  /// How long a connection closed early goes on dropping what the client still sends: closing at
  /// once would reset it and could take the response away from the client.
  Milliseconds linger{5'000};
};

class TlsContext;

/// Construct first, destroy last: what coroutines on the cores refer to must outlive them.
class Server {
 public:
  Server(const Clock& clock, ServerOptions options);
  /// As stop(0 ms).
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens on `endpoint` for `service`, which must outlive the server's last request. Before
  /// start() only. Gives the endpoint as it came to be (numeric address, real port). Fails, with
  /// nothing left behind, with address_in_use when anybody else listens there, else listen_failed.
  /// A Unix socket that nobody answers on is replaced; it is removed again by stop(). With `tls`,
  /// which must live as long as the service, a TCP endpoint speaks TLS and nothing else.
  Result<Endpoint> add_listener(const Endpoint& endpoint, Service& service,
                                const TlsContext* tls = nullptr);

  /// Starts the threads. They block all signals. Once.
  void start();

  /// Stops accepting, closes idle connections, and lets running requests finish up to `deadline`;
  /// then cancels them. Returns when the threads have ended. Not from a core. Idempotent. Services
  /// that ignore the cancellation for another 5 s are abandoned, their frames kept until ~Server.
  void stop(std::chrono::milliseconds deadline);

  unsigned cores() const;
  /// To spawn other work on (from any thread, also before start()). What is spawned must end by
  /// itself or upon cancellation: stop() does not wait for it.
  boost::asio::io_context& core(unsigned index);

  /// Connections open now, of all cores. From any thread.
  std::size_t connections() const;
  /// larder_connections*, of all listeners together.
  void register_metrics(metrics::Registry& registry) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace larder::http
