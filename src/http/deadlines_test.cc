#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <latch>
#include <thread>

#include "base/metrics_registry.h"
#include "base/testing/exposition.h"
#include "http/server.h"
#include "http/testing/raw_client.h"

namespace larder::http {
namespace {

using namespace std::chrono_literals;
using testing::RawClient;
using testing::read_all;
using testing::TestServer;

constexpr std::string_view get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

// "<method> <target> <body>"
Task<void> describe(Request& request, ResponseWriter& response) {
  const auto body = co_await read_all(request.body);
  std::string text = request.method + " " + request.target + " ";
  text += body ? *body : std::string(body.error().code.name);
  co_await response.send(body ? 200 : body.error().code.http_status, {}, std::move(text));
}

Task<void> sleep_for(std::chrono::milliseconds time) {
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer timer(executor, time);
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

ServerOptions impatient() {
  ServerOptions options = TestServer::two_cores();
  options.head_deadline = 50ms;
  options.idle_deadline = 50ms;
  options.body_stall_deadline = 50ms;
  return options;
}

TEST(Deadlines, ASlowHeadIsAnswered408) {
  TestServer server(describe, impatient());
  RawClient client(server.port());
  client.send("GET / HT");
  EXPECT_EQ(client.receive().status, 408);
  EXPECT_TRUE(client.at_end());
}

TEST(Deadlines, AConnectionThatIsSweptIsCounted) {
  metrics::Registry registry;
  TestServer server(describe, impatient());
  server.server().register_metrics(registry);
  const auto swept = [&] {
    const auto read = metrics::testing::parse_exposition(registry.text());
    return read ? read->value("larder_connections_swept_total") : std::nullopt;
  };
  EXPECT_EQ(swept(), 0);
  RawClient client(server.port());
  client.send("GET / HT");
  EXPECT_EQ(client.receive().status, 408);
  EXPECT_EQ(swept(), 1);
}

TEST(Deadlines, AnIdleConnectionIsClosedWithoutAWord) {
  TestServer server(describe, impatient());
  RawClient silent(server.port());
  RawClient served(server.port());
  served.send(get);
  EXPECT_EQ(served.receive().status, 200);
  EXPECT_TRUE(silent.at_end());
  EXPECT_TRUE(served.at_end());
}

TEST(Deadlines, AStalledBodyIsAnErrorToTheService) {
  TestServer server(describe, impatient());
  RawClient client(server.port());
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
  EXPECT_EQ(client.receive().body, "PUT / RequestTimeout");
  EXPECT_TRUE(client.at_end());
}

TEST(Deadlines, AServiceMayTakeLonger) {
  TestServer server(
      [](Request&, ResponseWriter& response) -> Task<void> {
        co_await sleep_for(200ms);
        co_await response.send(200, {}, "done");
      },
      impatient());
  RawClient client(server.port());
  client.send(get);
  EXPECT_EQ(client.receive().body, "done");
}

TEST(Stop, LetsARunningRequestFinishAndClosesIdleConnections) {
  std::latch entered(1), leave(1);
  TestServer server([&](Request&, ResponseWriter& response) -> Task<void> {
    entered.count_down();
    while (!leave.try_wait()) co_await sleep_for(1ms);
    co_await response.send(200, {}, "finished");
  });
  RawClient idle(server.port());
  RawClient busy(server.port());
  busy.send(get);
  entered.wait();
  std::thread stopping([&] { server.server().stop(20s); });
  EXPECT_TRUE(idle.at_end());
  leave.count_down();
  const auto response = busy.receive();
  EXPECT_EQ(response.body, "finished");
  EXPECT_EQ(response.headers.find("Connection"), "close");
  EXPECT_TRUE(busy.at_end());
  stopping.join();
  EXPECT_EQ(server.server().connections(), 0u);
}

// The one core takes its connections in turn: when `later` is answered, what others sent before has
// been read.
void await_reading(RawClient& later) {
  later.send(get);
  EXPECT_EQ(later.receive().status, 200);
}

TEST(Stop, DoesNotWaitForHalfAHead) {
  ServerOptions options = TestServer::two_cores();
  options.cores = 1;
  options.head_deadline = 1h;
  options.stopping_head_deadline = 1ms;
  TestServer server(describe, options);
  RawClient fresh(server.port());
  RawClient used(server.port());
  RawClient later(server.port());
  used.send(get);
  EXPECT_EQ(used.receive().status, 200);
  fresh.send("GET / HT");
  used.send("GET / HT");
  await_reading(later);
  const auto stopped = std::async(std::launch::async, [&] { server.server().stop(15s); });
  EXPECT_EQ(stopped.wait_for(10s), std::future_status::ready);
  EXPECT_TRUE(fresh.at_end());
  EXPECT_TRUE(used.at_end());
}

TEST(Stop, AnswersAHeadWhoseRestComesSoon) {
  ServerOptions options = TestServer::two_cores();
  options.cores = 1;
  options.stopping_head_deadline = 20s;
  TestServer server(describe, options);
  RawClient client(server.port());
  client.send(get.substr(0, 10));
  RawClient later(server.port());
  await_reading(later);
  std::thread stopping([&] { server.server().stop(20s); });
  EXPECT_TRUE(later.at_end());
  client.send(get.substr(10));
  const auto response = client.receive();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.find("Connection"), "close");
  stopping.join();
}

TEST(Stop, CancelsWhatDoesNotFinishInTime) {
  std::latch entered(1);
  bool ended = false;
  TestServer server([&](Request&, ResponseWriter&) -> Task<void> {
    struct Mark {
      bool& flag;
      ~Mark() { flag = true; }
    } mark{ended};
    entered.count_down();
    co_await sleep_for(1h);
  });
  RawClient client(server.port());
  client.send(get);
  entered.wait();
  server.server().stop(1ms);
  EXPECT_TRUE(ended);
  EXPECT_TRUE(client.at_end());
}

TEST(Stop, WithoutStartOrTwiceIsNothing) {
  ManualClock clock{Time()};
  Server server(clock, TestServer::two_cores());
  server.stop(1ms);
  server.stop(1ms);
}

}  // namespace
}  // namespace larder::http
