#include "bench/s3/request.h"

#include <gtest/gtest.h>

#include "codec/iso8601.h"

namespace larder::bench {
namespace {

http::Url url(std::string_view text) { return http::parse_url(text).value(); }

// "GET Bucket (List Objects)" in "Signature Calculations for the Authorization Header" of the S3
// API Reference.
TEST(RequestMaker, SignsAsThePublishedExampleDoes) {
  RequestMaker maker(
      url("http://examplebucket.s3.amazonaws.com"),
      sigv4::Credentials{"AKIAIOSFODNN7EXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                         std::nullopt},
      "us-east-1");
  maker.set_time(parse_basic("20130524T000000Z").value());
  const Request request = maker.simple("GET", "/", "max-keys=2&prefix=J");
  EXPECT_TRUE(request.head.starts_with(
      "GET /?max-keys=2&prefix=J HTTP/1.1\r\nhost: examplebucket.s3.amazonaws.com\r\n"));
  EXPECT_NE(request.head.find("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
            request.head.npos);
  EXPECT_TRUE(request.head.ends_with("\r\n\r\n"));
}

TEST(RequestMaker, ATemporaryCredentialsTokenIsSentAndSigned) {
  RequestMaker maker(url("http://127.0.0.1:9000"),
                     sigv4::Credentials{"ASIA", Secret("secret"), "the-token"}, "us-east-1");
  const Request request = maker.put("/b/k", "body", "UNSIGNED-PAYLOAD");
  EXPECT_NE(request.head.find("host: 127.0.0.1:9000\r\n"), request.head.npos);
  EXPECT_NE(request.head.find("x-amz-security-token: the-token\r\n"), request.head.npos);
  EXPECT_NE(request.head.find("x-amz-date;x-amz-security-token,"), request.head.npos);
  EXPECT_NE(request.head.find("x-amz-content-sha256: UNSIGNED-PAYLOAD\r\n"), request.head.npos);
  EXPECT_NE(request.head.find("content-length: 4\r\n"), request.head.npos);
  EXPECT_EQ(request.body, "body");
}

TEST(RequestMaker, WithoutCredentialsNothingIsSigned) {
  const RequestMaker maker(url("https://[::1]:443"), std::nullopt, "us-east-1");
  EXPECT_EQ(maker.get("/f", 7).head,
            "GET /f HTTP/1.1\r\nhost: [::1]\r\nuser-agent: bench_s3\r\n\r\n");
  EXPECT_EQ(maker.get("/f", 7).answer_size, 7u);
}

}  // namespace
}  // namespace larder::bench
