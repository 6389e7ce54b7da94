#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>

#include "http/self_signed.h"
#include "http/server.h"
#include "http/testing/raw_client.h"

namespace larder::http {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using testing::RawClient;
using testing::read_all;
using testing::TestServer;
using testing::TlsTerms;

constexpr std::string_view get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::size_t mebibyte = 1024 * 1024;

// "<method> <target> <body>"
Task<void> describe(Request& request, ResponseWriter& response) {
  const auto body = co_await read_all(request.body);
  std::string text = request.method + " " + request.target + " ";
  text += body ? *body : std::string(body.error().code.name);
  co_await response.send(body ? 200 : body.error().code.http_status, {}, std::move(text));
}

std::string pattern(std::size_t size) {
  std::string text(size, 0);
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>((i * 2654435761u) >> 13);
  return text;
}

// Yields its text; breaks off at its end if told to.
class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string_view text, bool breaks = false) : text_(text), breaks_(breaks) {}
  Task<Result<std::size_t>> read(std::span<char> into) override {
    if (text_.empty() && breaks_) co_return fail(codes::internal_error, "a broken block");
    const std::size_t count = std::min(into.size(), text_.size());
    std::copy_n(text_.data(), count, into.data());
    text_.remove_prefix(count);
    co_return count;
  }
  std::optional<std::uint64_t> length() const override { return text_.size(); }

 private:
  std::string_view text_;
  const bool breaks_;
};

TlsIdentity identity() {
  auto made = make_self_signed({"localhost", "127.0.0.1"}, SystemClock().now());
  EXPECT_TRUE(made.has_value());
  return *std::move(made);
}

class Tls : public ::testing::Test {
 protected:
  TestServer serve(testing::LambdaService::Body body,
                   ServerOptions options = TestServer::two_cores()) {
    return TestServer(std::move(body), std::move(options), context_.get());
  }
  RawClient connect(const TestServer& server) { return connect(server, terms_); }
  static RawClient connect(const TestServer& server, const TlsTerms& terms) {
    RawClient client(server.port());
    EXPECT_TRUE(client.start_tls(terms));
    return client;
  }

  TlsIdentity identity_ = identity();
  std::unique_ptr<TlsContext> context_ = TlsContext::make(identity_).value();
  TlsTerms terms_{.trusted = identity_.certificates};
};

TEST_F(Tls, IsSpokenInVersions12And13AndNoOlderOne) {
  TestServer server = serve(describe);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    terms_.version = version;
    RawClient client = connect(server);
    EXPECT_EQ(SSL_version(client.tls()), version);
    client.send(get);
    EXPECT_EQ(client.receive().body, "GET /a ");
  }
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    terms_.version = version;
    RawClient client(server.port());
    EXPECT_FALSE(client.start_tls(terms_)) << version;
  }
}

TEST_F(Tls, HasForwardSecrecyAndAuthenticatedEncryptionWithEveryCipher) {
  TestServer server = serve(describe);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    terms_.version = version;
    RawClient client = connect(server);
    const std::string cipher = SSL_get_cipher_name(client.tls());
    EXPECT_TRUE(cipher == "ECDHE-ECDSA-AES128-GCM-SHA256" || cipher == "TLS_AES_128_GCM_SHA256")
        << cipher;
  }
  terms_.version = TLS1_2_VERSION;
  RawClient client = connect(server);
  SSL_renegotiate(client.tls());
  client.send(get);
  EXPECT_EQ(client.receive().status, 0) << "renegotiated";
}

TEST_F(Tls, ProvesWhichServerItIs) {
  TestServer server = serve(describe);
  for (const auto* name : {"127.0.0.1", "localhost"}) {
    terms_.server_name = name;
    connect(server);
  }
  terms_.server_name = "elsewhere";
  RawClient misled(server.port());
  EXPECT_FALSE(misled.start_tls(terms_));
  terms_ = {.trusted = identity().certificates};
  RawClient distrustful(server.port());
  EXPECT_FALSE(distrustful.start_tls(terms_));
}

TEST_F(Tls, NegotiatesHttp11OrNothing) {
  TestServer server = serve(describe);
  terms_.protocol = "http/1.1";
  RawClient client = connect(server);
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.tls(), &chosen, &size);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(chosen), size), "http/1.1");
  terms_.protocol = "h2";
  RawClient newer(server.port());
  EXPECT_FALSE(newer.start_tls(terms_));
}

TEST_F(Tls, TellsTheServiceThatTheRequestCameEncrypted) {
  TestServer server = serve([](Request& request, ResponseWriter& response) -> Task<void> {
    co_await response.send(200, {}, request.peer.secure ? "secure" : "plain");
  });
  RawClient client = connect(server);
  client.send(get);
  EXPECT_EQ(client.receive().body, "secure");
}

TEST_F(Tls, ServesPipelinedRequestsInOrder) {
  TestServer server = serve(describe);
  RawClient client = connect(server);
  std::string all, expected;
  for (int i = 0; i < 500; ++i) {
    const std::string target = "/" + std::to_string(i);
    all += "POST " + target + " HTTP/1.1\r\nHost: h\r\n";
    all += i % 2 == 0 ? "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
                      : "Content-Length: 2\r\n\r\nab";
  }
  client.send(all);
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(client.receive().body, "POST /" + std::to_string(i) + " ab");
  }
}

TEST_F(Tls, TakesWhatComesByteByByte) {
  TestServer server = serve(describe);
  RawClient client = connect(server);
  for (const char c : "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"sv) {
    client.send(std::string_view(&c, 1));
  }
  EXPECT_EQ(client.receive().body, "PUT /a hello");
}

TEST_F(Tls, InvitesABodyWhenItIsFirstRead) {
  TestServer server = serve(describe);
  RawClient client = connect(server);
  client.send("PUT /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  client.send("hi");
  EXPECT_EQ(client.receive().body, "PUT /a hi");
}

TEST_F(Tls, TakesALargeBodyWhole) {
  const std::string sent = pattern(32 * mebibyte + 7);
  TestServer server = serve([&](Request& request, ResponseWriter& response) -> Task<void> {
    const auto body = co_await read_all(request.body);
    co_await response.send(200, {}, body && *body == sent ? "same" : "other");
  });
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    terms_.version = version;
    RawClient client = connect(server);
    client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(sent.size()) +
                "\r\n\r\n");
    client.send(sent);
    EXPECT_EQ(client.receive().body, "same");
  }
}

TEST_F(Tls, GivesALargeBodyWholeAtEverySize) {
  const std::string whole = pattern(8 * mebibyte);
  TestServer server = serve([&](Request& request, ResponseWriter& response) -> Task<void> {
    const auto size = std::stoull(request.target.substr(1));
    TextSource source(std::string_view(whole).substr(0, size));
    co_await response.send(200, {}, source, size);
  });
  RawClient client = connect(server);
  constexpr std::size_t record = TlsSession::record;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, record - 1, record, record + 1,
                                 2 * record, mebibyte + 7, 8 * mebibyte}) {
    client.send("GET /" + std::to_string(size) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto response = client.receive();
    EXPECT_EQ(response.status, 200);
    EXPECT_TRUE(response.body == whole.substr(0, size)) << size;
  }
}

TEST_F(Tls, ASlowReaderGetsEverything) {
  const std::string whole = pattern(16 * mebibyte);
  TestServer server = serve([&](Request&, ResponseWriter& response) -> Task<void> {
    co_await response.send(200, {}, whole);
  });
  RawClient client(server.port(), 16 * 1024);
  ASSERT_TRUE(client.start_tls(terms_));
  client.send(get);
  client.receive(true);
  std::string received;
  while (received.size() < whole.size()) {
    const std::string piece =
        client.receive_bytes(std::min<std::size_t>(1000, whole.size() - received.size()));
    if (piece.empty()) break;
    received += piece;
  }
  EXPECT_TRUE(received == whole);
}

TEST_F(Tls, SweepsSlowHandshakes) {
  ServerOptions options = TestServer::two_cores();
  options.head_deadline = 50ms;
  TestServer server = serve(describe, options);
  RawClient silent(server.port());
  RawClient begun(server.port());
  // The front of a record that promises 512 bytes of ClientHello.
  begun.send("\x16\x03\x01\x02\x00\x01\x00\x01\xfc"sv);
  EXPECT_TRUE(silent.at_end());
  EXPECT_TRUE(begun.at_end());
}

TEST_F(Tls, AnswersASlowHeadAndClosesAnIdleConnectionAsOverPlainOnes) {
  ServerOptions options = TestServer::two_cores();
  options.head_deadline = 500ms;  // of the handshake too
  TestServer server = serve(describe, options);
  RawClient slow = connect(server);
  RawClient idle = connect(server);
  slow.send("GET / HT");
  EXPECT_EQ(slow.receive().status, 408);
  EXPECT_TRUE(idle.at_end());
  EXPECT_TRUE(idle.was_told_the_end());
}

TEST_F(Tls, GivesUpOnAClientThatTakesNoMoreOrSendsNoMore) {
  const std::string whole = pattern(64 * mebibyte);
  std::promise<std::string> sending, receiving;
  ServerOptions options = TestServer::two_cores();
  options.body_stall_deadline = 50ms;
  TestServer server = serve(
      [&](Request& request, ResponseWriter& response) -> Task<void> {
        if (request.method == "GET") {
          const auto sent = co_await response.send(200, {}, whole);
          sending.set_value(std::string(sent ? "all sent" : sent.error().code.name));
        } else {
          const auto body = co_await read_all(request.body);
          receiving.set_value(std::string(body ? "all read" : body.error().code.name));
        }
      },
      options);
  RawClient taker(server.port(), 16 * 1024);
  ASSERT_TRUE(taker.start_tls(terms_));
  taker.send(get);
  RawClient sender = connect(server);
  sender.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");
  EXPECT_EQ(sending.get_future().get(), "ConnectionLost");
  EXPECT_EQ(receiving.get_future().get(), "RequestTimeout");
}

TEST_F(Tls, RefusesGarbage) {
  TestServer server = serve(describe);
  for (const std::string_view garbage :
       {"\x16\x03\x01\x00\x05garbage and more of it"sv, "\x00\x01\x02\x03\x04\x05"sv,
        "\x80\x2e\x01\x00\x02"sv, "\xff\xff\xff\xff\xff\xff"sv, "\r\n\r\n\r\n"sv}) {
    RawClient client(server.port());
    client.send(garbage);
    client.shutdown_send();
    EXPECT_LE(client.receive_to_end().size(), 7u) << "more than an alert";
  }
  RawClient client = connect(server);
  client.send(get);
  EXPECT_EQ(client.receive().status, 200);
}

TEST_F(Tls, TellsAPlainClientWhatIsSpokenHere) {
  TestServer server = serve(describe);
  for (const std::string_view request : {get, "DELETE /a HTTP/1.1\r\nHost: h\r\n\r\n"sv}) {
    RawClient client(server.port());
    client.send(request);
    const auto answer = client.receive();
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, "this port speaks TLS: use https:// instead of http://\n");
    EXPECT_TRUE(client.at_end());
  }
}

TEST_F(Tls, ARecordThatWasAlteredEndsTheConnection) {
  std::atomic<int> served = 0;
  TestServer server = serve([&](Request&, ResponseWriter& response) -> Task<void> {
    ++served;
    co_await response.send(200, {}, "");
  });
  RawClient client(server.port());
  ASSERT_TRUE(client.start_tls(terms_));
  const auto* record = "\x17\x03\x03\x00\x20 thirty-two bytes of no one's key";
  ASSERT_EQ(::send(SSL_get_fd(client.tls()), record, 37, MSG_NOSIGNAL), 37);
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(served, 0);
}

TEST_F(Tls, AClientThatEndsInTheMiddleOfABodyHasSentAnIncompleteOne) {
  TestServer server = serve(describe);
  for (const bool says_so : {true, false}) {
    RawClient client = connect(server);
    client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");
    if (says_so) {
      client.shutdown_send();
    } else {
      ::shutdown(SSL_get_fd(client.tls()), SHUT_WR);
    }
    const auto answer = client.receive();
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, "PUT /a IncompleteBody");
  }
}

TEST_F(Tls, AClientThatGoesAwayInTheMiddleEndsItsRequestAlone) {
  std::promise<bool> failed;
  TestServer server = serve([&](Request& request, ResponseWriter& response) -> Task<void> {
    if (request.method == "PUT") {
      const auto body = co_await read_all(request.body);
      failed.set_value(!body.has_value());
    }
    co_await response.send(200, {}, "");
  });
  RawClient other = connect(server);
  {
    RawClient client = connect(server);
    client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");
  }
  EXPECT_TRUE(failed.get_future().get());
  other.send(get);
  EXPECT_EQ(other.receive().status, 200);
}

TEST_F(Tls, AnswersAClientThatHasSaidItsLast) {
  TestServer server = serve(describe);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    terms_.version = version;
    RawClient client = connect(server);
    client.send(get);
    client.shutdown_send();
    EXPECT_EQ(client.receive().body, "GET /a ");
    EXPECT_TRUE(client.at_end());
    EXPECT_TRUE(client.was_told_the_end());
  }
}

TEST_F(Tls, SaysGoodbyeAfterAWholeResponseAndNotAfterABrokenOne) {
  const std::string front = pattern(mebibyte);
  TestServer server = serve([&](Request& request, ResponseWriter& response) -> Task<void> {
    const bool breaks = request.target == "/broken";
    TextSource source(front, breaks);
    Headers closing{{"Connection", "close"}};
    co_await response.send(200, closing, source, front.size() + (breaks ? 1 : 0));
  });
  RawClient whole = connect(server);
  whole.send(get);
  EXPECT_GT(whole.receive_to_end().size(), mebibyte);
  EXPECT_TRUE(whole.was_told_the_end());
  RawClient broken = connect(server);
  broken.send("GET /broken HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_LE(broken.receive().body.size(), mebibyte);
  EXPECT_FALSE(broken.was_told_the_end());
}

TEST_F(Tls, ResumesSessionsByTheirTickets) {
  TestServer server = serve(describe);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    terms_.version = version;
    terms_.resume_from = nullptr;
    RawClient first = connect(server);
    EXPECT_FALSE(SSL_session_reused(first.tls()));
    first.send(get);
    EXPECT_EQ(first.receive().status, 200);  // a ticket of 1.3 comes before
    terms_.resume_from = first.tls();
    RawClient second = connect(server);
    EXPECT_TRUE(SSL_session_reused(second.tls())) << version;
    second.send(get);
    EXPECT_EQ(second.receive().status, 200);
  }
}

TEST_F(Tls, ANewIdentityIsForNewConnections) {
  TestServer server = serve(describe);
  RawClient before = connect(server);
  const TlsIdentity next = identity();
  ASSERT_TRUE(context_->replace(next).has_value());
  before.send(get);
  EXPECT_EQ(before.receive().status, 200);
  RawClient after(server.port());
  EXPECT_FALSE(after.start_tls(terms_)) << "still shows the old certificate";
  terms_.trusted = next.certificates;
  connect(server);
  TlsIdentity broken = next;
  broken.key = identity_.key;
  EXPECT_FALSE(context_->replace(broken).has_value());
  connect(server);
}

TEST_F(Tls, StopsAtOnceWhenNobodyAsksAnything) {
  std::optional<TestServer> server;
  server.emplace(describe, TestServer::two_cores(), context_.get());
  RawClient idle = connect(*server);
  RawClient silent(server->port());
  idle.send(get);
  EXPECT_EQ(idle.receive().status, 200);
  const auto begun = std::chrono::steady_clock::now();
  server->server().stop(20s);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
  EXPECT_EQ(server->server().connections(), 0u);
  EXPECT_TRUE(idle.at_end());
  EXPECT_TRUE(idle.was_told_the_end());
  EXPECT_TRUE(silent.at_end());
}

}  // namespace
}  // namespace larder::http
