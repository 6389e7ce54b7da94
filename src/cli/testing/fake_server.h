// A server on a Unix socket that answers each Action as tests say, and a folder for its socket.
#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/check.h"
#include "cli/local_server.h"
#include "codec/uri.h"
#include "http/server.h"
#include "http/testing/raw_client.h"

namespace larder::cli::testing {

/// An empty folder of its own, removed at the end.
class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "larder-cli-XXXXXX";
    CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Safe from any thread.
class FakeServer {
 public:
  struct Asked {
    std::string method, target;
    http::Headers headers;
    Parameters form;
    /// Of the form; empty where it is absent.
    std::string operator[](std::string_view name) const {
      for (const auto& [key, value] : form) {
        if (key == name) return value;
      }
      return {};
    }
  };

  FakeServer() { listen(folder_.path() + "/larder.sock"); }
  explicit FakeServer(const std::string& socket) { listen(socket); }
  /// As if another user ran it. Root's only.
  explicit FakeServer(uid_t uid) {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
    // The system call, which is about this thread alone; the kernel keeps who called listen().
    CHECK(::syscall(SYS_setresuid, -1, uid, -1) == 0);
    listen(folder_.path() + "/larder.sock");
    CHECK(::syscall(SYS_setresuid, -1, 0, -1) == 0);
  }
  ~FakeServer() { server_.stop(std::chrono::milliseconds(0)); }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  /// From now on. What has no answer is refused with 404 and the code NotScripted.
  void answer(const std::string& action, int status, std::string body) {
    const std::lock_guard lock(mutex_);
    answers_[action] = {status, std::move(body)};
  }
  std::vector<Asked> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::vector<std::string> actions() const {
    std::vector<std::string> all;
    for (const Asked& one : asked()) all.push_back(one["Action"]);
    return all;
  }

  LocalServer local() const { return LocalServer(socket_); }
  const std::string& socket() const { return socket_; }

 private:
  void listen(const std::string& socket) {
    socket_ = socket;
    const http::UnixEndpoint endpoint{socket};
    const auto listening = server_.add_listener(endpoint, service_);
    CHECK(listening.has_value());
    server_.start();
  }

  static http::ServerOptions one_core() {
    http::ServerOptions options;
    options.cores = 1;
    return options;
  }

  Task<void> serve(http::Request& request, http::ResponseWriter& response) {
    const auto body = co_await http::testing::read_all(request.body);
    Asked one{request.method, request.target, request.headers,
              parse_form(body.value_or(""), 100).value_or(Parameters())};
    std::pair<int, std::string> found = {404, R"({"Code": "NotScripted", "Message": "no"})"};
    {
      const std::lock_guard lock(mutex_);
      if (const auto known = answers_.find(one["Action"]); known != answers_.end()) {
        found = known->second;
      }
      asked_.push_back(std::move(one));
    }
    co_await response.send(found.first, {}, std::move(found.second));
  }

  Folder folder_;
  std::string socket_;
  mutable std::mutex mutex_;  // of the two below
  std::map<std::string, std::pair<int, std::string>> answers_;
  std::vector<Asked> asked_;
  SystemClock clock_;
  http::testing::LambdaService service_{
      [this](http::Request& request, http::ResponseWriter& response) {
        return serve(request, response);
      }};
  http::Server server_{clock_, one_core()};
};

}  // namespace larder::cli::testing
