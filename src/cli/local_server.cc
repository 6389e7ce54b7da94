#include "cli/local_server.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstdlib>

#include "base/check.h"
#include "codec/json.h"
#include "http/client.h"

namespace larder::cli {
namespace {

constexpr std::string_view own_version = "2026-11-01";
constexpr std::string_view how_to_start =
    "`larder server --data DIR` starts one, with its socket at DIR/larder.sock; name it with "
    "--socket or LARDER_SOCKET";

bool is_socket(const std::string& path) {
  struct stat found{};
  return ::stat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
}

Result<std::string> named_socket(std::string_view source, const std::string& path) {
  if (is_socket(path)) return path;
  const std::string below = path + "/larder.sock";
  if (is_socket(below)) {
    return fail(no_server,
                fmt::format("{} names the directory {}: its socket is {}", source, path, below));
  }
  const bool exists = ::access(path.c_str(), F_OK) == 0;
  return fail(no_server,
              fmt::format("{} names {}, {}; {}", source, path,
                          exists ? "which is no socket" : "where no server is", how_to_start));
}

std::string form_of(const std::string& action, const Parameters& parameters) {
  std::string form = "Action=" + percent_encode(action) + "&Version=" + percent_encode(own_version);
  for (const auto& [name, value] : parameters) {
    form += '&' + percent_encode(name) + '=' + percent_encode(value);
  }
  return form;
}

struct Refusal {
  std::string code, message;
};

std::optional<Refusal> json_refusal(std::string_view body) {
  const auto json = parse_json(body);
  const auto* object = json ? json->if_object() : nullptr;
  const auto text = [&](std::string_view name) {
    const auto* value = object ? object->if_contains(name) : nullptr;
    return value && value->is_string() ? std::string(value->as_string()) : std::string();
  };
  Refusal refusal{text("Code"), text("Message")};
  if (refusal.code.empty()) return std::nullopt;
  return refusal;
}

Error error_of(const http::ClientResponse& response, const std::string& action) {
  auto refusal = json_refusal(response.body);
  // A server of another version takes the request for one of AWS's services, and answers in XML.
  if (!refusal) {
    refusal = Refusal{fmt::format("HTTP {}", response.status),
                      fmt::format("the server did not answer {} as this program's would; is it of "
                                  "the same version?",
                                  action)};
  }
  return {response.status < 500 ? refused_by_server : server_failed,
          fmt::format("{} ({})", refusal->message, refusal->code),
          {{"Code", refusal->code}}};
}

Error no_answer(const std::string& socket, const Error& error) {
  if (error.code == codes::access_denied) {
    return {no_server, fmt::format("{}: neither root nor this user (uid {}); nothing was sent. "
                                   "Run this as the server's user, or name another socket with "
                                   "--socket or LARDER_SOCKET",
                                   error.message, ::geteuid())};
  }
  errno = 0;
  if (::access(socket.c_str(), W_OK) != 0 && errno == EACCES) {
    return {no_server, fmt::format("{}: run this as the server's user, or as root", error.message)};
  }
  if (error.code == http::connection_lost) {
    return {no_server, fmt::format("{}; does the server run? {}", error.message, how_to_start)};
  }
  return {no_server, error.message};
}

// Runs a task on an event loop of its own.
template <class T>
Result<T> run_now(Task<Result<T>> task) {
  boost::asio::io_context io(1);
  std::optional<Result<T>> outcome;
  std::exception_ptr thrown;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr exception, Result<T> result) {
    thrown = std::move(exception);
    outcome.emplace(std::move(result));
  });
  io.run();
  if (thrown) std::rethrow_exception(thrown);
  CHECK(outcome.has_value());
  return *std::move(outcome);
}

}  // namespace

Result<std::string> find_socket(const SocketSearch& search) {
  if (!search.option.empty()) return named_socket("--socket", search.option);
  if (!search.variable.empty()) return named_socket("LARDER_SOCKET", search.variable);
  std::string tried;
  for (const std::string& place : search.places) {
    if (is_socket(place)) return place;
    tried += (tried.empty() ? "" : " or ") + place;
  }
  return fail(no_server, fmt::format("no server's socket at {}; {}", tried, how_to_start));
}

Result<LocalServer> LocalServer::find(const std::string& socket) {
  const char* variable = std::getenv("LARDER_SOCKET");
  SocketSearch search{socket, variable ? variable : "", {}};
  search.places = {"./larder-data/larder.sock", "/run/larder/larder.sock"};
  TRY(std::string found, find_socket(search));
  return LocalServer(std::move(found));
}

Task<Result<std::string>> LocalServer::exchange(std::string action, Parameters parameters,
                                                std::string account,
                                                std::chrono::milliseconds timeout) const {
  http::ClientRequest request;
  request.endpoint = http::UnixEndpoint{socket_};
  request.method = "POST";
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  request.headers.add("x-larder-api-version", std::string(own_version));
  request.headers.add("User-Agent", "larder-cli");
  if (!account.empty()) request.headers.add("x-larder-account", account);
  request.body = form_of(action, parameters);
  request.timeout = timeout;
  request.require_peer_uid = ::geteuid();
  auto response = co_await http::request(request);
  if (!response && response.error().code == codes::access_denied && ::geteuid() != 0) {
    // Not this user's: root's is as good.
    request.require_peer_uid = 0;
    response = co_await http::request(request);
  }
  if (!response) co_return fail(no_answer(socket_, response.error()));
  if (response->status != 200) co_return fail(error_of(*response, action));
  co_return std::move(response->body);
}

Task<Result<boost::json::object>> LocalServer::call_async(std::string action, Parameters parameters,
                                                          std::string account,
                                                          std::chrono::milliseconds timeout) const {
  CO_TRY(const std::string body,
         co_await exchange(action, std::move(parameters), std::move(account), timeout));
  auto json = parse_json(body);
  if (!json || !json->is_object()) {
    co_return fail(server_failed,
                   fmt::format("the server at {} answers {} with something that is no JSON object; "
                               "is it of the same version as this program?",
                               socket_, action));
  }
  co_return std::move(json->as_object());
}

Result<boost::json::object> LocalServer::call(std::string_view action, Parameters parameters,
                                              const std::string& account) const {
  return run_now(call_async(std::string(action), std::move(parameters), account));
}

std::string_view server_code(const Error& error) {
  const auto field =
      std::ranges::find(error.fields, std::string_view("Code"),
                        [](const auto& pair) { return std::string_view(pair.first); });
  return field == error.fields.end() ? std::string_view() : std::string_view(field->second);
}

}  // namespace larder::cli
