// The server on this machine, by its Unix socket: the operator's commands ask it there, and are
// known by who they are.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/async/task.h"
#include "base/result.h"
#include "codec/uri.h"

namespace larder::cli {

/// A value. One request, one connection: nothing is kept open.
class LocalServer {
 public:
  /// `socket`, else LARDER_SOCKET, else ./larder-data/larder.sock, else /run/larder/larder.sock.
  /// Fails, naming what was tried and the remedy, when nobody answers there or when whoever does is
  /// neither root nor this user.
  static Result<LocalServer> find(const std::string& socket);

  /// An operation of Larder's own service. `account` empty: the default one. An error has the
  /// server's code and message.
  Task<Result<boost::json::object>> ask(std::string action, Parameters parameters,
                                        std::string account) const;
  /// The same, for programs without an event loop.
  Result<boost::json::object> call(std::string_view action, Parameters parameters,
                                   const std::string& account) const;

 private:
  LocalServer(std::string path, unsigned uid) : path_(std::move(path)), uid_(uid) {}

  std::string path_;
  unsigned uid_;  // of the server
};

}  // namespace larder::cli
