#include "http/chunked.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"

namespace larder::http {
namespace {

struct Decoded {
  std::string data;
  std::string rest;
  bool done = false;
  bool failed = false;
};

// Feeds `piece` bytes at a time.
Decoded decode(std::string_view input, std::size_t piece = 1 << 20,
               std::size_t data_max = 1 << 20) {
  ChunkedDecoder decoder;
  Decoded out;
  while (!input.empty() && !decoder.done()) {
    const auto step = decoder.step(input.substr(0, piece), data_max);
    if (!step) {
      out.failed = true;
      return out;
    }
    out.data += step->data;
    input.remove_prefix(step->consumed);
  }
  out.rest = input;
  out.done = decoder.done();
  return out;
}

TEST(ChunkedDecoder, JoinsChunksAndDropsExtensionsAndTrailers) {
  const std::string text =
      "5\r\nhello\r\n1;name=\"a;b\"\r\n,\r\n00A\r\n 234567890\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\nGET";
  for (const std::size_t piece : {1, 2, 3, 7, 1000}) {
    for (const std::size_t data_max : {1, 4, 1000}) {
      const Decoded out = decode(text, piece, data_max);
      EXPECT_TRUE(out.done);
      EXPECT_EQ(out.data, "hello, 234567890");
      EXPECT_EQ(out.rest, "GET");
    }
  }
}

TEST(ChunkedDecoder, NoPrefixIsTakenForTheEnd) {
  const std::string text = "5\r\nhello\r\n0\r\nA: b\r\n\r\n";
  for (std::size_t size = 0; size < text.size(); ++size) {
    const Decoded out = decode(std::string_view(text).substr(0, size));
    EXPECT_FALSE(out.done) << size;
    EXPECT_FALSE(out.failed) << size;
  }
}

TEST(ChunkedDecoder, RefusesWhatOthersMightReadDifferently) {
  for (const std::string text : {"\r\n",
                                 "g\r\n",
                                 "-1\r\n",
                                 "+1\r\n",
                                 "0x1\r\n",
                                 " 1\r\n",
                                 "1 \r\nx",
                                 "1\nx",
                                 "1\r\rx",
                                 "1;\n",
                                 "1;a\rb\r\n",
                                 "1\r\nxy",
                                 "1\r\nx\n",
                                 "1\r\nx\rz",
                                 "10000000000000000\r\n",
                                 "8000000000000000\r\n",
                                 "0\r\n\n",
                                 "0\r\n: a\r\n\r\n",
                                 "0\r\n a\r\n\r\n",
                                 "0\r\nA: b\n\r\n",
                                 "0\r\nA: b\rc\r\n\r\n",
                                 "1,1\r\n",
                                 ";a\r\n"}) {
    EXPECT_TRUE(decode(text).failed) << text;
  }
}

TEST(ChunkedDecoder, BoundsSizeLinesAndTrailers) {
  EXPECT_TRUE(decode("1;" + std::string(limits::http_chunk_line, 'x')).failed);
  EXPECT_TRUE(decode(std::string(limits::http_chunk_line + 1, '0')).failed);
  EXPECT_FALSE(decode("1;" + std::string(limits::http_chunk_line - 10, 'x') + "\r\nx\r\n").failed);
  std::string trailers = "0\r\n";
  for (std::size_t i = 0; i <= limits::http_trailer / 6; ++i) trailers += "A: b\r\n";
  EXPECT_TRUE(decode(trailers).failed);
}

TEST(ChunkedDecoder, DataMayBeTakenAroundIt) {
  ChunkedDecoder decoder;
  ASSERT_EQ(decoder.step("a\r\n", 100)->consumed, 3u);
  EXPECT_EQ(decoder.data_next(), 10u);
  decoder.took(4);
  EXPECT_EQ(decoder.data_next(), 6u);
  decoder.took(6);
  EXPECT_EQ(decoder.data_next(), 0u);
  ASSERT_TRUE(decoder.step("\r\n0\r\n\r\n", 100).has_value());
  EXPECT_TRUE(decoder.done());
}

}  // namespace
}  // namespace larder::http
