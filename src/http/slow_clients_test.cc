// Clients by the hundred that send a byte now and then.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "base/metrics_registry.h"
#include "base/testing/exposition.h"
#include "http/testing/raw_client.h"

namespace larder::http {
namespace {

using namespace std::chrono_literals;
using testing::RawClient;
using testing::TestServer;

Task<void> answer(Request&, ResponseWriter& response) { co_await response.send(200, {}, "here"); }

TEST(SlowClients, AThousandAreSweptWhateverTheySendAndTheOthersAreServed) {
  constexpr int count = 1000;
  constexpr std::string_view endless = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  ServerOptions options = TestServer::two_cores();
  options.head_deadline = 300ms;
  TestServer server(answer, options);
  metrics::Registry registry;
  server.server().register_metrics(registry);
  RawClient quick(server.port());
  const auto serve_quick = [&] {
    ASSERT_TRUE(quick.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    ASSERT_EQ(quick.receive().body, "here");
  };
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < count; ++i) {
    slow.push_back(std::make_unique<RawClient>(server.port()));
    ASSERT_TRUE(slow.back()->send(endless.substr(0, 1)));
  }
  const auto swept = [&] {
    const auto read = metrics::testing::parse_exposition(registry.text());
    return read ? read->value("larder_connections_swept_total").value_or(0) : 0;
  };
  // A byte each, again and again: it buys no time.
  const auto give_up = std::chrono::steady_clock::now() + 20s;
  for (std::size_t at = 1; swept() < count; ++at) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up) << swept();
    for (const auto& client : slow) client->send(at < endless.size() ? endless.substr(at, 1) : "x");
    serve_quick();
  }
  serve_quick();
}

}  // namespace
}  // namespace larder::http
