#include "sigv4/authorization.h"

#include <gtest/gtest.h>

#include "codec/iso8601.h"
#include "sigv4/sign.h"
#include "sigv4/verify.h"

namespace larder::sigv4 {
namespace {

Result<std::optional<Authorization>> parse(std::string_view value, Dialect dialect = Dialect::s3) {
  const HeaderView headers[] = {
      {"Host", "h"}, {"x-amz-date", "20130524T000000Z"}, {"Authorization", value}};
  const RequestView request{"GET", "/", "", headers};
  return parse_authorization(request, dialect);
}

std::string code_of(std::string_view value, Dialect dialect = Dialect::s3) {
  const auto parsed = parse(value, dialect);
  return parsed ? "" : std::string(parsed.error().code.name);
}

TEST(Authorization, ARequestWithoutASignatureIsAnonymous) {
  const HeaderView headers[] = {{"Host", "h"}};
  const RequestView request{"GET", "/", "list-type=2", headers};
  const auto parsed = parse_authorization(request, Dialect::s3);
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(*parsed);
}

TEST(Authorization, MalformedHeadersAreNamed) {
  const std::string good =
      "AWS4-HMAC-SHA256 Credential=AK/20130524/us-east-1/s3/aws4_request, SignedHeaders=host, "
      "Signature=ab";
  EXPECT_TRUE(parse(good));
  for (const char* bad :
       {"AWS4-HMAC-SHA256 Credential=AK/20130524/us-east-1/s3, SignedHeaders=host, Signature=ab",
        "AWS4-HMAC-SHA256 Credential=AK/20130524/us-east-1/s3/aws4, SignedHeaders=host, "
        "Signature=ab",
        "AWS4-HMAC-SHA256 Credential=AK/20130525/us-east-1/s3/aws4_request, SignedHeaders=host, "
        "Signature=ab",
        "AWS4-HMAC-SHA256 Credential=/20130524/us-east-1/s3/aws4_request, SignedHeaders=host, "
        "Signature=ab",
        "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=ab",
        "AWS4-HMAC-SHA256 Credential=AK/20130524/us-east-1/s3/aws4_request, Signature=ab",
        "AWS4-HMAC-SHA256 Credential=AK/20130524/us-east-1/s3/aws4_request, SignedHeaders=host",
        "AWS4-HMAC-SHA256 Credential=AK/20130524/us-east-1/s3/aws4_request, "
        "SignedHeaders=x-amz-date, Signature=ab",
        "AWS4-HMAC-SHA256 garbage"}) {
    EXPECT_EQ(code_of(bad), "AuthorizationHeaderMalformed") << bad;
    EXPECT_EQ(code_of(bad, Dialect::query), "IncompleteSignature") << bad;
  }
  EXPECT_EQ(code_of("AWS AK:sig"), "InvalidRequest");
  EXPECT_EQ(code_of("Bearer x"), "InvalidArgument");
}

TEST(Authorization, APresignedUrlNeedsEveryParameterAndAWeekAtMost) {
  const std::string start =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20130524%2Fr%2Fs3%2Faws4_request"
      "&X-Amz-Date=20130524T000000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=ab";
  const HeaderView headers[] = {{"Host", "h"}};
  for (const auto& [expires, ok] :
       std::vector<std::pair<std::string, bool>>{{"", false},
                                                 {"&X-Amz-Expires=60", true},
                                                 {"&X-Amz-Expires=604800", true},
                                                 {"&X-Amz-Expires=604801", false},
                                                 {"&X-Amz-Expires=-1", false},
                                                 {"&X-Amz-Expires=1x", false},
                                                 {"&X-Amz-Expires=99999999999999999999", false}}) {
    const auto query = start + expires;
    const RequestView request{"GET", "/", query, headers};
    const auto parsed = parse_authorization(request, Dialect::s3);
    EXPECT_EQ(parsed.has_value(), ok) << expires;
    if (!parsed) {
      EXPECT_EQ(parsed.error().code.name, "AuthorizationQueryParametersError");
    }
  }
}

TEST(Verify, TheWrongRegionIsNamedWithTheRightOne) {
  const auto parsed = parse(
      "AWS4-HMAC-SHA256 Credential=AK/20130524/eu-west-1/s3/aws4_request, SignedHeaders=host, "
      "Signature=ab");
  const auto checked = check_scope(**parsed, "s3", "us-east-1", Dialect::s3);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message,
            "The authorization header is malformed; the region 'eu-west-1' is wrong; expecting "
            "'us-east-1'");
  EXPECT_EQ(checked.error().fields[0].second, "us-east-1");
  EXPECT_FALSE(check_scope(**parsed, "iam", "", Dialect::query));
}

TEST(Verify, FifteenMinutesOfSkewAreAllowedAndNoMore) {
  const auto parsed = parse(
      "AWS4-HMAC-SHA256 Credential=AK/20130524/r/s3/aws4_request, SignedHeaders=host, "
      "Signature=ab");
  const auto now = *parse_iso8601("2013-05-24T00:00:00Z");
  EXPECT_TRUE(check_time(**parsed, now + Seconds(900), Dialect::s3));
  EXPECT_TRUE(check_time(**parsed, now - Seconds(900), Dialect::s3));
  EXPECT_EQ(check_time(**parsed, now + Seconds(901), Dialect::s3).error().code.name,
            "RequestTimeTooSkewed");
  EXPECT_EQ(check_time(**parsed, now - Seconds(901), Dialect::query).error().code.name,
            "SignatureDoesNotMatch");
}

TEST(Verify, AnUnsignedAmzHeaderIsRefusedByName) {
  const HeaderView headers[] = {{"Host", "h"}, {"X-Amz-Acl", "public-read"}, {"x-amz-date", "d"}};
  const RequestView request{"GET", "/", "", headers};
  Authorization authorization{};
  authorization.signed_headers = {"host", "x-amz-date"};
  const auto checked = check_signed_headers(request, authorization);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().fields[0],
            (std::pair<std::string, std::string>("HeadersNotSigned", "x-amz-acl")));
}

TEST(Verify, AMismatchShowsTheCanonicalRequestWithoutTheSessionToken) {
  const HeaderView headers[] = {
      {"Host", "h"}, {"x-amz-date", "20130524T000000Z"}, {"x-amz-security-token", "SECRETTOKEN"}};
  const RequestView request{"GET", "/", "", headers};
  Authorization authorization{};
  authorization.timestamp = "20130524T000000Z";
  authorization.signed_headers = {"host", "x-amz-date", "x-amz-security-token"};
  const auto verified =
      verify(request, authorization, Secret("k"), "UNSIGNED-PAYLOAD", Dialect::s3);
  ASSERT_FALSE(verified);
  for (const auto& [name, value] : verified.error().fields)
    EXPECT_EQ(value.find("SECRETTOKEN"), value.npos) << name;
}

TEST(Canonical, S3KeepsDotSegmentsAndOthersNormalizeAndEncodeTwice) {
  EXPECT_EQ(canonical_path("/a/../b//c%20d", Dialect::s3), "/a/../b//c%20d");
  EXPECT_EQ(canonical_path("/a/../b//c%20d", Dialect::query), "/b/c%2520d");
  EXPECT_EQ(canonical_path("", Dialect::s3), "/");
  EXPECT_EQ(canonical_path("/a%2fb+c", Dialect::s3), "/a/b%2Bc");
  EXPECT_EQ(canonical_query("b&a=2&a=1&c=x%2Fy&d=1+2"), "a=1&a=2&b=&c=x%2Fy&d=1%2B2");
}

TEST(Sign, WhatWeSignWeVerify) {
  const auto now = *parse_iso8601("2026-01-01T00:00:00Z");
  const Credentials credentials{"ASIAEXAMPLE", Secret("secret"), "token"};
  Unsigned out{"PUT",
               "/b/k%20y",
               "partNumber=1&uploadId=x",
               {{"Host", "h:9000"}, {"X-Amz-Meta-A", " b  c "}},
               "UNSIGNED-PAYLOAD"};
  const auto added = sign_request(out, credentials, "us-east-1", "s3", now);
  std::vector<HeaderView> headers;
  for (const auto& [name, value] : out.headers) headers.push_back({name, value});
  for (const auto& [name, value] : added) headers.push_back({name, value});
  const RequestView request{out.method, out.path, out.query, headers};
  const auto parsed = parse_authorization(request, Dialect::s3);
  ASSERT_TRUE(parsed && *parsed);
  EXPECT_EQ((*parsed)->session_token, "token");
  EXPECT_TRUE(check_signed_headers(request, **parsed));
  EXPECT_TRUE(verify(request, **parsed,
                     signing_key(credentials.secret_access_key, (*parsed)->scope),
                     "UNSIGNED-PAYLOAD", Dialect::s3));
}

}  // namespace
}  // namespace larder::sigv4
