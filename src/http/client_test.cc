#include "http/client.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "http/testing/impostor.h"
#include "http/testing/raw_client.h"
#include "http/unix_socket.h"

namespace larder::http {
namespace {

using namespace std::chrono_literals;
using testing::Impostor;
using testing::LambdaService;
using testing::TestServer;

ClientRequest to(const Endpoint& endpoint, std::string target = "/") {
  ClientRequest request;
  request.endpoint = endpoint;
  request.target = std::move(target);
  return request;
}

// A directory whose path alone is longer than a sockaddr_un.
class DeepDirectory {
 public:
  DeepDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "http-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    path_ = root_ / std::string(100, 'd') / std::string(100, 'e');
    std::filesystem::create_directories(path_);
  }
  DeepDirectory(const DeepDirectory&) = delete;
  DeepDirectory& operator=(const DeepDirectory&) = delete;
  ~DeepDirectory() { std::filesystem::remove_all(root_); }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  auto entries() const { return std::distance(std::filesystem::directory_iterator(path_), {}); }

 private:
  std::filesystem::path root_, path_;
};

Task<void> say_uid(Request& request, ResponseWriter& response) {
  const auto& peer = request.peer.unix_peer;
  std::string text = peer ? std::to_string(peer->uid) + " " + std::to_string(peer->pid) : "none";
  co_await response.send(200, {}, std::move(text));
}

struct UnixServer {
  explicit UnixServer(const UnixEndpoint& endpoint)
      : listening(server.add_listener(endpoint, service)) {
    server.start();
  }
  ManualClock clock{Time()};
  LambdaService service{say_uid};
  Server server{clock, TestServer::two_cores()};
  Result<Endpoint> listening;
};

TEST(Client, AsksAndIsAnswered) {
  Impostor impostor;
  impostor.when("PUT", "/a").reply(201, "made", {{"X-Id", "7"}});
  ClientRequest request = to(impostor.endpoint(), "/a?b=c");
  request.method = "PUT";
  request.headers.add("X-Asked", "yes");
  request.body = "text";
  const auto response = request_blocking(request);
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "made");
  EXPECT_EQ(response->headers.find("x-id"), "7");
  const auto asked = impostor.requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].target, "/a?b=c");
  EXPECT_EQ(asked[0].body, "text");
  EXPECT_EQ(asked[0].headers.find("X-Asked"), "yes");
  EXPECT_EQ(asked[0].headers.find("Host"), to_string(Endpoint(impostor.endpoint())));
}

TEST(Client, ResolvesNames) {
  Impostor impostor;
  impostor.when("GET", "/").reply(200, "here");
  const auto response = request_blocking(to(TcpEndpoint{"localhost", impostor.port()}));
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(response->body, "here");
}

TEST(Client, HeadHasNoBody) {
  Impostor impostor;
  impostor.when("HEAD", "/").reply(200, "long");
  ClientRequest request = to(impostor.endpoint());
  request.method = "HEAD";
  const auto response = request_blocking(request);
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->headers.find("Content-Length"), "4");
  EXPECT_EQ(response->body, "");
}

TEST(Client, FailuresSayWhat) {
  Impostor impostor;
  impostor.when("GET", "/cut").reply_cut_short(200, std::string(1 << 20, 'x'));
  impostor.when("GET", "/hang").hang();
  impostor.when("GET", "/big").reply(200, std::string(1000, 'x'));
  EXPECT_EQ(request_blocking(to(impostor.endpoint(), "/cut")).error().code, connection_lost);

  ClientRequest hanging = to(impostor.endpoint(), "/hang");
  hanging.timeout = 50ms;
  const auto timed_out = request_blocking(hanging);
  ASSERT_FALSE(timed_out.has_value());
  EXPECT_TRUE(timed_out.error().message.ends_with("no answer within 50 ms"));

  ClientRequest big = to(impostor.endpoint(), "/big");
  big.response_max = 999;
  EXPECT_EQ(request_blocking(big).error().code, response_too_large);

  EXPECT_EQ(request_blocking(to(impostor.endpoint(), "/a b")).error().code, bad_request);
  ClientRequest split = to(impostor.endpoint());
  split.headers.add("A", "b\r\nC: d");
  EXPECT_EQ(request_blocking(split).error().code, bad_request);

  const std::uint16_t port = Impostor().port();
  EXPECT_EQ(request_blocking(to(TcpEndpoint{"127.0.0.1", port})).error().code, connection_lost);
}

TEST(Impostor, RepliesInOrderAndRepeatsTheLast) {
  Impostor impostor;
  impostor.when("GET", "/a").reply(500, "").reply(200, "");
  impostor.when("GET", "/a?x").reply(418, "");
  const auto status = [&](const char* target) {
    return request_blocking(to(impostor.endpoint(), target))->status;
  };
  EXPECT_EQ(status("/a"), 500);
  EXPECT_EQ(status("/a?y"), 200);
  EXPECT_EQ(status("/a"), 200);
  EXPECT_EQ(status("/a?x"), 418);
  EXPECT_EQ(status("/b"), 404);
  impostor.when("GET", "/a").reply(204, "");
  EXPECT_EQ(status("/a"), 204);
  EXPECT_EQ(impostor.requests().size(), 6u);
}

TEST(UnixSocket, WorksAtAPathOfAnyLength) {
  DeepDirectory directory;
  for (const std::size_t length : {1, 50, 107, 255}) {
    const UnixEndpoint endpoint{directory / std::string(length, 's')};
    UnixServer server(endpoint);
    ASSERT_TRUE(server.listening.has_value()) << server.listening.error().message;
    ClientRequest request = to(endpoint);
    request.require_peer_uid = ::getuid();
    const auto response = request_blocking(request);
    ASSERT_TRUE(response.has_value()) << response.error().message;
    EXPECT_EQ(response->body, std::to_string(::getuid()) + " " + std::to_string(::getpid()));
    EXPECT_EQ(directory.entries(), 1);
    server.server.stop(1s);
    EXPECT_EQ(directory.entries(), 0);
  }
}

TEST(UnixSocket, HasTheModeAskedFor) {
  DeepDirectory directory;
  const UnixEndpoint for_us{directory / "a"}, for_all{directory / "b", 0666};
  UnixServer one(for_us), two(for_all);
  const auto mode = [](const UnixEndpoint& endpoint) {
    struct stat found{};
    EXPECT_EQ(::stat(endpoint.path.c_str(), &found), 0);
    return found.st_mode & 0777;
  };
  EXPECT_EQ(mode(for_us), 0600u);
  EXPECT_EQ(mode(for_all), 0666u);
}

TEST(UnixSocket, NothingIsSentToAServerOfAnotherUser) {
  DeepDirectory directory;
  const UnixEndpoint endpoint{directory / "s"};
  UnixServer server(endpoint);
  ClientRequest request = to(endpoint);
  request.require_peer_uid = ::getuid() + 1;
  EXPECT_EQ(request_blocking(request).error().code, codes::access_denied);
}

TEST(UnixSocket, IsReplacedOnlyWhenNobodyAnswersOnIt) {
  DeepDirectory directory;
  const std::string path = directory / "s";
  {
    auto left_over = listen_unix(path, 0600);
    ASSERT_TRUE(left_over.has_value());
    EXPECT_EQ(listen_unix(path, 0600).error().code, address_in_use);
    // As a killed server leaves it: nobody listens, the file stays.
    left_over->socket = FileDescriptor();
    const std::string kept = directory / "kept";
    std::filesystem::rename(path, kept);
    std::filesystem::rename(kept, path);
    auto next = listen_unix(path, 0600);
    ASSERT_TRUE(next.has_value()) << next.error().message;
    EXPECT_TRUE(connect_unix(path).has_value());
  }
  EXPECT_EQ(directory.entries(), 0);
  std::ofstream(path) << "a file of somebody's";
  EXPECT_EQ(listen_unix(path, 0600).error().code, address_in_use);
  EXPECT_TRUE(std::filesystem::is_regular_file(path));
  EXPECT_EQ(directory.entries(), 1);
}

TEST(UnixSocket, AFileThatIsNoLongerOursStays) {
  DeepDirectory directory;
  const std::string path = directory / "s";
  {
    auto listener = listen_unix(path, 0600);
    ASSERT_TRUE(listener.has_value());
    std::filesystem::remove(path);
    std::ofstream(path) << "new";
  }
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(UnixSocket, FailuresSayWhere) {
  DeepDirectory directory;
  const auto missing = listen_unix(directory / "no/such/s", 0600);
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, listen_failed);
  EXPECT_TRUE(missing.error().message.ends_with("No such file or directory"));
  EXPECT_EQ(connect_unix(directory / "s").error().code, connection_lost);
}

}  // namespace
}  // namespace larder::http
