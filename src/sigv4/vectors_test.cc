// The worked examples of AWS's documentation, each naming its page.
#include <gtest/gtest.h>

#include "codec/iso8601.h"
#include "sigv4/authorization.h"
#include "sigv4/chunked.h"
#include "sigv4/verify.h"

namespace larder::sigv4 {
namespace {

const Secret example_secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
constexpr std::string_view credential =
    "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";

struct Example {
  const char* name;
  std::string method, path, query;
  std::vector<HeaderView> headers;  // without authorization
  std::string signed_headers, payload_hash, signature;
  Dialect dialect = Dialect::s3;
  std::string scope = std::string(credential);
};

Result<void> verify_example(const Example& example, std::string_view signature) {
  const std::string value = "AWS4-HMAC-SHA256 " + example.scope +
                            ",SignedHeaders=" + example.signed_headers +
                            ",Signature=" + std::string(signature);
  auto headers = example.headers;
  headers.push_back({"Authorization", value});
  const RequestView request{example.method, example.path, example.query, headers};
  auto parsed = parse_authorization(request, example.dialect);
  if (!parsed) return fail(parsed.error());
  const Authorization& authorization = parsed->value();
  return verify(request, authorization, signing_key(example_secret, authorization.scope),
                example.payload_hash, example.dialect);
}

// "Authenticating Requests: Using the Authorization Header" > "Examples: Signature Calculations"
// (S3 API Reference), and for the last "Create a signed AWS API request" (IAM User Guide).
std::vector<Example> examples() {
  const std::string empty(empty_sha256_hex);
  return {
      {"GetObject",
       "GET",
       "/test.txt",
       "",
       {{"Host", "examplebucket.s3.amazonaws.com"},
        {"Range", "bytes=0-9"},
        {"x-amz-content-sha256", empty_sha256_hex},
        {"x-amz-date", "20130524T000000Z"}},
       "host;range;x-amz-content-sha256;x-amz-date",
       empty,
       "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
      {"PutObject",
       "PUT",
       "/test$file.text",
       "",
       {{"Host", "examplebucket.s3.amazonaws.com"},
        {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
        {"x-amz-date", "20130524T000000Z"},
        {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
        {"x-amz-content-sha256",
         "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"}},
       "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
       "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
       "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
      {"GetBucketLifecycle",
       "GET",
       "/",
       "lifecycle",
       {{"Host", "examplebucket.s3.amazonaws.com"},
        {"x-amz-date", "20130524T000000Z"},
        {"x-amz-content-sha256", empty_sha256_hex}},
       "host;x-amz-content-sha256;x-amz-date",
       empty,
       "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
      {"ListObjects",
       "GET",
       "/",
       "max-keys=2&prefix=J",
       {{"Host", "examplebucket.s3.amazonaws.com"},
        {"x-amz-date", "20130524T000000Z"},
        {"x-amz-content-sha256", empty_sha256_hex}},
       "host;x-amz-content-sha256;x-amz-date",
       empty,
       "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
  };
}

TEST(Vectors, EveryWorkedExampleVerifiesAndAnAlteredOneDoesNot) {
  for (const auto& example : examples()) {
    const auto verified = verify_example(example, example.signature);
    EXPECT_TRUE(verified) << example.name << ": " << verified.error().message;
    auto wrong = example.signature;
    wrong[10] = wrong[10] == 'a' ? 'b' : 'a';
    EXPECT_FALSE(verify_example(example, wrong)) << example.name;
    auto altered = example;
    altered.path += "x";
    EXPECT_FALSE(verify_example(altered, example.signature)) << example.name;
    altered = example;
    altered.method = "DELETE";
    EXPECT_FALSE(verify_example(altered, example.signature)) << example.name;
    altered = example;
    altered.query += "&more";
    EXPECT_FALSE(verify_example(altered, example.signature)) << example.name;
  }
}

// "Create a signed AWS API request" (IAM User Guide): the derived key and ListUsers; its secret has
// a '+' where S3's has a '/'.
TEST(Vectors, TheIamExampleVerifies) {
  const Secret secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  const HeaderView headers[] = {
      {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
      {"Host", "iam.amazonaws.com"},
      {"X-Amz-Date", "20150830T123600Z"},
      {"Authorization",
       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
       "SignedHeaders=content-type;host;x-amz-date, "
       "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"}};
  const RequestView request{"GET", "/", "Action=ListUsers&Version=2010-05-08", headers};
  const auto parsed = parse_authorization(request, Dialect::query);
  ASSERT_TRUE(parsed && *parsed);
  const auto key = signing_key(secret, (*parsed)->scope);
  EXPECT_TRUE(verify(request, **parsed, key, empty_sha256_hex, Dialect::query));
}

// "Authenticating Requests: Using Query Parameters" (S3 API Reference).
TEST(Vectors, ThePresignedExampleVerifiesAndExpires) {
  const HeaderView headers[] = {{"Host", "examplebucket.s3.amazonaws.com"}};
  const RequestView request{
      "GET", "/test.txt",
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-"
      "1%2Fs3%2Faws4_request"
      "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
      "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
      headers};
  const auto parsed = parse_authorization(request, Dialect::s3);
  ASSERT_TRUE(parsed && *parsed);
  const auto key = signing_key(example_secret, (*parsed)->scope);
  EXPECT_TRUE(verify(request, **parsed, key, "UNSIGNED-PAYLOAD", Dialect::s3));
  const auto start = *parse_iso8601("2013-05-24T00:00:00Z");
  EXPECT_TRUE(check_time(**parsed, start + Seconds(86'400), Dialect::s3));
  const auto late = check_time(**parsed, start + Seconds(86'401), Dialect::s3);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().message, "Request has expired");
  EXPECT_FALSE(check_time(**parsed, start - Seconds(901), Dialect::s3));
}

struct Upload {
  Payload payload;
  ChunkSigning signing;
  std::string trailer;
  std::vector<std::string> signatures;
  std::string tail;

  std::string wire() const {
    std::string out;
    const std::size_t sizes[] = {65'536, 1024, 0};
    const char* hex[] = {"10000", "400", "0"};
    for (std::size_t i = 0; i < 3; ++i) {
      out += std::string(hex[i]) + ";chunk-signature=" + signatures[i] + "\r\n" +
             std::string(sizes[i], 'a');
      if (sizes[i] != 0) out += "\r\n";
    }
    return out + tail;
  }
};

// "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks"
// (S3 API Reference).
Upload chunked_example() {
  const Scope scope{"20130524", "us-east-1", "s3"};
  return {{Payload::Form::chunked_signed, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
          {signing_key(example_secret, scope), "20130524T000000Z", scope,
           "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"},
          "",
          {"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
           "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
           "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"},
          "\r\n"};
}

// "... Transferring Payload in Multiple Chunks (Chunked Upload) with trailing headers" (S3 API
// Reference).
Upload trailer_example() {
  const Scope scope{"20130524", "us-east-1", "s3"};
  return {{Payload::Form::chunked_signed_trailer, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"},
          {signing_key(example_secret, scope), "20130524T000000Z", scope,
           "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"},
          "x-amz-checksum-crc32c",
          {"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
           "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
           "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"},
          "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:"
          "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"};
}

Result<std::string> decode(const Upload& upload, std::string_view wire, std::size_t step) {
  ChunkDecoder decoder(upload.payload, upload.signing, 66'560, upload.trailer);
  std::string out;
  while (!wire.empty()) {
    TRY(const auto taken, decoder.feed(wire.substr(0, step)));
    out += taken.payload;
    wire.remove_prefix(taken.consumed);
  }
  TRY_VOID(decoder.finish());
  return out;
}

TEST(Vectors, TheSeedSignaturesOfTheChunkedExamplesVerify) {
  Example example{"chunked",
                  "PUT",
                  "/examplebucket/chunkObject.txt",
                  "",
                  {{"Host", "s3.amazonaws.com"},
                   {"x-amz-date", "20130524T000000Z"},
                   {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                   {"Content-Encoding", "aws-chunked"},
                   {"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
                   {"x-amz-decoded-content-length", "66560"},
                   {"Content-Length", "66824"}},
                  "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-"
                  "decoded-content-length;"
                  "x-amz-storage-class",
                  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
                  "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"};
  EXPECT_TRUE(verify_example(example, example.signature));
}

TEST(Vectors, TheChunksOfTheExamplesDecodeHoweverTheyArrive) {
  for (const auto& upload : {chunked_example(), trailer_example()}) {
    for (const std::size_t step : {1ul, 7ul, 4096ul, 1'000'000ul}) {
      const auto decoded = decode(upload, upload.wire(), step);
      ASSERT_TRUE(decoded) << decoded.error().message;
      EXPECT_EQ(*decoded, std::string(66'560, 'a'));
    }
  }
}

TEST(Chunked, AnAlteredByteATruncationOrAnAdditionIsRefused) {
  for (const auto& upload : {chunked_example(), trailer_example()}) {
    const auto wire = upload.wire();
    for (std::size_t at = 0; at < wire.size(); at += at < 300 || at + 400 > wire.size() ? 1 : 997) {
      auto altered = wire;
      altered[at] = static_cast<char>(altered[at] ^ 1);
      EXPECT_FALSE(decode(upload, altered, 4096)) << at;
    }
    for (const std::size_t cut : {0ul, 1ul, 100ul, wire.size() - 1, wire.size() - 2})
      EXPECT_FALSE(decode(upload, wire.substr(0, cut), 4096)) << cut;
    EXPECT_FALSE(decode(upload, wire + "x", 4096));
  }
}

TEST(Chunked, UnsignedChunksWithATrailerDecode) {
  const Payload payload{Payload::Form::chunked_unsigned, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"};
  ChunkDecoder decoder(payload, std::nullopt, 5, "x-amz-checksum-crc32");
  std::string_view wire = "3\r\nabc\r\n2\nde\r\n0\r\nx-amz-checksum-crc32:hYfYWA==\n\r\n";
  std::string out;
  while (!wire.empty()) {
    const auto step = decoder.feed(wire);
    ASSERT_TRUE(step) << step.error().message;
    out += step->payload;
    wire.remove_prefix(step->consumed);
  }
  EXPECT_TRUE(decoder.finish());
  EXPECT_EQ(out, "abcde");
  ASSERT_EQ(decoder.trailers().size(), 1u);
  EXPECT_EQ(decoder.trailers()[0].second, "hYfYWA==");
}

TEST(Chunked, MoreOrFewerBytesThanAnnouncedAndEndlessLinesAreRefused) {
  const Payload payload{Payload::Form::chunked_unsigned, ""};
  for (const std::string& wire :
       {std::string("6\r\nabcdef\r\n"), std::string("3\r\nabc\r\n0\r\n\r\n"),
        std::string(5000, '0'), std::string("-1\r\n"), std::string("ffffffffffffffffff\r\n"),
        std::string("5\r\nabcdefg")}) {
    ChunkDecoder decoder(payload, std::nullopt, 5, "");
    std::string_view left = wire;
    bool failed = false;
    while (!left.empty() && !failed) {
      const auto step = decoder.feed(left);
      failed = !step;
      if (step) left.remove_prefix(step->consumed);
    }
    EXPECT_TRUE(failed || !decoder.finish()) << wire.substr(0, 20);
  }
}

}  // namespace
}  // namespace larder::sigv4
