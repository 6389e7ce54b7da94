#include "bench/s3/load.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include "base/check.h"
#include "http/testing/impostor.h"

namespace larder::bench {
namespace {

using http::testing::Impostor;
using namespace std::chrono_literals;

/// A load on `url`, and what it sends.
class LoadTest : public testing::Test {
 protected:
  Load open(const std::string& url, Load::Settings settings = {.connections = 2}) {
    endpoint_ = http::parse_url(url).value();
    server_ = std::make_unique<Server>(Server::find(endpoint_, {}).value());
    return Load::open(*server_, body_, settings).value();
  }
  RequestMaker maker() const { return {endpoint_, std::nullopt, "us-east-1"}; }

  // Each of the requests once.
  static Tally send(Load& load, const std::vector<Request>& requests) {
    Workloads workloads;
    workloads.push_back(std::make_unique<Once>(requests));
    return load.run(workloads, 1h);
  }

  using Workloads = std::vector<std::unique_ptr<Workload>>;
  using Errors = std::map<std::string, std::uint64_t>;
  SeededRandom random_{1};
  Body body_ = Body::make(300'000, random_).value();
  http::Url endpoint_;
  std::unique_ptr<Server> server_;
  Impostor impostor_;
};

TEST_F(LoadTest, WhatIsPutArrivesWhetherItIsCopiedOrSplicedAndWhatIsGotIsCounted) {
  const std::string large(300'000, 'x');
  impostor_.when("PUT", "/small").reply(200, "");
  impostor_.when("PUT", "/large").reply(200, "");
  impostor_.when("GET", "/large").reply(200, large);
  Load load = open(impostor_.url());
  const Tally tally = send(load, {maker().put("/small", body_.bytes(1000), "UNSIGNED-PAYLOAD"),
                                  maker().put("/large", body_.bytes(300'000), "UNSIGNED-PAYLOAD"),
                                  maker().get("/large", large.size())});
  EXPECT_EQ(tally.errors, Errors());
  EXPECT_EQ(tally.operations, 3u);
  EXPECT_EQ(tally.latency.count(), 3u);
  EXPECT_EQ(tally.bytes, 601'000u);
  EXPECT_GT(tally.elapsed, 0ns);
  EXPECT_GT(tally.cpu, 0ns);
  for (const auto& recorded : impostor_.requests()) {
    if (recorded.method == "PUT") {
      EXPECT_TRUE(recorded.body == body_.bytes(recorded.target == "/small" ? 1000 : 300'000));
    }
  }
}

TEST_F(LoadTest, ARoundEndsWhenItsTimeIsOverAndThreadsShareIt) {
  impostor_.when("GET", "/").reply(200, "abc");
  Load load = open(impostor_.url(), {.connections = 3, .threads = 2});
  ASSERT_EQ(load.lanes(), 2u);
  const std::vector<Request> one{maker().get("/", 3)};
  Workloads rings;
  for (int i = 0; i < 2; ++i) rings.push_back(std::make_unique<Ring>(one, 0));
  const Tally tally = load.run(rings, 50ms);
  EXPECT_GE(tally.elapsed, 50ms);
  EXPECT_GT(tally.operations, 3u);
  EXPECT_EQ(tally.operations, impostor_.requests().size());
  EXPECT_EQ(tally.reconnects, 0u);
}

TEST_F(LoadTest, EveryKindOfFailureIsCountedUnderItsName) {
  impostor_.when("GET", "/busy").reply(503, "SlowDown");
  impostor_.when("GET", "/short").reply(200, "abc");
  impostor_.when("GET", "/cut").reply_cut_short(200, "abc");
  Load load = open(impostor_.url(), {.connections = 1});
  const Tally tally = send(load, {maker().get("/busy", 3), maker().get("/short", 4),
                                  maker().get("/cut", 3), maker().get("/short", 3)});
  EXPECT_EQ(tally.errors, (Errors{{"503", 1}, {"connection lost", 1}, {"wrong size", 1}}));
  EXPECT_EQ(tally.complaint, "SlowDown");
  EXPECT_EQ(tally.operations, 1u);
}

TEST_F(LoadTest, AServerThatNeverAnswersIsGivenUp) {
  impostor_.when("GET", "/").hang();
  Load load = open(impostor_.url(), {.connections = 2, .patience = 20ms});
  const Tally tally = send(load, {maker().get("/", 3), maker().get("/", 3)});
  EXPECT_EQ(tally.errors, (Errors{{"no answer in time", 2}}));
}

TEST_F(LoadTest, AskingYieldsTheWholeAnswerWhateverItsStatus) {
  impostor_.when("GET", "/").reply(404, "<Code>NoSuchKey</Code>");
  Load load = open(impostor_.url());
  const auto answer = load.ask(maker().get("/", 3));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->body, "<Code>NoSuchKey</Code>");
}

TEST_F(LoadTest, WhereNobodyListensThereIsNoLoad) {
  const auto server = Server::find(http::parse_url("http://127.0.0.1:1").value(), {});
  ASSERT_TRUE(server);
  EXPECT_FALSE(Load::open(*server, body_, {}));
}

/// Answers one request on each connection, promises to keep it, and closes it.
class Fickle {
 public:
  Fickle() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    CHECK(bind(listener_.get(), generic, size) == 0 && listen(listener_.get(), 8) == 0);
    CHECK(getsockname(listener_.get(), generic, &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this] { serve(); });
  }
  ~Fickle() { shutdown(listener_.get(), SHUT_RDWR); }

  std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }

 private:
  void serve() const {
    while (true) {
      const http::FileDescriptor connection(accept(listener_.get(), nullptr, nullptr));
      if (!connection) return;
      std::array<char, 4096> request;
      constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
      if (read(connection.get(), request.data(), request.size()) > 0)
        send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  }

  http::FileDescriptor listener_;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

TEST_F(LoadTest, AConnectionThatTheServerClosedMeanwhileIsMadeAgainAndIsNoError) {
  Fickle fickle;
  Load load = open(fickle.url(), {.connections = 1});
  const Tally tally = send(load, {5, maker().get("/", 3)});
  EXPECT_EQ(tally.errors, Errors());
  EXPECT_EQ(tally.operations, 5u);
  EXPECT_EQ(tally.reconnects, 4u);
}

}  // namespace
}  // namespace larder::bench
