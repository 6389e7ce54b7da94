#include "cli/local_server.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <cstdlib>
#include <map>
#include <mutex>

#include "codec/json.h"
#include "http/client.h"
#include "http/unix_socket.h"
#include "server/catalog.h"

namespace larder::cli {
namespace {

constexpr ErrorCode no_server{"NoServer", 503};
constexpr ErrorCode bad_answer{"BadAnswer", 502};

/// Who is behind the socket; nullopt: nobody answers.
std::optional<uid_t> server_uid(const std::string& path) {
  auto socket = http::connect_unix(path);
  if (!socket) return std::nullopt;
  const auto peer = http::unix_peer(socket->get());
  return peer ? std::optional(peer->uid) : std::nullopt;
}

/// Codes live for ever, as ErrorCode demands; those of one server are few.
std::string_view kept(std::string name) {
  static std::mutex mutex;
  static std::map<std::string, bool> names;
  const std::lock_guard lock(mutex);
  return names.emplace(std::move(name), true).first->first;
}

Result<boost::json::object> read_answer(const http::ClientResponse& response) {
  auto json = parse_json(response.body);
  if (!json || !json->is_object())
    return fail(
        bad_answer,
        fmt::format(
            "the server answered {} with something that is not JSON; is it another version?",
            response.status));
  auto& object = json->as_object();
  if (response.status == 200) return std::move(object);
  const auto text = [&](const char* name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
  };
  return fail(Error{ErrorCode{kept(text("Code")), response.status}, text("Message")});
}

}  // namespace

Result<LocalServer> LocalServer::find(const std::string& socket) {
  std::vector<std::string> candidates;
  const char* from_environment = std::getenv("LARDER_SOCKET");
  if (!socket.empty()) {
    candidates = {socket};
  } else if (from_environment != nullptr && *from_environment != '\0') {
    candidates = {from_environment};
  } else {
    candidates = {"./larder-data/larder.sock", "/run/larder/larder.sock"};
  }
  for (const auto& path : candidates) {
    const auto uid = server_uid(path);
    if (!uid) continue;
    if (*uid != 0 && *uid != geteuid())
      return fail(no_server, fmt::format("{} belongs to the user with the id {}, who is neither "
                                         "root nor you; nothing was sent",
                                         path, *uid));
    return LocalServer(path, *uid);
  }
  return fail(
      no_server,
      fmt::format(
          "no server answers at {}; start one with `larder server --data DIR`, or name its socket, "
          "DIR/larder.sock, with --socket or LARDER_SOCKET",
          fmt::join(candidates, " or ")));
}

Task<Result<boost::json::object>> LocalServer::ask(std::string action, Parameters parameters,
                                                   std::string account) const {
  http::ClientRequest request{.endpoint = http::UnixEndpoint{path_}, .method = "POST"};
  request.body =
      fmt::format("Action={}&Version={}", percent_encode(action), server::local_api_version);
  for (const auto& [name, value] : parameters)
    request.body += fmt::format("&{}={}", name, percent_encode(value));
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  request.headers.add("x-larder-api-version", std::string(server::local_api_version));
  request.headers.add("User-Agent", "larder-cli");
  if (!account.empty()) request.headers.add("x-larder-account", std::move(account));
  request.require_peer_uid = uid_;
  auto response = co_await http::request(std::move(request));
  if (!response) co_return fail(std::move(response).error());
  co_return read_answer(*response);
}

Result<boost::json::object> LocalServer::call(std::string_view action, Parameters parameters,
                                              const std::string& account) const {
  boost::asio::io_context io(1);
  std::optional<Result<boost::json::object>> outcome;
  boost::asio::co_spawn(
      io,
      [&]() -> Task<void> {
        outcome.emplace(co_await ask(std::string(action), std::move(parameters), account));
      },
      [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
      });
  io.run();
  return *std::move(outcome);
}

}  // namespace larder::cli
