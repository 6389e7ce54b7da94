#include "aws/request_body.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "codec/base64.h"

namespace larder::aws {
namespace {

/// Gives its bytes in pieces of `step`.
class Pieces final : public ByteSource {
 public:
  Pieces(std::string bytes, std::size_t step) : bytes_(std::move(bytes)), step_(step) {}
  Task<Result<std::size_t>> read(std::span<char> into) override {
    const std::size_t count = std::min({step_, into.size(), bytes_.size() - at_});
    std::copy_n(bytes_.data() + at_, count, into.data());
    at_ += count;
    co_return count;
  }
  std::optional<std::uint64_t> length() const override { return bytes_.size(); }

 private:
  const std::string bytes_;
  const std::size_t step_;
  std::size_t at_ = 0;
};

/// The body as an operation reads it, or the code of what was wrong.
std::string read(const std::string& wire, http::Headers headers,
                 std::optional<std::string> content_sha256 = {}) {
  Pieces source(wire, 7);
  http::Request request{"PUT", "/b/k", 1, std::move(headers), {}, source};
  std::optional<sigv4::Payload> payload;
  if (content_sha256) payload = *sigv4::parse_payload(*content_sha256);
  auto body = RequestBody::open(request, payload, std::nullopt, true);
  if (!body) return std::string(body.error().code.name);
  std::string out;
  boost::asio::io_context io(1);
  boost::asio::co_spawn(
      io,
      [&]() -> Task<void> {
        auto all = co_await (*body)->read_all(1000);
        out = all ? *all : std::string(all.error().code.name);
      },
      [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
      });
  io.run();
  return out;
}

TEST(RequestBody, AnUnsignedBodyIsGivenAsItCame) {
  EXPECT_EQ(read("hello world", {}), "hello world");
}

TEST(RequestBody, TheSha256MustMatch) {
  EXPECT_EQ(read("abc", {}, sha256_hex("abc")), "abc");
  EXPECT_EQ(read("abd", {}, sha256_hex("abc")), "XAmzContentSHA256Mismatch");
}

TEST(RequestBody, TheContentMd5MustBeWellFormedAndMatch) {
  EXPECT_EQ(read("abc", {{"Content-MD5", base64_encode(md5("abc"))}}), "abc");
  EXPECT_EQ(read("abd", {{"Content-MD5", base64_encode(md5("abc"))}}), "BadDigest");
  EXPECT_EQ(read("abc", {{"Content-MD5", "nonsense"}}), "InvalidDigest");
}

TEST(RequestBody, EveryChecksumInAHeaderMustMatch) {
  for (const auto algorithm : all_checksum_algorithms) {
    auto checksum = make_checksum(algorithm);
    checksum->update("abc");
    const std::string value = base64_encode(checksum->finish());
    const std::string name(checksum_header(algorithm));
    EXPECT_EQ(read("abc", {{name, value}}), "abc") << name;
    EXPECT_EQ(read("abd", {{name, value}}), "BadDigest") << name;
    EXPECT_EQ(read("abc", {{name, "AA=="}}), "InvalidRequest") << name;
  }
}

TEST(RequestBody, TwoChecksumsAndUnknownOnesAreRefusedByName) {
  EXPECT_EQ(read("", {{"x-amz-checksum-crc32", "AAAAAA=="}, {"x-amz-checksum-crc32c", "AAAAAA=="}}),
            "InvalidRequest");
  EXPECT_EQ(read("", {{"x-amz-checksum-xxhash3", "AAAAAA=="}}), "NotImplemented");
  EXPECT_EQ(read("", {{"x-amz-checksum-mode", "ENABLED"}}), "");
}

TEST(RequestBody, AChecksumInATrailerMustMatchAndBeThere) {
  const std::string form = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
  const http::Headers headers{{"x-amz-trailer", "x-amz-checksum-crc32"},
                              {"x-amz-decoded-content-length", "3"}};
  auto checksum = make_checksum(ChecksumAlgorithm::crc32);
  checksum->update("abc");
  const std::string line = "x-amz-checksum-crc32:" + base64_encode(checksum->finish()) + "\r\n";
  EXPECT_EQ(read("3\r\nabc\r\n0\r\n" + line + "\r\n", headers, form), "abc");
  EXPECT_EQ(read("3\r\nabd\r\n0\r\n" + line + "\r\n", headers, form), "BadDigest");
  EXPECT_EQ(read("3\r\nabc\r\n0\r\n\r\n", headers, form), "MalformedTrailerError");
  EXPECT_EQ(read("3\r\nabc\r\n0\r\n" + line, headers, form), "IncompleteBody");
  EXPECT_EQ(read("3\r\nabc\r\n", headers, form), "IncompleteBody");
}

TEST(RequestBody, ChunkedBodiesMustSayTheirLength) {
  EXPECT_EQ(read("0\r\n\r\n", {}, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"), "MissingContentLength");
  EXPECT_EQ(read("0\r\n\r\n", {{"x-amz-decoded-content-length", "x"}},
                 "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            "InvalidArgument");
}

TEST(RequestBody, ADocumentHasItsLimit) {
  EXPECT_EQ(read(std::string(1001, 'x'), {}), "EntityTooLarge");
}

}  // namespace
}  // namespace larder::aws
