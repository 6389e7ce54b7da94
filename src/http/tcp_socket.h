// TCP listening sockets, one per core on the same port, and numeric addresses.
#pragma once

#include <sys/socket.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "http/endpoint.h"
#include "http/file_descriptor.h"

namespace larder::http {

struct TcpListener {
  std::vector<FileDescriptor> sockets;  // non-blocking, listening, SO_REUSEPORT
  TcpEndpoint endpoint;                 // numeric, the real port
};

/// `count` sockets on the first address of `endpoint`. address_in_use when anybody listens there,
/// be it with SO_REUSEPORT.
Result<TcpListener> listen_tcp(const TcpEndpoint& endpoint, std::size_t count);

/// Numeric; an IPv4 address mapped into IPv6 is given as IPv4. Not an internet address: empty.
TcpEndpoint numeric(const sockaddr_storage& address);

/// The local end of a socket.
TcpEndpoint local_endpoint(int socket);

}  // namespace larder::http
