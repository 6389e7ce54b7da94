#include "cli/connection_owner.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "http/file_descriptor.h"

namespace larder::cli {
namespace {

struct Question {
  nlmsghdr header;
  inet_diag_req_v2 about;
};

std::unexpected<Error> cannot_ask(std::string_view step, int error) {
  return fail(codes::internal_error, fmt::format("cannot look up the owner of a connection: {}: {}",
                                                 step, std::strerror(error)));
}

bool parse_address(const std::string& text, int family, void* into) {
  return ::inet_pton(family, text.c_str(), into) == 1;
}

// The kernel's "source" is the end that is asked about: the client's.
std::optional<Question> make_question(const http::Peer& peer) {
  Question question{};
  question.header.nlmsg_len = sizeof(question);
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  inet_diag_req_v2& about = question.about;
  const int family = peer.address.contains(':') ? AF_INET6 : AF_INET;
  about.sdiag_family = static_cast<std::uint8_t>(family);
  about.sdiag_protocol = IPPROTO_TCP;
  about.idiag_states = ~0u;
  about.id.idiag_sport = htons(peer.port);
  about.id.idiag_dport = htons(peer.local_port);
  about.id.idiag_cookie[0] = about.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  const bool parsed = parse_address(peer.address, family, about.id.idiag_src) &&
                      parse_address(peer.local_address, family, about.id.idiag_dst);
  if (!parsed) return std::nullopt;
  return question;
}

// Where no connection matches, the kernel looks for a listening socket on the port: not what was
// asked for. A socket that its process has closed has no inode.
std::optional<SocketOwner> owner_of(const inet_diag_msg& found, const inet_diag_req_v2& asked) {
  const bool same =
      found.id.idiag_sport == asked.id.idiag_sport && found.id.idiag_dport == asked.id.idiag_dport;
  if (!same || found.idiag_state == TCP_LISTEN || found.idiag_inode == 0) return std::nullopt;
  const std::uint64_t high = found.id.idiag_cookie[1];
  return SocketOwner{found.idiag_uid, found.idiag_inode, high << 32 | found.id.idiag_cookie[0]};
}

}  // namespace

Result<std::optional<SocketOwner>> connection_owner(const http::Peer& peer) {
  const auto question = make_question(peer);
  if (!question) return fail(codes::invalid_argument, "a peer without a numeric address");
  const http::FileDescriptor socket(
      ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!socket) return cannot_ask("socket", errno);
  const auto sent = ::send(socket.get(), &*question, sizeof(*question), 0);
  if (sent != static_cast<ssize_t>(sizeof(*question))) return cannot_ask("send", errno);

  alignas(nlmsghdr) std::array<char, 8192> answer;
  const auto received = ::recv(socket.get(), answer.data(), answer.size(), 0);
  if (received < 0) return cannot_ask("recv", errno);
  const auto* header = reinterpret_cast<const nlmsghdr*>(answer.data());
  if (!NLMSG_OK(header, static_cast<std::size_t>(received))) return cannot_ask("answer", EPROTO);
  if (header->nlmsg_type == NLMSG_ERROR) {
    const int error = -static_cast<const nlmsgerr*>(NLMSG_DATA(header))->error;
    if (error == ENOENT) return std::nullopt;
    return cannot_ask("answer", error);
  }
  const bool whole = header->nlmsg_type == SOCK_DIAG_BY_FAMILY &&
                     header->nlmsg_len >= NLMSG_LENGTH(sizeof(inet_diag_msg));
  if (!whole) return cannot_ask("answer", EPROTO);
  return owner_of(*static_cast<const inet_diag_msg*>(NLMSG_DATA(header)), question->about);
}

}  // namespace larder::cli
