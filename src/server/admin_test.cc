#include "server/admin.h"

#include <gtest/gtest.h>

#include "http/testing/raw_client.h"

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
  AdminService admin_{audit_};
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

TEST_F(Admin, IsNotReadyWhenItStops) {
  admin_.stop_being_ready();
  EXPECT_EQ(get("/health/ready").body, "stopping\n");
  EXPECT_EQ(get("/health/live").status, 200);
}

}  // namespace
}  // namespace larder::server
