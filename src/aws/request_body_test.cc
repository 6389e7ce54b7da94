#include "aws/request_body.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
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

/// As read(), of a reader that hashes by itself; what read() yields alone comes out in `seen`.
std::string read_and_hash(const std::string& wire, http::Headers headers,
                          std::optional<std::string> content_sha256, std::string& seen) {
  Pieces source(wire, 7);
  http::Request request{"PUT", "/b/k", 1, std::move(headers), {}, source};
  std::optional<sigv4::Payload> payload;
  if (content_sha256) payload = *sigv4::parse_payload(*content_sha256);
  auto body = RequestBody::open(request, payload, std::nullopt, true);
  if (!body) return std::string(body.error().code.name);
  const auto hashes = (*body)->leave_hashing_to_reader();
  boost::asio::io_context io(1);
  boost::asio::co_spawn(
      io, [&]() -> Task<void> { seen = (co_await (*body)->read_all(1000)).value_or("failed"); },
      boost::asio::detached);
  io.run();
  hashes->update(seen);
  const auto verified = (*body)->verify(md5(seen));
  return verified ? seen : std::string(verified.error().code.name);
}

TEST(RequestBody, AReaderThatHashesByItselfIsToldTheSame) {
  const auto checksum = make_checksum(ChecksumAlgorithm::crc32);
  checksum->update("abc");
  const auto crc = base64_encode(checksum->finish());
  const http::Headers promised{{"Content-MD5", base64_encode(md5("abc"))},
                               {"x-amz-checksum-crc32", crc}};
  std::string seen;
  EXPECT_EQ(read_and_hash("abc", promised, sha256_hex("abc"), seen), "abc");
  EXPECT_EQ(read_and_hash("abd", promised, sha256_hex("abd"), seen), "BadDigest");
  EXPECT_EQ(seen, "abd");
  EXPECT_EQ(read_and_hash("abd", {{"x-amz-checksum-crc32", crc}}, {}, seen), "BadDigest");
  EXPECT_EQ(read_and_hash("abd", {}, sha256_hex("abc"), seen), "XAmzContentSHA256Mismatch");
  const std::string form = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
  const http::Headers trailing{{"x-amz-trailer", "x-amz-checksum-crc32"},
                               {"x-amz-decoded-content-length", "3"}};
  const auto end = "\r\n0\r\nx-amz-checksum-crc32:" + crc + "\r\n\r\n";
  EXPECT_EQ(read_and_hash("3\r\nabc" + end, trailing, form, seen), "abc");
  EXPECT_EQ(read_and_hash("3\r\nabd" + end, trailing, form, seen), "BadDigest");
  EXPECT_EQ(read_and_hash("2\r\nab" + end, trailing, form, seen), "IncompleteBody");
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
