#include "server/admin.h"

#include <gtest/gtest.h>

#include "base/testing/exposition.h"
#include "http/testing/raw_client.h"
#include "server/process_metrics.h"

namespace larder::server {
namespace {

struct FailingAudit final : aws::AuditSink {
  bool ready() const override { return is_ready; }
  Result<void> append(const aws::AuditEvent&) override { return {}; }
  std::atomic<bool> is_ready = true;
};

class Admin : public ::testing::Test {
 protected:
  http::testing::RawClient::Response get(const std::string& path) {
    http::testing::RawClient client(server_.port());
    client.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
    return client.receive();
  }

  FailingAudit audit_;
  metrics::Counter requests_;
  metrics::Registry metrics_;
  AdminService admin_{audit_, metrics_};
  http::testing::TestServer server_{
      [this](http::Request& request, http::ResponseWriter& response) -> Task<void> {
        co_await admin_.serve(request, response);
      }};
};

TEST_F(Admin, IsReadyAsLongAsTheAuditLogIs) {
  EXPECT_EQ(get("/health/ready").status, 200);
  audit_.is_ready = false;
  const auto refused = get("/health/ready");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.body,
            "The audit log cannot be written, so changes are refused. The server's log says "
            "why.\n");
  EXPECT_EQ(get("/health/live").status, 200);
  audit_.is_ready = true;
  EXPECT_EQ(get("/health/ready").status, 200);
}

TEST_F(Admin, ShowsItsMetricsToPrometheus) {
  requests_.add(7);
  metrics_.counter("larder_requests_total", "Requests.", {}, requests_);
  register_process_metrics(metrics_, Time(std::chrono::milliseconds(1'795'435'201'250)));
  const auto answer = get("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.find("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const auto read = metrics::testing::parse_exposition(answer.body);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->value("larder_requests_total"), 7);
  EXPECT_EQ(read->value("process_start_time_seconds"), 1'795'435'201.25);
  EXPECT_GT(read->value("process_resident_memory_bytes"), 1e6);
  EXPECT_GT(read->value("process_virtual_memory_bytes"),
            read->value("process_resident_memory_bytes"));
  EXPECT_GT(read->value("process_cpu_seconds_total"), 0);
  EXPECT_GE(read->value("process_open_fds"), 3);
  EXPECT_GT(read->value("process_max_fds"), read->value("process_open_fds"));
  EXPECT_EQ(read->sum("larder_build_info"), 1);
}

TEST_F(Admin, TakesNothingButQuestions) {
  http::testing::RawClient client(server_.port());
  client.send("POST /metrics HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
  const auto refused = client.receive();
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers.find("allow"), "GET, HEAD");
  EXPECT_EQ(get("/metric").status, 404);
  EXPECT_EQ(get("/metrics?name=x").status, 200);
}

TEST_F(Admin, IsNotReadyWhenItStops) {
  admin_.stop_being_ready();
  EXPECT_EQ(get("/health/ready").body, "stopping\n");
  EXPECT_EQ(get("/health/live").status, 200);
}

}  // namespace
}  // namespace larder::server
