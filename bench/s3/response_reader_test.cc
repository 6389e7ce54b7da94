#include "bench/s3/response_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace larder::bench {
namespace {

struct Read {
  bool done = false;
  bool failed = false;
  int status = 0;
  bool keep_alive = false;
  std::uint64_t size = 0;
  std::string body;
  std::size_t taken = 0;
};

// Shows it `piece` bytes at a time, then the end of the stream if `closes`.
Read read(std::string_view text, std::size_t piece = 1 << 20, bool closes = false) {
  ResponseReader reader;
  Read out;
  reader.start(&out.body);
  while (!reader.done() && out.taken < text.size()) {
    const auto count = reader.take(text.substr(out.taken, piece));
    if (!count) {
      out.failed = true;
      return out;
    }
    out.taken += *count;
  }
  if (closes) reader.ended();
  out.done = reader.done();
  out.status = reader.status();
  out.keep_alive = reader.keep_alive();
  out.size = reader.body_size();
  return out;
}

TEST(ResponseReader, EndsWhereContentLengthSaysInPiecesOfAnySize) {
  const std::string text =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\ncontent-LENGTH:  5 \r\n\r\nhelloHTTP";
  for (const std::size_t piece : {1, 2, 3, 7, 40, 1000}) {
    const Read out = read(text, piece);
    EXPECT_TRUE(out.done) << piece;
    EXPECT_EQ(out.status, 200);
    EXPECT_EQ(out.body, "hello");
    EXPECT_EQ(out.size, 5u);
    EXPECT_TRUE(out.keep_alive);
    EXPECT_EQ(text.substr(out.taken), "HTTP");
  }
}

TEST(ResponseReader, JoinsChunks) {
  const std::string text =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n";
  for (const std::size_t piece : {1, 3, 1000}) {
    const Read out = read(text, piece);
    EXPECT_TRUE(out.done);
    EXPECT_EQ(out.body, "hello!");
    EXPECT_EQ(out.taken, text.size());
  }
}

TEST(ResponseReader, NoContentHasNoBodyWhateverItsLengthSays) {
  const Read out = read("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n");
  EXPECT_TRUE(out.done);
  EXPECT_EQ(out.status, 204);
}

TEST(ResponseReader, AnInterimResponseIsNotTheAnswer) {
  const Read out =
      read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", 5);
  EXPECT_TRUE(out.done);
  EXPECT_EQ(out.status, 403);
}

TEST(ResponseReader, WithoutALengthTheStreamsEndIsTheBodys) {
  const std::string text = "HTTP/1.1 200 OK\r\n\r\nall of it";
  EXPECT_FALSE(read(text).done);
  const Read out = read(text, 1000, true);
  EXPECT_TRUE(out.done);
  EXPECT_EQ(out.body, "all of it");
  EXPECT_FALSE(out.keep_alive);
}

TEST(ResponseReader, AStreamThatEndsEarlyCutsTheResponse) {
  EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", 1000, true).done);
  EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nContent-", 1000, true).done);
}

TEST(ResponseReader, SaysWhetherTheConnectionLivesOn) {
  EXPECT_FALSE(read("HTTP/1.1 204 N\r\nConnection: Close\r\n\r\n").keep_alive);
  EXPECT_FALSE(read("HTTP/1.0 204 N\r\n\r\n").keep_alive);
  EXPECT_TRUE(read("HTTP/1.0 204 N\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(ResponseReader, RefusesWhatIsNotHttp) {
  for (const std::string text :
       {"SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"}) {
    EXPECT_TRUE(read(text).failed) << text;
  }
}

TEST(ResponseReader, WhatNobodyWantsMayBeDroppedUnread) {
  ResponseReader reader;
  reader.start();
  ASSERT_TRUE(reader.take("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nab"));
  EXPECT_EQ(reader.unwanted_next(), 998u);
  reader.dropped(998);
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(reader.body_size(), 1000u);

  reader.start();
  ASSERT_TRUE(reader.take("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nab"));
  EXPECT_EQ(reader.unwanted_next(), 14u);
  reader.dropped(14);
  ASSERT_TRUE(reader.take("\r\n0\r\n\r\n"));
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(reader.body_size(), 16u);
}

TEST(ResponseReader, KeepsWhatAFailureSaysForItself) {
  ResponseReader reader;
  reader.start();
  ASSERT_TRUE(reader.take("HTTP/1.1 503 Slow Down\r\nContent-Length: 8\r\n\r\nSlowDown"));
  EXPECT_EQ(reader.complaint(), "SlowDown");
  reader.start();
  EXPECT_EQ(reader.complaint(), "");
  EXPECT_FALSE(reader.began());
}

}  // namespace
}  // namespace larder::bench
