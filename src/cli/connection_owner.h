// Whose the other end of a connection on this machine is, as the kernel has it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "http/message.h"

namespace larder::cli {

struct SocketOwner {
  uid_t uid;             // of the user who made the socket
  std::uint32_t inode;   // as in /proc/<pid>/fd: socket:[inode]
  std::uint64_t cookie;  // of this socket alone, never used again before the next boot
  friend bool operator==(const SocketOwner&, const SocketOwner&) = default;
};

/// The client's end of a TCP connection that came from this network namespace. nullopt: there is
/// none (any more). Blocks for two system calls that do not wait. Failure: the kernel does not say.
Result<std::optional<SocketOwner>> connection_owner(const http::Peer& peer);

}  // namespace larder::cli
