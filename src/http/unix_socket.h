// Unix sockets with paths of any length (sockaddr_un holds 108 bytes), and who is at their ends.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "http/file_descriptor.h"
#include "http/message.h"

namespace larder::http {

/// A listening socket's file in the file system. Removes it when it goes, if it is still the same.
class UnixSocketFile {
 public:
  UnixSocketFile(std::string path, dev_t device, ino_t inode)
      : path_(std::move(path)), device_(device), inode_(inode) {}
  UnixSocketFile(UnixSocketFile&& other) noexcept
      : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}
  UnixSocketFile& operator=(UnixSocketFile&&) = delete;
  ~UnixSocketFile();

 private:
  std::string path_;
  dev_t device_;
  ino_t inode_;
};

struct UnixListener {
  FileDescriptor socket;  // non-blocking, listening
  UnixSocketFile file;
};

/// Listens at `path`. The file appears complete: with its mode, and answering. address_in_use when
/// somebody answers there or when what is there is no socket; a socket that nobody answers on is
/// replaced.
Result<UnixListener> listen_unix(const std::string& path, mode_t mode);

/// A connected, non-blocking socket. connection_lost when nobody answers. Does not wait: a server
/// that is too busy to queue the connection is a failure, too.
Result<FileDescriptor> connect_unix(const std::string& path);

/// Who connected, or, of a client's socket, who listens.
Result<UnixPeer> unix_peer(int socket);

}  // namespace larder::http
