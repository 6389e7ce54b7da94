#include "http/unix_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace larder::http {
namespace {

std::string error_text(int error) { return std::generic_category().message(error); }

std::unexpected<Error> cannot_listen(const std::string& path, std::string_view step, int error) {
  return fail(listen_failed,
              fmt::format("cannot listen on unix:{}: {}: {}", path, step, error_text(error)));
}

FileDescriptor new_socket() {
  return FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// REQUIRES: the name fits sockaddr_un.
sockaddr_un address_of(std::string_view name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name.data(), name.size());
  return address;
}

// A short name for an open file or directory.
std::string through_proc(const FileDescriptor& file) {
  return fmt::format("/proc/self/fd/{}", file.get());
}

// 0, or errno. `socket` is as connect() leaves it.
int connect_to(const FileDescriptor& socket, const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!file) return errno;
  // The kernel follows the link to the socket itself.
  const sockaddr_un address = address_of(through_proc(file));
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  return ::connect(socket.get(), generic, sizeof(address)) == 0 ? 0 : errno;
}

// Removes a socket that nobody answers on; anything else stays.
Result<void> remove_stale(const std::string& path) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};
    return cannot_listen(path, "lstat", errno);
  }
  if (!S_ISSOCK(found.st_mode)) {
    return fail(address_in_use, fmt::format("unix:{} exists and is no socket", path));
  }
  const FileDescriptor probe = new_socket();
  if (!probe) return cannot_listen(path, "socket", errno);
  const int error = connect_to(probe, path);
  // Anything but a refusal (EAGAIN: its queue is full) leaves the doubt that somebody listens.
  if (error != ECONNREFUSED && error != ENOENT) {
    return fail(
        address_in_use,
        fmt::format("address already in use: unix:{}; another process listens on it", path));
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return cannot_listen(path, "unlink", errno);
  return {};
}

struct SplitPath {
  std::string directory;
  std::string name;
};

SplitPath split(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

// Binds under a short temporary name in `directory`; the caller gives it its own name.
Result<FileDescriptor> bind_temporary(const std::string& path, const FileDescriptor& directory,
                                      const std::string& temporary, mode_t mode) {
  FileDescriptor socket = new_socket();
  if (!socket) return cannot_listen(path, "socket", errno);
  const std::string name = through_proc(directory) + "/" + temporary;
  const sockaddr_un address = address_of(name);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(socket.get(), generic, sizeof(address)) != 0) {
    return cannot_listen(path, "bind", errno);
  }
  if (::chmod(name.c_str(), mode) != 0) return cannot_listen(path, "chmod", errno);
  if (::listen(socket.get(), SOMAXCONN) != 0) return cannot_listen(path, "listen", errno);
  return socket;
}

}  // namespace

UnixSocketFile::~UnixSocketFile() {
  struct stat found{};
  if (path_.empty() || ::lstat(path_.c_str(), &found) != 0) return;
  if (found.st_dev == device_ && found.st_ino == inode_) ::unlink(path_.c_str());
}

Result<UnixListener> listen_unix(const std::string& path, mode_t mode) {
  const SplitPath parts = split(path);
  if (parts.name.empty()) return cannot_listen(path, "the path names no file", EINVAL);
  const FileDescriptor directory(::open(parts.directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return cannot_listen(path, "open its directory", errno);

  // One server per process and directory binds at a time; a left-over of a killed one is ours.
  const std::string temporary = fmt::format(".larder-{}-{}", ::getpid(), directory.get());
  ::unlinkat(directory.get(), temporary.c_str(), 0);
  auto socket = bind_temporary(path, directory, temporary, mode);
  const auto renamed = [&]() -> Result<struct stat> {
    if (!socket) return fail(std::move(socket).error());
    TRY_VOID(remove_stale(path));
    struct stat made{};
    if (::fstatat(directory.get(), temporary.c_str(), &made, AT_SYMLINK_NOFOLLOW) != 0) {
      return cannot_listen(path, "stat", errno);
    }
    const int linked =
        ::linkat(directory.get(), temporary.c_str(), directory.get(), parts.name.c_str(), 0);
    if (linked != 0) return cannot_listen(path, "link", errno);
    return made;
  }();
  ::unlinkat(directory.get(), temporary.c_str(), 0);
  if (!renamed) return fail(renamed.error());
  return UnixListener{*std::move(socket), UnixSocketFile(path, renamed->st_dev, renamed->st_ino)};
}

Result<FileDescriptor> connect_unix(const std::string& path) {
  FileDescriptor socket = new_socket();
  const int error = socket ? connect_to(socket, path) : errno;
  if (error != 0) {
    return fail(connection_lost,
                fmt::format("cannot connect to unix:{}: {}", path, error_text(error)));
  }
  return socket;
}

Result<UnixPeer> unix_peer(int socket) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return fail(connection_lost, "the peer's credentials are not known: " + error_text(errno));
  }
  return UnixPeer{credentials.pid, credentials.uid, credentials.gid};
}

}  // namespace larder::http
