// Accepts connections of one listener on one core.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/core.h"
#include "http/file_descriptor.h"
#include "http/tls_context.h"

namespace larder::http {

/// Refers to the core and the service, which outlive it. This core's thread only, but for the
/// constructor and, once the thread has ended, the destructor.
class Acceptor {
 public:
  enum class Family { tcp, unix_socket };

  /// `listening` is non-blocking. `tls` outlives the core's thread; null: plain.
  Acceptor(Core& core, FileDescriptor listening, Family family, Service& service,
           const TlsContext* tls);

  void start();
  void close();

 private:
  void wait();
  /// Takes what waits, up to a batch. False: out of descriptors or memory, try again later.
  bool accept_batch();
  void admit(int socket, Peer peer);
  void pause();

  Core& core_;
  boost::asio::posix::stream_descriptor listening_;
  boost::asio::steady_timer pause_;
  const Family family_;
  Service& service_;
  const TlsContext* const tls_;
};

}  // namespace larder::http
