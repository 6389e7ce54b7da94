#include "cli/process_tree.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <functional>
#include <optional>
#include <tuple>

#include "base/check.h"
#include "cli/connection_owner.h"
#include "http/file_descriptor.h"

namespace larder::cli {
namespace {

using http::FileDescriptor;

// A process that lives until this object does not. What it does first is done when it is made.
class Child {
 public:
  explicit Child(const std::function<void()>& first) {
    std::array<int, 2> done{}, end{};
    CHECK(::pipe2(done.data(), O_CLOEXEC) == 0 && ::pipe2(end.data(), O_CLOEXEC) == 0);
    pid_ = ::fork();
    CHECK(pid_ >= 0);
    if (pid_ == 0) {
      ::close(end[1]);
      first();
      wait_for_end_of(done[1], end[0]);
    }
    ::close(done[1]);
    ::close(end[0]);
    end_ = FileDescriptor(end[1]);
    char byte = 0;
    CHECK(::read(done[0], &byte, 1) == 1);
    ::close(done[0]);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    end_ = FileDescriptor();
    ::waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }

 private:
  [[noreturn]] static void wait_for_end_of(int done, int end) {
    char byte = 1;
    std::ignore = ::write(done, &byte, 1);
    std::ignore = ::read(end, &byte, 1);
    ::_exit(0);
  }
  pid_t pid_;
  FileDescriptor end_;
};

// A listening socket on a loopback address, and connections to it.
class Loopback {
 public:
  explicit Loopback(int family) : listener_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_storage address{};
    address.ss_family = static_cast<sa_family_t>(family);
    socklen_t size = sizeof(address);
    if (family == AF_INET) {
      reinterpret_cast<sockaddr_in&>(address).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      size = sizeof(sockaddr_in);
    } else {
      reinterpret_cast<sockaddr_in6&>(address).sin6_addr = in6addr_loopback;
      size = sizeof(sockaddr_in6);
    }
    CHECK(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    CHECK(::listen(listener_.get(), 10) == 0);
    socklen_t name_size = sizeof(address_);
    CHECK(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address_), &name_size) == 0);
  }

  /// Safe in a child. Of another family: by the mapped address.
  int connect(int family) const {
    sockaddr_storage to = address_;
    if (family != address_.ss_family) {
      const auto& v4 = reinterpret_cast<const sockaddr_in&>(address_);
      sockaddr_in6 mapped{};
      mapped.sin6_family = AF_INET6;
      mapped.sin6_port = v4.sin_port;
      mapped.sin6_addr.s6_addr[10] = mapped.sin6_addr.s6_addr[11] = 0xff;
      std::memcpy(&mapped.sin6_addr.s6_addr[12], &v4.sin_addr, 4);
      std::memcpy(&to, &mapped, sizeof(mapped));
    }
    const int socket = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    CHECK(::connect(socket, reinterpret_cast<const sockaddr*>(&to), size) == 0);
    return socket;
  }

  struct Accepted {
    FileDescriptor socket;
    http::Peer peer;
  };
  Accepted accept() {
    sockaddr_storage from{};
    socklen_t size = sizeof(from);
    FileDescriptor socket(
        ::accept4(listener_.get(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_CLOEXEC));
    CHECK(static_cast<bool>(socket));
    http::Peer peer;
    std::tie(peer.address, peer.port) = text_of(from);
    std::tie(peer.local_address, peer.local_port) = text_of(address_);
    return {std::move(socket), std::move(peer)};
  }

 private:
  static std::pair<std::string, std::uint16_t> text_of(const sockaddr_storage& address) {
    char text[INET6_ADDRSTRLEN] = {};
    if (address.ss_family == AF_INET) {
      const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
      ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
      return {text, ntohs(v4.sin_port)};
    }
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
    return {text, ntohs(v6.sin6_port)};
  }

  FileDescriptor listener_;
  sockaddr_storage address_{};
};

bool has_ipv6() {
  const FileDescriptor socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  return ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
}

SocketOwner owner_of(const http::Peer& peer) {
  const auto found = connection_owner(peer);
  CHECK(found.has_value() && found->has_value());
  return **found;
}

bool is_of_a_descendant(const http::Peer& peer) {
  return descendant_has_socket(::getpid(), owner_of(peer).inode);
}

TEST(ConnectionOwner, IsTheUserOfTheClientsEnd) {
  Loopback loopback(AF_INET);
  const FileDescriptor client(loopback.connect(AF_INET));
  const auto accepted = loopback.accept();
  EXPECT_EQ(owner_of(accepted.peer).uid, ::geteuid());
}

TEST(ConnectionOwner, DiffersByConnection) {
  Loopback loopback(AF_INET);
  const FileDescriptor first(loopback.connect(AF_INET)), second(loopback.connect(AF_INET));
  const auto a = loopback.accept(), b = loopback.accept();
  EXPECT_EQ(owner_of(a.peer), owner_of(a.peer));
  EXPECT_NE(owner_of(a.peer).inode, owner_of(b.peer).inode);
  EXPECT_NE(owner_of(a.peer).cookie, owner_of(b.peer).cookie);
}

TEST(ConnectionOwner, IsNobodyOnceTheClientHasClosed) {
  Loopback loopback(AF_INET);
  FileDescriptor client(loopback.connect(AF_INET));
  const auto accepted = loopback.accept();
  client = FileDescriptor();
  EXPECT_EQ(connection_owner(accepted.peer).value(), std::nullopt);
}

TEST(ConnectionOwner, IsStillKnownOfAClientThatHasSaidAll) {
  Loopback loopback(AF_INET);
  const FileDescriptor client(loopback.connect(AF_INET));
  const auto accepted = loopback.accept();
  ::shutdown(client.get(), SHUT_WR);
  EXPECT_EQ(owner_of(accepted.peer).uid, ::geteuid());
}

TEST(ConnectionOwner, IsNotWhoListensOnThePort) {
  Loopback loopback(AF_INET);
  const FileDescriptor client(loopback.connect(AF_INET));
  http::Peer peer = loopback.accept().peer;
  std::swap(peer.port, peer.local_port);
  peer.local_port = 1;
  EXPECT_EQ(connection_owner(peer).value(), std::nullopt);
}

TEST(ConnectionOwner, IsKnownOverIpv6AndMappedAddresses) {
  if (!has_ipv6()) GTEST_SKIP() << "no IPv6 here";
  Loopback six(AF_INET6);
  const Child direct([&] { six.connect(AF_INET6); });
  const auto over_six = six.accept();
  EXPECT_TRUE(is_of_a_descendant(over_six.peer));

  Loopback four(AF_INET);
  const Child mapped([&] { four.connect(AF_INET6); });
  const auto over_mapped = four.accept();
  EXPECT_TRUE(is_of_a_descendant(over_mapped.peer));
}

TEST(ConnectionOwner, NeedsNumericAddresses) {
  http::Peer peer;
  EXPECT_FALSE(connection_owner(peer).has_value());
}

TEST(ProcessTree, FindsASocketOfAChild) {
  Loopback loopback(AF_INET);
  const Child child([&] { loopback.connect(AF_INET); });
  const auto accepted = loopback.accept();
  EXPECT_TRUE(is_of_a_descendant(accepted.peer));
}

TEST(ProcessTree, FindsASocketOfAGrandchild) {
  Loopback loopback(AF_INET);
  const Child child([&] { new Child([&] { loopback.connect(AF_INET); }); });
  const auto accepted = loopback.accept();
  EXPECT_TRUE(is_of_a_descendant(accepted.peer));
}

TEST(ProcessTree, FindsASocketOfAnOrphan) {
  ASSERT_TRUE(become_subreaper().has_value());
  Loopback loopback(AF_INET);
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  {
    const Child parent([&] {
      if (::fork() != 0) return;
      ::setsid();
      loopback.connect(AF_INET);
      ::close(pipe[1]);
      char byte = 0;
      std::ignore = ::read(pipe[0], &byte, 1);  // until the test closes its end
      ::_exit(0);
    });
  }
  const auto accepted = loopback.accept();
  EXPECT_TRUE(is_of_a_descendant(accepted.peer));
  ::close(pipe[1]);
  ::close(pipe[0]);
  EXPECT_GT(::wait(nullptr), 0);
}

TEST(ProcessTree, DoesNotCountItsRootOrAStranger) {
  Loopback loopback(AF_INET);
  const FileDescriptor own(loopback.connect(AF_INET));
  const auto accepted = loopback.accept();
  // Made later, it has no copy: the socket closes upon fork's exec only.
  EXPECT_FALSE(is_of_a_descendant(accepted.peer));

  const Child sibling([&] { loopback.connect(AF_INET); });
  const auto of_sibling = loopback.accept();
  const Child other([] {});
  EXPECT_FALSE(descendant_has_socket(other.pid(), owner_of(of_sibling.peer).inode));
  EXPECT_FALSE(descendant_has_socket(sibling.pid(), owner_of(of_sibling.peer).inode));
}

TEST(ProcessTree, HasNothingOfAProcessThatIsNotThere) {
  pid_t gone = 0;
  {
    const Child child([] {});
    gone = child.pid();
  }
  EXPECT_FALSE(descendant_has_socket(gone, 1));
}

}  // namespace
}  // namespace larder::cli
