// One connection: reads heads, has the service answer, keeps or closes. One core only.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <expected>
#include <list>
#include <memory>
#include <optional>

#include "http/core.h"
#include "http/parser.h"
#include "http/response.h"
#include "http/wire.h"

namespace larder::http {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// `tls`: null for a plain connection.
  Connection(Core& core, Socket socket, std::unique_ptr<TlsSession> tls, Service& service,
             Peer peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Serves until the connection ends; holds itself until then.
  void spawn();

  /// By the core's sweeper.
  void sweep(Instant now);
  /// Ends it if it is between two requests; a head that has begun must be there soon.
  void stop_if_idle();
  /// Ends its waits and cancels its service.
  void abort();

 private:
  Task<void> run();
  /// False: there will be no request on this connection.
  Task<bool> shake_hands();
  /// nullopt: the client is gone or idle for too long, there is nothing to answer.
  Task<std::optional<Result<RequestHead>>> read_head();
  /// False: the connection is done.
  Task<bool> serve(RequestHead head);
  Task<void> refuse(Error error);
  /// The service's exception, if it threw one.
  Task<std::optional<std::string>> call_service(Request& request, ResponseWriter& response);
  Task<void> linger();

  Core& core_;
  Wire wire_;
  Service& service_;
  const Peer peer_;
  boost::asio::cancellation_signal cancel_;
  std::list<Connection*>::iterator place_;
  enum class Waiting { for_nothing, for_a_request, for_the_rest_of_a_head };
  Waiting waiting_ = Waiting::for_nothing;
  Instant head_deadline_;
  bool first_ = true;
};

}  // namespace larder::http
