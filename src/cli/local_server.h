// The server on this machine, as the operator's commands speak to it: over its Unix socket, where
// it knows them by their user.
#pragma once

#include <sys/types.h>

#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/async/task.h"
#include "base/result.h"
#include "codec/uri.h"

namespace larder::cli {

/// The server answered with an error: `message` says what it says, ending with AWS's code in
/// parentheses; the field "Code" holds that code.
inline constexpr ErrorCode refused_by_server{"RefusedByServer", 400};
/// The same, but it is the server's fault and may pass.
inline constexpr ErrorCode server_failed{"ServerFailed", 500};
inline constexpr ErrorCode no_server{"NoServer", 503};

/// Where to look for the socket: the first that is given, else the first place that has one.
struct SocketSearch {
  std::string option;    // --socket; empty: not given
  std::string variable;  // LARDER_SOCKET; empty: not given
  std::vector<std::string> places;
};
/// no_server when there is no socket, naming all that was tried and what to do.
Result<std::string> find_socket(const SocketSearch& search);

/// A value: where the server is. Messages of its failures are complete, for the user.
class LocalServer {
 public:
  static constexpr std::chrono::milliseconds default_timeout{30'000};

  /// `socket`: the value of --socket; if empty, LARDER_SOCKET, ./larder-data/larder.sock or
  /// /run/larder/larder.sock. no_server when there is no socket.
  static Result<LocalServer> find(const std::string& socket);
  explicit LocalServer(std::string socket) : socket_(std::move(socket)) {}

  /// One operation of Larder's own service. An empty account is the default one. Failures:
  /// refused_by_server, server_failed, no_server (nobody answers, or somebody who is neither root
  /// nor this user: then nothing was said to them).
  Result<boost::json::object> call(std::string_view action, Parameters parameters,
                                   const std::string& account) const;
  Task<Result<boost::json::object>> call_async(
      std::string action, Parameters parameters, std::string account,
      std::chrono::milliseconds timeout = default_timeout) const;

  const std::string& socket() const { return socket_; }

 private:
  Task<Result<std::string>> exchange(std::string action, Parameters parameters, std::string account,
                                     std::chrono::milliseconds timeout) const;

  std::string socket_;
};

/// AWS's code of a refused_by_server or server_failed; empty for another error.
std::string_view server_code(const Error& error);

}  // namespace larder::cli
