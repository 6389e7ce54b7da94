// What every answer has, also that of a request which goes wrong in a way that no operation
// foresaw.
#include "aws/pipeline.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "base/metrics_registry.h"
#include "base/testing/exposition.h"
#include "storage/testing/run.h"

namespace larder::aws {
namespace {

enum class Mood { fine, throws, damaged };

/// One operation, GetObject, that takes 3 ms and does as its mood is.
struct Moody {
  ManualClock& clock;
  Mood mood = Mood::fine;
};

class Bytes final : public ByteSource {
 public:
  explicit Bytes(std::string bytes, bool damaged = false)
      : bytes_(std::move(bytes)), damaged_(damaged) {}
  Task<Result<std::size_t>> read(std::span<char> into) override {
    if (damaged_)
      co_return fail(larder::codes::internal_error, "block 0 does not match its checksum");
    const auto count = std::min(into.size(), bytes_.size());
    std::memcpy(into.data(), bytes_.data(), count);
    bytes_.erase(0, count);
    co_return count;
  }
  std::optional<std::uint64_t> length() const override { return bytes_.size(); }

 private:
  std::string bytes_;
  const bool damaged_;
};

struct GetObject {
  static constexpr std::string_view name = "GetObject";
  static constexpr auto effect = Effect::reads;
  static constexpr S3Route route = {.method = "GET", .target = 'k'};
  using Service = Moody;
  using Input = Nothing;
  struct Output : Nothing {
    std::unique_ptr<ByteSource> stream;
    std::uint64_t stream_length = 0;
  };
  static Needs needs(const Moody&, const Call&, const Input&) {
    return {{.action = "s3:GetObject", .resource = "*"}};
  }
  static Task<Result<Output>> run(Moody& moody, Call&, Input) {
    moody.clock.advance(std::chrono::milliseconds(3));
    if (moody.mood == Mood::throws) throw std::runtime_error("no more of it");
    Output out;
    out.stream = std::make_unique<Bytes>("0123456789", moody.mood == Mood::damaged);
    out.stream_length = 10;
    co_return out;
  }
};

class Operator final : public CredentialDirectory {
 public:
  std::expected<Credential, BadCredential> find(const std::string&,
                                                const std::optional<std::string>&,
                                                Time) const override {
    return std::unexpected(BadCredential::unknown_key);
  }
  std::optional<Caller> local_operator(const std::string&, uid_t uid, Time) const override {
    Caller caller;
    caller.principal.kind = policy::Principal::Kind::root;
    caller.principal.account = "111111111111";
    caller.local_uid = uid;
    return caller;
  }
};

class AllowAll final : public Authorizer {
 public:
  Ruling rule(const Caller&, const Demand&) const override { return {.allowed = true}; }
};

class Audit final : public AuditSink {
 public:
  bool ready() const override { return true; }
  Result<void> append(const AuditEvent& event) override {
    events.push_back(event);
    return {};
  }
  std::vector<AuditEvent> events;
};

class Writer final : public http::ResponseWriter {
 public:
  Task<Result<void>> send(int status, http::Headers headers, std::string body) override {
    status_ = status;
    headers_ = std::move(headers);
    body_ = std::move(body);
    co_return Result<void>();
  }
  Task<Result<void>> send(int status, http::Headers headers, ByteSource& body,
                          std::uint64_t length) override {
    std::string whole(length, '\0');
    CO_TRY(const auto count, co_await body.read(whole));
    whole.resize(count);
    co_return co_await send(status, std::move(headers), std::move(whole));
  }
  bool started() const override { return status_ != 0; }

  std::string header(std::string_view name) const {
    return std::string(headers_.find(name).value_or(""));
  }
  int status_ = 0;
  http::Headers headers_;
  std::string body_;
};

class PipelineTest : public ::testing::Test {
 protected:
  PipelineTest() {
    static constexpr auto operations = s3_operations<GetObject>();
    pipeline_.set({&moody_, nullptr, make_s3_routes({operations.begin(), operations.end()})});
    pipeline_.register_metrics(registry_);
  }

  Writer get(std::string target) {
    Bytes nothing("");
    http::Peer peer;
    peer.unix_peer = http::UnixPeer{1, geteuid(), 0};
    http::Request request{"GET", std::move(target), 1, {{"Host", "localhost"}}, peer, nothing};
    Writer writer;
    storage::test::run(pipeline_.serve(request, writer));
    return writer;
  }

  double counted(std::string_view name, const std::map<std::string, std::string>& labels) const {
    const auto read = metrics::testing::parse_exposition(registry_.text());
    return read ? read->value(name, labels).value_or(0) : -1;
  }
  double requests(const std::string& operation, const std::string& status) const {
    return counted("larder_requests_total",
                   {{"service", "s3"}, {"operation", operation}, {"status", status}});
  }
  double errors(const std::string& code) const {
    return counted("larder_errors_total", {{"service", "s3"}, {"code", code}});
  }

  ManualClock clock_{Time(std::chrono::seconds(1'700'000'000))};
  SeededRandom random_{1};
  Moody moody_{clock_};
  Operator credentials_;
  AllowAll authorizer_;
  Audit audit_;
  metrics::Registry registry_;
  Pipeline pipeline_{
      {"us-east-1", {"localhost"}}, credentials_, authorizer_, audit_, clock_, random_};
};

TEST_F(PipelineTest, ARequestIsCountedWithTheTimeAndTheBytesItTook) {
  EXPECT_EQ(get("/bucket/key").body_, "0123456789");
  EXPECT_EQ(requests("GetObject", "2xx"), 1);
  const std::map<std::string, std::string> labels{{"service", "s3"}, {"operation", "GetObject"}};
  EXPECT_EQ(counted("larder_request_duration_seconds_sum", labels), 0.003);
  EXPECT_EQ(counted("larder_response_body_bytes_total", labels), 10);
}

TEST_F(PipelineTest, AnExceptionIsAnInternalErrorThatAnswerAndAuditNameAlike) {
  moody_.mood = Mood::throws;
  const auto answer = get("/bucket/key");
  EXPECT_EQ(answer.status_, 500);
  const auto id = answer.header("x-amz-request-id");
  ASSERT_EQ(id.size(), 16u);
  EXPECT_TRUE(answer.body_.contains("<Code>InternalError</Code>"));
  EXPECT_TRUE(answer.body_.contains("<RequestId>" + id + "</RequestId>"));
  EXPECT_FALSE(answer.body_.contains("no more of it"));
  ASSERT_EQ(audit_.events.size(), 1u);
  EXPECT_EQ(audit_.events[0].request_id, id);
  EXPECT_EQ(audit_.events[0].error_code, "InternalError");
  EXPECT_EQ(requests("GetObject", "5xx"), 1);
  EXPECT_EQ(errors("InternalError"), 1);
}

TEST_F(PipelineTest, DamagedDataIsAnAnswerWithItsRequestId) {
  moody_.mood = Mood::damaged;
  const auto answer = get("/bucket/key");
  EXPECT_EQ(answer.status_, 500);
  const auto id = answer.header("x-amz-request-id");
  ASSERT_EQ(id.size(), 16u);
  EXPECT_TRUE(answer.body_.contains("<RequestId>" + id + "</RequestId>"));
  EXPECT_EQ(audit_.events.at(0).request_id, id);
  EXPECT_EQ(requests("GetObject", "5xx"), 1);
  EXPECT_EQ(requests("GetObject", "2xx"), 0);
  EXPECT_EQ(errors("InternalError"), 1);
}

TEST_F(PipelineTest, ATargetThatCannotBeReadIsCountedAndHasARequestId) {
  const auto answer = get("/bucket/key?x=%zz");
  EXPECT_EQ(answer.status_, 400);
  const auto id = answer.header("x-amz-request-id");
  ASSERT_EQ(id.size(), 16u);
  EXPECT_TRUE(answer.body_.contains("<RequestId>" + id + "</RequestId>"));
  EXPECT_EQ(requests("other", "4xx"), 1);
  EXPECT_EQ(errors("InvalidURI"), 1);
}

}  // namespace
}  // namespace larder::aws
