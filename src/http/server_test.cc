#include "http/server.h"
#include "base/metrics_registry.h"
#include "base/testing/exposition.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <stdexcept>
#include <thread>

#include "http/testing/raw_client.h"

namespace larder::http {
namespace {

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

Task<void> ignore_body(Request&, ResponseWriter& response) {
  co_await response.send(403, {}, "no");
}

TEST(Server, AnswersWithDateLengthAndItsName) {
  ServerOptions options = TestServer::two_cores();
  options.server_name = "Larder";
  TestServer server(describe, options);
  RawClient client(server.port());
  client.send(get);
  const auto response = client.receive();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "GET /a ");
  EXPECT_EQ(response.headers, (Headers{{"Content-Length", "7"},
                                       {"Date", "Wed, 01 Jan 2020 00:00:00 GMT"},
                                       {"Server", "Larder"}}));
}

TEST(Server, KeepsAConnectionForManyRequests) {
  TestServer server(describe);
  RawClient client(server.port());
  for (int i = 0; i < 100; ++i) {
    client.send("PUT /" + std::to_string(i) +
                " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz");
    EXPECT_EQ(client.receive().body, "PUT /" + std::to_string(i) + " xyz");
  }
  EXPECT_EQ(server.server().connections(), 1u);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  TestServer server(describe);
  RawClient client(server.port());
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n";
    all += i % 2 == 0 ? "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
                      : "Content-Length: 2\r\n\r\nab";
  }
  client.send(all);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(client.receive().body, "POST /" + std::to_string(i) + " ab");
  }
}

TEST(Server, PassesOverALineEndAfterABody) {
  TestServer server(describe);
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx\r\n" + std::string(get));
  EXPECT_EQ(client.receive().body, "POST / x");
  EXPECT_EQ(client.receive().body, "GET /a ");
}

TEST(Server, APutWithoutLengthHasAnEmptyBody) {
  TestServer server(describe);
  RawClient client(server.port());
  client.send("PUT /a HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive().body, "PUT /a ");
}

TEST(Server, InvitesABodyWhenItIsFirstRead) {
  TestServer server(describe);
  RawClient client(server.port());
  client.send("PUT /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  client.send("hi");
  EXPECT_EQ(client.receive().body, "PUT /a hi");
  client.send(get);
  EXPECT_EQ(client.receive().body, "GET /a ");
}

TEST(Server, ClosesWhenItAnswersWithoutInvitingTheBody) {
  TestServer server(ignore_body);
  RawClient client(server.port());
  client.send("PUT /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  const auto response = client.receive();
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.headers.find("Connection"), "close");
  EXPECT_TRUE(client.at_end());
}

TEST(Server, DropsAShortUnreadBodyAndKeepsTheConnection) {
  TestServer server(ignore_body);
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
    client.send(std::string(100'000, 'x'));
    EXPECT_EQ(client.receive().status, 403);
    client.send(
        "PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n");
    EXPECT_EQ(client.receive().status, 403);
  }
}

TEST(Server, ALongUnreadBodyClosesTheConnectionButDoesNotLoseTheAnswer) {
  TestServer server(ignore_body);
  RawClient client(server.port());
  client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 20000000\r\n\r\n");
  EXPECT_TRUE(client.send(std::string(20'000'000, 'x')));
  const auto response = client.receive();
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.headers.find("Connection"), "close");
  EXPECT_TRUE(client.at_end());
}

TEST(Server, GivesHeadTheLengthAndNoBody) {
  TestServer server([](Request& request, ResponseWriter& response) -> Task<void> {
    Headers headers;
    if (request.target == "/given") headers.add("Content-Length", "12345");
    co_await response.send(200, std::move(headers), "body");
  });
  RawClient client(server.port());
  client.send("HEAD /given HTTP/1.1\r\nHost: h\r\n\r\nHEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive(true).headers.find("Content-Length"), "12345");
  EXPECT_EQ(client.receive(true).headers.find("Content-Length"), "4");
  client.send(get);
  EXPECT_EQ(client.receive().body, "body");
}

TEST(Server, GivesNoBodyWith204And304) {
  TestServer server([](Request& request, ResponseWriter& response) -> Task<void> {
    co_await response.send(request.target == "/204" ? 204 : 304, {}, "never");
  });
  RawClient client(server.port());
  client.send("GET /204 HTTP/1.1\r\nHost: h\r\n\r\nGET /304 HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto first = client.receive();
  EXPECT_EQ(first.status, 204);
  EXPECT_FALSE(first.headers.contains("Content-Length"));
  EXPECT_EQ(client.receive(true).status, 304);
}

TEST(Server, ClosesAfterHttp10UnlessAskedNotTo) {
  TestServer server(describe);
  RawClient plain(server.port());
  plain.send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_EQ(plain.receive().headers.find("Connection"), "close");
  EXPECT_TRUE(plain.at_end());
  RawClient kept(server.port());
  for (int i = 0; i < 2; ++i) {
    kept.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(kept.receive().headers.find("Connection"), "keep-alive");
  }
}

TEST(Server, ClosesWhenTheClientOrTheServiceSaysSo) {
  TestServer server([](Request& request, ResponseWriter& response) -> Task<void> {
    Headers headers;
    if (request.target == "/service") headers.add("Connection", "close");
    co_await response.send(200, std::move(headers), "");
  });
  for (const char* text : {"GET /service HTTP/1.1\r\nHost: h\r\n\r\n",
                           "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"}) {
    RawClient client(server.port());
    client.send(text);
    EXPECT_EQ(client.receive().headers.find("Connection"), "close");
    EXPECT_TRUE(client.at_end());
  }
}

TEST(Server, AnswersAClientThatHasFinishedSending) {
  TestServer server(describe);
  RawClient client(server.port());
  client.send(get);
  client.shutdown_send();
  EXPECT_EQ(client.receive().body, "GET /a ");
  EXPECT_TRUE(client.at_end());
}

TEST(Server, ABodyCutShortIsAnErrorToTheService) {
  TestServer server(describe);
  for (const char* framing :
       {"Content-Length: 9\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
    RawClient client(server.port());
    client.send("PUT / HTTP/1.1\r\nHost: h\r\n" + std::string(framing));
    client.shutdown_send();
    EXPECT_EQ(client.receive().body, "PUT / IncompleteBody");
    EXPECT_TRUE(client.at_end());
  }
}

TEST(Server, MalformedChunksAreAnErrorToTheServiceAndEndTheConnection) {
  TestServer server(describe);
  RawClient client(server.port());
  client.send(
      "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n" +
      std::string(get));
  EXPECT_EQ(client.receive().body, "PUT / MalformedBody");
  EXPECT_TRUE(client.at_end());
}

TEST(Server, RefusesWhatItCannotServeBeforeTheServiceSeesIt) {
  std::atomic<int> served = 0;
  ServerOptions options = TestServer::two_cores();
  options.body_max = 1000;
  TestServer server(
      [&](Request& request, ResponseWriter& response) -> Task<void> {
        ++served;
        co_await ignore_body(request, response);
      },
      options);
  std::string many = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 200; ++i) many += "A: b\r\n";
  const std::vector<std::pair<std::string, int>> cases = {
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"\x16\x03\x01\x02\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(40'000, 'x'), 431},
      {many + "\r\n", 431},
      {"GET /" + std::string(40'000, 'x'), 414},
      {"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n", 413},
      {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       400}};
  for (const auto& [text, status] : cases) {
    RawClient client(server.port());
    client.send(text);
    const auto response = client.receive();
    EXPECT_EQ(response.status, status) << text.substr(0, 60);
    EXPECT_EQ(response.headers.find("Connection"), "close");
    EXPECT_EQ(response.headers.find("Content-Type"), "text/plain");
    EXPECT_FALSE(response.body.empty());
    EXPECT_TRUE(client.at_end());
  }
  EXPECT_EQ(served, 0);
}

TEST(Server, AServiceThatThrowsIsAnsweredForAndTheOthersGoOn) {
  TestServer server([](Request& request, ResponseWriter& response) -> Task<void> {
    if (request.target == "/throw") throw std::runtime_error("on purpose");
    if (request.target == "/silent") co_return;
    co_await response.send(200, {}, "fine");
    if (request.target == "/late") throw std::runtime_error("after the answer");
  });
  RawClient other(server.port());
  for (const char* target : {"/throw", "/silent"}) {
    RawClient client(server.port());
    client.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto response = client.receive();
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(response.body.find("purpose"), std::string::npos);
    EXPECT_TRUE(client.at_end());
  }
  RawClient late(server.port());
  late.send("GET /late HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(late.receive().body, "fine");
  EXPECT_TRUE(late.at_end());
  other.send(get);
  EXPECT_EQ(other.receive().body, "fine");
}

TEST(Server, ASecondResponseAndAnInvalidHeaderAreErrorsToTheService) {
  TestServer server([](Request&, ResponseWriter& response) -> Task<void> {
    Headers split;
    split.add("A", "b\r\nSet-Cookie: c");
    const auto invalid = co_await response.send(200, std::move(split), "first");
    const bool refused = !invalid && !response.started();
    co_await response.send(200, {}, refused ? "refused" : "sent");
    const auto second = co_await response.send(200, {}, "second");
    if (second) throw std::logic_error("two responses");
  });
  RawClient client(server.port());
  client.send(std::string(get) + std::string(get));
  EXPECT_EQ(client.receive().body, "refused");
  EXPECT_EQ(client.receive().body, "refused");
}

TEST(Server, TellsTheServiceWhoIsThere) {
  TestServer server([](Request& request, ResponseWriter& response) -> Task<void> {
    const Peer& peer = request.peer;
    const bool known = peer.port != 0 && !peer.unix_peer && !peer.secure;
    co_await response.send(
        known ? 200 : 500, {},
        peer.address + " " + peer.local_address + ":" + std::to_string(peer.local_port));
  });
  RawClient client(server.port());
  client.send(get);
  EXPECT_EQ(client.receive().body, "127.0.0.1 127.0.0.1:" + std::to_string(server.port()));
}

TEST(Server, SpreadsConnectionsOverItsCoresAndKeepsEachOnItsOwn) {
  TestServer server([](Request&, ResponseWriter& response) -> Task<void> {
    const auto thread = std::hash<std::thread::id>()(std::this_thread::get_id());
    co_await response.send(200, {}, std::to_string(thread));
  });
  std::set<std::string> threads;
  for (int i = 0; i < 64; ++i) {
    RawClient client(server.port());
    client.send(get);
    const std::string first = client.receive().body;
    client.send(get);
    EXPECT_EQ(client.receive().body, first);
    threads.insert(first);
  }
  EXPECT_EQ(threads.size(), 2u);
}

TEST(Server, ListenersHaveTheirOwnServices) {
  ManualClock clock{Time()};
  testing::LambdaService one([](Request&, ResponseWriter& response) -> Task<void> {
    co_await response.send(200, {}, "1");
  });
  testing::LambdaService two([](Request&, ResponseWriter& response) -> Task<void> {
    co_await response.send(200, {}, "2");
  });
  Server server(clock, TestServer::two_cores());
  const auto first = server.add_listener(TcpEndpoint{"127.0.0.1", 0}, one);
  const auto second = server.add_listener(TcpEndpoint{"::1", 0}, two);
  ASSERT_TRUE(first.has_value());
  server.start();
  RawClient client(std::get<TcpEndpoint>(*first).port);
  client.send(get);
  EXPECT_EQ(client.receive().body, "1");
  if (second) {
    EXPECT_EQ(std::get<TcpEndpoint>(*second).host, "::1");
  }
}

TEST(Server, ASecondServerCannotShareItsPort) {
  TestServer first(describe);
  ManualClock clock{Time()};
  testing::LambdaService service(describe);
  Server second(clock, TestServer::two_cores());
  const auto listening = second.add_listener(TcpEndpoint{"127.0.0.1", first.port()}, service);
  ASSERT_FALSE(listening.has_value());
  EXPECT_EQ(listening.error().code, address_in_use);
  EXPECT_TRUE(listening.error().message.starts_with(
      "address already in use: 127.0.0.1:" + std::to_string(first.port()) + ";"))
      << listening.error().message;
  const auto any = second.add_listener(TcpEndpoint{"0.0.0.0", first.port()}, service);
  EXPECT_FALSE(any.has_value());
}

TEST(Server, AnswersThatItIsFullWhenItIs) {
  ServerOptions options = TestServer::two_cores();
  options.connections_max = 1;
  TestServer server(describe, options);
  RawClient first(server.port());
  first.send(get);
  EXPECT_EQ(first.receive().status, 200);
  RawClient second(server.port());
  EXPECT_EQ(second.receive().status, 503);
  EXPECT_TRUE(second.at_end());
  first.send(get);
  EXPECT_EQ(first.receive().status, 200);

  metrics::Registry registry;
  server.server().register_metrics(registry);
  const auto counted = metrics::testing::parse_exposition(registry.text());
  ASSERT_TRUE(counted) << counted.error();
  EXPECT_EQ(counted->value("larder_connections"), 1);
  EXPECT_EQ(counted->value("larder_connections_limit"), 1);
  EXPECT_EQ(counted->value("larder_connections_accepted_total"), 1);
  EXPECT_EQ(counted->value("larder_connections_refused_total"), 1);
}

}  // namespace
}  // namespace larder::http
