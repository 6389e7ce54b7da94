#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "http/core.h"
#include "http/server.h"
#include "http/testing/raw_client.h"

namespace larder::http {
namespace {

using namespace std::chrono_literals;
using testing::RawClient;
using testing::TestServer;

constexpr std::string_view get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::uint64_t mebibyte = 1024 * 1024;

char byte_at(std::uint64_t offset) { return static_cast<char>((offset * 2654435761u) >> 13); }

// `size` bytes, then its end or a failure. Says how far it was read.
class Pattern final : public ByteSource {
 public:
  explicit Pattern(std::uint64_t size, bool fails = false) : size_(size), fails_(fails) {}
  Task<Result<std::size_t>> read(std::span<char> into) override {
    const std::uint64_t at = given_;
    if (at == size_ && fails_) co_return fail(codes::internal_error, "a broken block");
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - at));
    for (std::size_t i = 0; i < count; ++i) into[i] = byte_at(at + i);
    given_ += count;
    co_return count;
  }
  std::optional<std::uint64_t> length() const override { return size_; }
  std::uint64_t given() const { return given_; }

 private:
  const std::uint64_t size_;
  const bool fails_;
  std::atomic<std::uint64_t> given_{0};
};

std::string pattern(std::uint64_t from, std::size_t size) {
  std::string text(size, 0);
  for (std::size_t i = 0; i < size; ++i) text[i] = byte_at(from + i);
  return text;
}

TEST(StreamedResponse, ArrivesWholeAtEverySize) {
  TestServer server([](Request& request, ResponseWriter& response) -> Task<void> {
    const auto size = std::stoull(request.target.substr(1));
    Pattern source(size);
    const auto sent = co_await response.send(200, {}, source, size);
    if (!sent) throw std::runtime_error(sent.error().message);
  });
  RawClient client(server.port());
  const std::size_t buffer = StreamBuffers::size;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, buffer - 1, buffer, buffer + 1,
                                 2 * buffer, 5 * buffer + 7}) {
    client.send("GET /" + std::to_string(size) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto response = client.receive();
    EXPECT_EQ(response.status, 200);
    EXPECT_TRUE(response.body == pattern(0, size)) << size;
  }
}

TEST(StreamedResponse, ASlowReaderHoldsTheSourceBack) {
  constexpr std::uint64_t size = 256 * mebibyte;
  Pattern source(size);
  TestServer server([&](Request&, ResponseWriter& response) -> Task<void> {
    co_await response.send(200, {}, source, size);
  });
  RawClient client(server.port(), 64 * 1024);
  client.send(get);
  client.receive(true);
  std::uint64_t received = 0, most_ahead = 0;
  while (received < 32 * mebibyte) {
    const std::string piece = client.receive_bytes(mebibyte);
    ASSERT_TRUE(piece == pattern(received, piece.size()));
    received += piece.size();
    most_ahead = std::max(most_ahead, source.given() - received);
  }
  // One buffer of ours; the rest is the kernel's send buffer.
  EXPECT_LT(most_ahead, 16 * mebibyte);
}

TEST(StreamedResponse, OfAShortBodyThatFailsNothingIsSent) {
  TestServer server([](Request&, ResponseWriter& response) -> Task<void> {
    Pattern broken(1000, true);
    const auto sent = co_await response.send(200, {}, broken, 1000);
    if (sent || response.started()) co_return;
    co_await response.send(500, {}, sent.error().message);
  });
  RawClient client(server.port());
  client.send(get);
  EXPECT_EQ(client.receive().body, "a broken block");
  client.send(get);
  EXPECT_EQ(client.receive().status, 500);
}

TEST(StreamedResponse, OfALongBodyThatFailsTheEndIsMissing) {
  // It fails only when asked for its end: even then the client must not hold all of it.
  for (const std::uint64_t given : {mebibyte, 4 * mebibyte}) {
    TestServer server([&](Request&, ResponseWriter& response) -> Task<void> {
      Pattern broken(given, true);
      co_await response.send(200, {}, broken, 4 * mebibyte);
    });
    RawClient client(server.port());
    client.send(get);
    EXPECT_EQ(client.receive(true).headers.find("Content-Length"), std::to_string(4 * mebibyte));
    EXPECT_LT(client.receive_to_end().size(), 4 * mebibyte);
  }
}

TEST(StreamedResponse, ASourceOfAnotherLengthFails) {
  TestServer server([](Request& request, ResponseWriter& response) -> Task<void> {
    Pattern source(request.target == "/short" ? 9 : 11);
    const auto sent = co_await response.send(200, {}, source, 10);
    if (!sent && !response.started()) co_await response.send(500, {}, "");
  });
  RawClient client(server.port());
  for (const char* target : {"/short", "/long"}) {
    client.send("GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client.receive().status, 500);
  }
}

TEST(StreamedResponse, IsNotReadForHead) {
  TestServer server([](Request&, ResponseWriter& response) -> Task<void> {
    Pattern source(mebibyte);
    co_await response.send(source.given() == 0 ? 200 : 500, {}, source, mebibyte);
    if (source.given() != 0) throw std::logic_error("read");
  });
  RawClient client(server.port());
  client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\nHEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.receive(true).headers.find("Content-Length"), std::to_string(mebibyte));
  EXPECT_EQ(client.receive(true).status, 200);
}

TEST(StreamedResponse, AClientThatTakesNothingIsGivenUp) {
  ServerOptions options = TestServer::two_cores();
  options.body_stall_deadline = 50ms;
  std::atomic<bool> failed = false;
  TestServer server(
      [&](Request&, ResponseWriter& response) -> Task<void> {
        Pattern source(256 * mebibyte);
        const auto sent = co_await response.send(200, {}, source, 256 * mebibyte);
        failed = !sent && sent.error().code == connection_lost;
      },
      options);
  RawClient client(server.port(), 64 * 1024);
  client.send(get);
  EXPECT_TRUE(server.server().connections() <= 1);
  while (!failed) std::this_thread::yield();
  EXPECT_LT(client.receive_to_end().size(), 256 * mebibyte);
}

// Counts what it reads and compares it with the pattern.
Task<void> verify(Request& request, ResponseWriter& response) {
  std::vector<char> buffer(128 * 1024);
  std::uint64_t at = 0;
  bool same = true;
  for (;;) {
    const std::span<char> into(buffer);
    const auto count = co_await request.body.read(into);
    if (!count || *count == 0) break;
    same = same && std::string_view(buffer.data(), *count) == pattern(at, *count);
    at += *count;
  }
  co_await response.send(200, {}, (same ? "same " : "different ") + std::to_string(at));
}

TEST(StreamedRequest, ArrivesWholeByLength) {
  TestServer server(verify);
  RawClient client(server.port());
  constexpr std::size_t size = 16 * mebibyte + 3;
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n");
  client.send(pattern(0, size));
  EXPECT_EQ(client.receive().body, "same " + std::to_string(size));
  client.send(get);
  EXPECT_EQ(client.receive().body, "same 0");
}

TEST(StreamedRequest, ArrivesWholeInChunksOfEverySize) {
  TestServer server(verify);
  RawClient client(server.port());
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  std::uint64_t at = 0;
  for (std::size_t size = 1; size < 2 * mebibyte; size = size * 3 + 1) {
    std::array<char, 32> line;
    const auto end = std::snprintf(line.data(), line.size(), "%zx;x=y\r\n", size);
    client.send(std::string(line.data(), static_cast<std::size_t>(end)) + pattern(at, size) +
                "\r\n");
    at += size;
  }
  client.send("0\r\nTrailer: dropped\r\n\r\n" + std::string(get));
  EXPECT_EQ(client.receive().body, "same " + std::to_string(at));
  EXPECT_EQ(client.receive().body, "same 0");
}

TEST(StreamedRequest, CanBeEchoedWhileItArrives) {
  constexpr std::size_t size = 8 * mebibyte;
  TestServer server([](Request& request, ResponseWriter& response) -> Task<void> {
    co_await response.send(200, {}, request.body, request.body.length().value_or(0));
  });
  RawClient client(server.port());
  client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n");
  const std::string body = pattern(0, size);
  std::thread sender([&] { client.send(body); });
  const auto response = client.receive();
  sender.join();
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.body == body);
}

}  // namespace
}  // namespace larder::http
