// S3 as a client sees it, through the pipeline.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include "codec/base64.h"
#include "codec/digest.h"
#include "s3/completion.h"
#include "s3/testing/world.h"
#include "storage/memory_blobs.h"
#include "storage/memory_kv.h"
#include "storage/testing/run.h"

namespace larder::s3::test {
namespace {

const std::string large(300'000, 'x');
constexpr std::size_t five_mib = 5 * 1024 * 1024;

class Wire : public ::testing::Test {
 protected:
  Wire() { EXPECT_EQ(send("PUT", "/bucket").status, 200); }

  Reply send(std::string method, std::string target, std::string body = "",
             http::Headers headers = {}) {
    return world.send(std::move(method), std::move(target), std::move(body), std::move(headers));
  }
  /// Status and code.
  std::string answer(std::string method, std::string target, std::string body = "",
                     http::Headers headers = {}) {
    const auto reply =
        send(std::move(method), std::move(target), std::move(body), std::move(headers));
    return std::to_string(reply.status) + " " + reply.code();
  }
  std::size_t count_blobs() { return storage::test::run(blobs.list(std::nullopt, 1000))->size(); }

  storage::MemoryKv kv;
  storage::MemoryBlobs blobs;
  World world{kv, blobs};
};

TEST_F(Wire, BucketsAreMadeListedAndDeleted) {
  EXPECT_EQ(send("PUT", "/second").header("Location"), "/second");
  const auto listed = send("GET", "/");
  EXPECT_EQ(listed.elements("Name"), (std::vector<std::string>{"bucket", "second"}));
  EXPECT_EQ(listed.element("ID").size(), 64u);
  EXPECT_EQ(send("HEAD", "/bucket").header("x-amz-bucket-region"), "us-east-1");
  EXPECT_EQ(answer("DELETE", "/second"), "204 ");
  EXPECT_EQ(answer("DELETE", "/second"), "404 NoSuchBucket");
  EXPECT_EQ(answer("PUT", "/bucket"), "200 ");
  EXPECT_EQ(answer("PUT", "/Bad_Name"), "400 InvalidBucketName");
  world.account = "222222222222";
  EXPECT_EQ(answer("PUT", "/bucket"), "409 BucketAlreadyExists");
  EXPECT_EQ(send("GET", "/").elements("Name").size(), 0u);
  EXPECT_EQ(answer("GET", "/bucket"), "403 AccessDenied");
}

TEST_F(Wire, ABucketMadeAnewHasNothingOfTheOldOne) {
  send("PUT", "/bucket/k", "x");
  EXPECT_EQ(answer("DELETE", "/bucket"), "409 BucketNotEmpty");
  EXPECT_EQ(send("GET", "/bucket/k").body, "x");
  EXPECT_EQ(answer("PUT", "/bucket/after", "x"), "200 ");
  send("DELETE", "/bucket/k");
  send("DELETE", "/bucket/after");
  const auto id = send("POST", "/bucket/k?uploads").element("UploadId");
  send("PUT", "/bucket/k?partNumber=1&uploadId=" + id, large);
  EXPECT_EQ(answer("DELETE", "/bucket"), "204 ");
  EXPECT_EQ(count_blobs(), 0u);
  EXPECT_EQ(answer("PUT", "/bucket"), "200 ");
  EXPECT_EQ(answer("GET", "/bucket/k?uploadId=" + id), "404 NoSuchUpload");
}

TEST_F(Wire, BytesComeBackOfAnySize) {
  for (const std::size_t size : {0u, 1u, 4096u, 4097u, 300'000u}) {
    const std::string body(size, 'y');
    const auto put = send("PUT", "/bucket/k", body);
    EXPECT_EQ(put.header("ETag"), "\"" + hex_encode(md5(body)) + "\"");
    const auto got = send("GET", "/bucket/k");
    EXPECT_EQ(got.body, body);
    EXPECT_EQ(got.header("ETag"), put.header("ETag"));
    EXPECT_EQ(send("HEAD", "/bucket/k").header("Content-Length"), std::to_string(size));
  }
  EXPECT_EQ(count_blobs(), 1u);  // what was replaced is freed
  send("DELETE", "/bucket/k");
  EXPECT_EQ(count_blobs(), 0u);
}

TEST_F(Wire, UploadsAtTheSameTimeEachHaveTheirOwnDigests) {
  struct Upload {
    std::string body;
    ChecksumAlgorithm algorithm;
    std::string checksum;  // base64, as announced
    Reply reply;
  };
  for (unsigned seed = 0; seed < 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom choice(seed);
    std::vector<Upload> uploads;
    for (const auto algorithm : all_checksum_algorithms) {
      std::string body(choice.number() % 3'000'000, static_cast<char>('a' + uploads.size()));
      const auto sum = make_checksum(algorithm);
      sum->update(body);
      uploads.push_back({std::move(body), algorithm, base64_encode(sum->finish()), {}});
    }
    uploads[seed].body += "!";  // not what was announced
    auto send_one = [this](std::size_t i, Upload& upload) -> Task<void> {
      http::Headers headers{{std::string(checksum_header(upload.algorithm)), upload.checksum}};
      upload.reply = co_await world.serve("PUT", "/bucket/" + std::to_string(i), upload.body,
                                          std::move(headers));
    };
    auto send_all = [&]() -> Task<void> {
      const auto executor = co_await boost::asio::this_coro::executor;
      for (std::size_t i = 0; i < uploads.size(); ++i)
        boost::asio::co_spawn(executor, send_one(i, uploads[i]), boost::asio::detached);
    };
    storage::test::run(send_all());
    for (std::size_t i = 0; i < uploads.size(); ++i) {
      const auto& [body, algorithm, checksum, reply] = uploads[i];
      const auto target = "/bucket/" + std::to_string(i);
      if (i == seed) {
        EXPECT_EQ(reply.code(), "BadDigest");
        EXPECT_EQ(answer("GET", target), "404 NoSuchKey");
        continue;
      }
      EXPECT_EQ(reply.header("ETag"), "\"" + hex_encode(md5(body)) + "\"");
      EXPECT_EQ(reply.header(checksum_header(algorithm)), checksum);
      EXPECT_TRUE(send("GET", target).body == body);
      send("DELETE", target);
    }
    EXPECT_EQ(count_blobs(), 0u);
  }
}

TEST_F(Wire, RangesAreGivenRefusedOrIgnored) {
  send("PUT", "/bucket/k", "0123456789");
  const auto part = send("GET", "/bucket/k", "", {{"Range", "bytes=2-4"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(part.header("Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(send("GET", "/bucket/k", "", {{"Range", "bytes=-3"}}).body, "789");
  EXPECT_EQ(send("GET", "/bucket/k", "", {{"Range", "bytes=8-99"}}).body, "89");
  const auto outside = send("GET", "/bucket/k", "", {{"Range", "bytes=10-"}});
  EXPECT_EQ(outside.status, 416);
  EXPECT_EQ(outside.element("ActualObjectSize"), "10");
  EXPECT_EQ(answer("GET", "/bucket/k", "", {{"Range", "bytes=-0"}}), "416 InvalidRange");
  for (const char* none : {"bytes=8-4", "lines=1-2", "bytes=0-1,3-4", "bytes=a-b"})
    EXPECT_EQ(send("GET", "/bucket/k", "", {{"Range", none}}).status, 200) << none;
}

TEST_F(Wire, ConditionsOfReads) {
  const auto etag = send("PUT", "/bucket/k", "x").header("ETag");
  EXPECT_EQ(answer("GET", "/bucket/k", "", {{"If-Match", "\"no\""}}), "412 PreconditionFailed");
  const auto same = send("GET", "/bucket/k", "", {{"If-None-Match", etag}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.header("ETag"), etag);
  const auto modified = send("HEAD", "/bucket/k").header("Last-Modified");
  EXPECT_EQ(send("GET", "/bucket/k", "", {{"If-Modified-Since", modified}}).status, 304);
  EXPECT_EQ(send("GET", "/bucket/k", "", {{"If-Unmodified-Since", modified}}).status, 200);
}

TEST_F(Wire, ConditionsOfWrites) {
  EXPECT_EQ(answer("PUT", "/bucket/k", "x", {{"If-Match", "\"no\""}}), "404 NoSuchKey");
  EXPECT_EQ(answer("PUT", "/bucket/k", "x", {{"If-None-Match", "*"}}), "200 ");
  EXPECT_EQ(answer("PUT", "/bucket/k", large, {{"If-None-Match", "*"}}), "412 PreconditionFailed");
  EXPECT_EQ(count_blobs(), 0u);
  EXPECT_EQ(answer("PUT", "/bucket/k", "y", {{"If-Match", "\"no\""}}), "412 PreconditionFailed");
  EXPECT_EQ(send("GET", "/bucket/k").body, "x");
}

TEST_F(Wire, HeadersAndMetadataComeBack) {
  send("PUT", "/bucket/k", "x",
       {{"Content-Type", "text/plain"},
        {"Content-Encoding", "gzip, aws-chunked"},
        {"Cache-Control", "no-store"},
        {"x-amz-meta-Colour", "blue"}});
  const auto head = send("HEAD", "/bucket/k");
  EXPECT_EQ(head.header("Content-Type"), "text/plain");
  EXPECT_EQ(head.header("Content-Encoding"), "gzip");
  EXPECT_EQ(head.header("x-amz-meta-colour"), "blue");
  EXPECT_EQ(send("GET", "/bucket/k?response-content-type=a%2Fb").header("Content-Type"), "a/b");
  EXPECT_EQ(answer("GET", "/bucket/k?response-content-type=a%0d%0ab"), "400 InvalidArgument");
  EXPECT_EQ(answer("PUT", "/bucket/k", "x", {{"x-amz-meta-a", std::string(2048, 'x')}}),
            "400 MetadataTooLarge");
}

TEST_F(Wire, WhatIsNotThereYetIsRefusedByName) {
  for (const char* header : {"x-amz-tagging", "x-amz-server-side-encryption", "x-amz-grant-read",
                             "x-amz-object-lock-mode", "x-amz-website-redirect-location"}) {
    const auto reply = send("PUT", "/bucket/k", "x", {{header, "value"}});
    EXPECT_EQ(reply.status, 501) << header;
    EXPECT_EQ(reply.element("Header"), header);
  }
  EXPECT_EQ(answer("PUT", "/bucket/k", "x", {{"x-amz-acl", "public-read"}}), "501 NotImplemented");
  EXPECT_EQ(answer("PUT", "/bucket/k", "x", {{"x-amz-storage-class", "GLACIER"}}),
            "400 InvalidStorageClass");
  EXPECT_EQ(answer("PUT", "/bucket/k?tagging", "x"), "501 NotImplemented");
  EXPECT_EQ(answer("GET", "/bucket?website"), "501 NotImplemented");
  EXPECT_EQ(answer("GET", "/bucket/k"), "404 NoSuchKey");
}

TEST_F(Wire, ChecksumsAreVerifiedKeptAndTold) {
  const std::string crc = "NSRBwg==";  // of "abc"
  EXPECT_EQ(send("PUT", "/bucket/k", "abc", {{"x-amz-checksum-crc32", crc}})
                .header("x-amz-checksum-crc32"),
            crc);
  const auto got = send("GET", "/bucket/k", "", {{"x-amz-checksum-mode", "ENABLED"}});
  EXPECT_EQ(got.header("x-amz-checksum-crc32"), crc);
  EXPECT_EQ(got.header("x-amz-checksum-type"), "FULL_OBJECT");
  EXPECT_EQ(send("GET", "/bucket/k").header("x-amz-checksum-crc32"), "");
  EXPECT_EQ(answer("PUT", "/bucket/k", large, {{"x-amz-checksum-crc32", crc}}), "400 BadDigest");
  EXPECT_EQ(send("GET", "/bucket/k").body, "abc");
  EXPECT_EQ(count_blobs(), 0u);
  EXPECT_EQ(answer("PUT", "/bucket/k", "abc", {{"x-amz-sdk-checksum-algorithm", "CRC32"}}),
            "400 InvalidRequest");
}

TEST_F(Wire, AMissingKeyIsToldOnlyToThoseWhoMayList) {
  EXPECT_EQ(answer("GET", "/bucket/none"), "404 NoSuchKey");
  world.rules.denied = {"s3:ListBucket"};
  EXPECT_EQ(answer("GET", "/bucket/none"), "403 AccessDenied");
}

TEST_F(Wire, ACopyTakesOrReplacesTheMetadata) {
  send("PUT", "/bucket/a%20b", large, {{"x-amz-meta-n", "1"}, {"Content-Type", "text/plain"}});
  const auto copied = send("PUT", "/bucket/to", "", {{"x-amz-copy-source", "/bucket/a%20b"}});
  EXPECT_EQ(copied.status, 200);
  EXPECT_EQ(copied.element("ETag"), "\"" + hex_encode(md5(large)) + "\"");
  const auto got = send("GET", "/bucket/to");
  EXPECT_EQ(got.body, large);
  EXPECT_EQ(got.header("x-amz-meta-n"), "1");
  EXPECT_EQ(answer("PUT", "/bucket/to", "", {{"x-amz-copy-source", "bucket/to"}}),
            "400 InvalidRequest");
  EXPECT_EQ(answer("PUT", "/bucket/to", "",
                   {{"x-amz-copy-source", "bucket/to"}, {"x-amz-metadata-directive", "REPLACE"}}),
            "200 ");
  EXPECT_EQ(send("HEAD", "/bucket/to").header("x-amz-meta-n"), "");
  EXPECT_EQ(send("GET", "/bucket/to").body, large);
  EXPECT_EQ(answer("PUT", "/bucket/to", "", {{"x-amz-copy-source", "bucket/none"}}),
            "404 NoSuchKey");
  EXPECT_EQ(answer("PUT", "/bucket/to", "", {{"x-amz-copy-source", "bucket"}}),
            "400 InvalidArgument");
  world.rules.denied = {"s3:GetObject arn:aws:s3:::bucket/a b"};
  EXPECT_EQ(answer("PUT", "/bucket/to", "", {{"x-amz-copy-source", "bucket/a%20b"}}),
            "403 AccessDenied");
}

TEST_F(Wire, EachOfManyDeletionsIsAnswered) {
  for (const char* key : {"a", "b", "c"}) send("PUT", std::string("/bucket/") + key, "x");
  world.rules.denied = {"s3:DeleteObject arn:aws:s3:::bucket/b"};
  const std::string body =
      "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object>"
      "<Object><Key>none</Key></Object></Delete>";
  EXPECT_EQ(answer("POST", "/bucket?delete", body), "400 InvalidRequest");
  const http::Headers digest{{"Content-MD5", base64_encode(md5(body))}};
  const auto reply = send("POST", "/bucket?delete", body, digest);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.elements("Key"), (std::vector<std::string>{"a", "none", "b"}));
  EXPECT_EQ(reply.code(), "AccessDenied");
  EXPECT_EQ(send("GET", "/bucket?list-type=2").elements("Key"),
            (std::vector<std::string>{"b", "c"}));
  world.account = "222222222222";
  EXPECT_EQ(answer("POST", "/bucket?delete", body, digest), "403 AccessDenied");
}

TEST_F(Wire, ListingsPageAndRollUp) {
  for (const char* key : {"a.txt", "p/1/x", "p/1/y", "p/2/z", "p/i", "v/1"})
    send("PUT", std::string("/bucket/") + key, "x");
  const auto top = send("GET", "/bucket?list-type=2&delimiter=%2F");
  EXPECT_EQ(top.elements("Key"), (std::vector<std::string>{"a.txt"}));
  EXPECT_EQ(top.elements("Prefix"), (std::vector<std::string>{"", "p/", "v/"}));
  EXPECT_EQ(top.element("KeyCount"), "3");
  std::vector<std::string> keys;
  std::string token;
  for (int page = 0; page < 3; ++page) {
    const auto reply = send("GET", "/bucket?list-type=2&max-keys=2" + token);
    for (const auto& key : reply.elements("Key")) keys.push_back(key);
    EXPECT_EQ(reply.element("IsTruncated"), page < 2 ? "true" : "false");
    token = "&continuation-token=" + percent_encode(reply.element("NextContinuationToken"));
  }
  EXPECT_EQ(keys.size(), 6u);
  EXPECT_EQ(answer("GET", "/bucket?list-type=2&continuation-token=garbage"), "400 InvalidArgument");
  EXPECT_EQ(answer("GET", "/bucket?max-keys=-1"), "400 InvalidArgument");
  EXPECT_EQ(answer("GET", "/bucket?max-keys=many"), "400 InvalidArgument");
  const auto old = send("GET", "/bucket?max-keys=2&delimiter=%2F");
  EXPECT_EQ(old.element("NextMarker"), "p/");
  EXPECT_EQ(send("GET", "/bucket?marker=p/&delimiter=%2F").elements("Prefix"),
            (std::vector<std::string>{"", "v/"}));
}

class Multipart : public Wire {
 protected:
  std::string part(int number, const std::string& body) {
    return send("PUT", "/bucket/k?partNumber=" + std::to_string(number) + "&uploadId=" + id, body)
        .header("ETag");
  }
  static std::string listed(const std::vector<std::pair<int, std::string>>& parts) {
    std::string xml = "<CompleteMultipartUpload>";
    for (const auto& [number, etag] : parts)
      xml += "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" + etag +
             "</ETag></Part>";
    return xml + "</CompleteMultipartUpload>";
  }
  std::string complete(const std::vector<std::pair<int, std::string>>& parts) {
    return answer("POST", "/bucket/k?uploadId=" + id, listed(parts));
  }

  std::string id =
      send("POST", "/bucket/k?uploads", "", {{"x-amz-meta-n", "1"}}).element("UploadId");
};

TEST_F(Multipart, PartsBecomeOneObject) {
  const std::string first(five_mib, 'a');
  const auto one = part(1, first);
  const auto two = part(2, "end");
  part(3, "not wanted");
  EXPECT_EQ(answer("GET", "/bucket/k"), "404 NoSuchKey");
  EXPECT_EQ(complete({{1, one}, {2, two}}), "200 ");
  const auto got = send("GET", "/bucket/k");
  EXPECT_EQ(got.body, first + "end");
  EXPECT_EQ(got.header("x-amz-meta-n"), "1");
  const std::string expected = "\"" + hex_encode(md5(md5(first) + md5("end"))) + "-2\"";
  EXPECT_EQ(got.header("ETag"), expected);
  EXPECT_EQ(count_blobs(), 2u);
  EXPECT_EQ(send("GET", "/bucket/k", "", {{"Range", "bytes=5242878-5242881"}}).body, "aaen");
  EXPECT_EQ(send("GET", "/bucket/k?partNumber=2").body, "end");
  EXPECT_EQ(complete({{1, one}, {2, two}}), "200 ");  // again
  EXPECT_EQ(answer("GET", "/bucket/k?uploadId=" + id), "404 NoSuchUpload");
  EXPECT_EQ(answer("PUT", "/bucket/k?partNumber=1&uploadId=" + id, "x"), "404 NoSuchUpload");
}

TEST_F(Multipart, WhatCannotBeCompletedStaysAsItWas) {
  const auto one = part(1, "small");
  const auto two = part(2, "end");
  EXPECT_EQ(complete({}), "400 MalformedXML");
  EXPECT_EQ(complete({{1, one}, {2, two}}), "400 EntityTooSmall");
  EXPECT_EQ(complete({{2, two}, {1, one}}), "400 InvalidPartOrder");
  EXPECT_EQ(complete({{3, one}}), "400 InvalidPart");
  EXPECT_EQ(complete({{1, two}}), "400 InvalidPart");
  EXPECT_EQ(send("GET", "/bucket/k?uploadId=" + id).elements("PartNumber"),
            (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(complete({{1, one}}), "200 ");
  EXPECT_EQ(count_blobs(), 1u);
}

TEST_F(Multipart, AnAbortedUploadLeavesNothing) {
  part(1, large);
  part(1, large + "again");
  EXPECT_EQ(count_blobs(), 1u);
  EXPECT_EQ(send("GET", "/bucket?uploads").elements("UploadId"), (std::vector<std::string>{id}));
  EXPECT_EQ(answer("DELETE", "/bucket/k?uploadId=" + id), "204 ");
  EXPECT_EQ(answer("DELETE", "/bucket/k?uploadId=" + id), "404 NoSuchUpload");
  EXPECT_EQ(count_blobs(), 0u);
  EXPECT_EQ(send("GET", "/bucket?uploads").elements("UploadId").size(), 0u);
  EXPECT_EQ(answer("PUT", "/bucket/k?partNumber=0&uploadId=" + id, "x"), "400 InvalidArgument");
}

TEST_F(Multipart, ChecksumsOfPartsMakeOne) {
  const std::string first(five_mib, 'a');
  for (const char* type : {"COMPOSITE", "FULL_OBJECT"}) {
    id = send("POST", "/bucket/k?uploads", "",
              {{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", type}})
             .element("UploadId");
    std::string xml = "<CompleteMultipartUpload>";
    std::string raw;
    for (const auto& [number, body] : {std::pair{1, first}, std::pair{2, std::string("end")}}) {
      const auto sum = make_checksum(ChecksumAlgorithm::crc32);
      sum->update(body);
      const auto value = sum->finish();
      raw += value;
      const auto put =
          send("PUT", "/bucket/k?partNumber=" + std::to_string(number) + "&uploadId=" + id, body,
               {{"x-amz-checksum-crc32", base64_encode(value)}});
      xml += "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" +
             put.header("ETag") + "</ETag><ChecksumCRC32>" + base64_encode(value) +
             "</ChecksumCRC32></Part>";
    }
    const auto sum = make_checksum(ChecksumAlgorithm::crc32);
    sum->update(type == std::string("COMPOSITE") ? raw : first + "end");
    const auto expected =
        base64_encode(sum->finish()) + (type == std::string("COMPOSITE") ? "-2" : "");
    const auto done = send("POST", "/bucket/k?uploadId=" + id, xml + "</CompleteMultipartUpload>");
    EXPECT_EQ(done.element("ChecksumCRC32"), expected);
    EXPECT_EQ(done.element("ChecksumType"), type);
  }
}

TEST_F(Multipart, APartCanBeCopied) {
  send("PUT", "/bucket/source", "0123456789");
  const std::string target = "/bucket/k?partNumber=1&uploadId=" + id;
  const auto copied =
      send("PUT", target, "",
           {{"x-amz-copy-source", "bucket/source"}, {"x-amz-copy-source-range", "bytes=2-4"}});
  EXPECT_EQ(complete({{1, copied.element("ETag")}}), "200 ");
  EXPECT_EQ(send("GET", "/bucket/k").body, "234");
}

TEST(MultipartEtag, IsTheMd5OfTheMd5sAndTheirNumber) {
  const std::string empty = "d41d8cd98f00b204e9800998ecf8427e";
  EXPECT_EQ(multipart_etag({empty}), "59adb24ef3cdbe0297f05b395827453f-1");
}

TEST_F(Wire, ThePolicyIsKeptByteForByte) {
  const std::string policy =
      R"({ "Statement": {"Effect":"Allow","Principal":"*","Action":"s3:GetObject",)"
      R"("Resource":"arn:aws:s3:::bucket/*"}})";
  EXPECT_EQ(answer("GET", "/bucket?policy"), "404 NoSuchBucketPolicy");
  EXPECT_EQ(answer("PUT", "/bucket?policy", "garbage"), "400 MalformedPolicy");
  EXPECT_EQ(answer("PUT", "/bucket?policy", policy), "204 ");
  EXPECT_EQ(send("GET", "/bucket?policy").body, policy);
  EXPECT_EQ(answer("DELETE", "/bucket?policy"), "204 ");
  EXPECT_EQ(answer("GET", "/bucket?policy"), "404 NoSuchBucketPolicy");
}

TEST_F(Wire, NamesBeyondTheLimitsAreErrors) {
  const std::string long_key(1025, 'k');
  EXPECT_EQ(answer("PUT", "/bucket/" + long_key, "x"), "400 KeyTooLongError");
  EXPECT_EQ(answer("GET", "/bucket/" + long_key), "400 KeyTooLongError");
  EXPECT_EQ(answer("PUT", "/bucket/" + long_key.substr(1), "x"), "200 ");
  EXPECT_EQ(answer("PUT", "/bucket/%ff", "x"), "400 InvalidURI");
  const std::string huge(20'000, 'k');
  EXPECT_EQ(answer("GET", "/" + huge), "400 InvalidBucketName");
  EXPECT_EQ(answer("PUT", "/" + huge), "400 InvalidBucketName");
  EXPECT_EQ(answer("GET", "/bucket?prefix=" + huge), "400 RequestHeaderSectionTooLarge");
  const std::string long_prefix(8192, 'k');
  EXPECT_EQ(answer("GET", "/bucket?prefix=" + long_prefix + "&marker=" + huge), "200 ");
  EXPECT_EQ(answer("GET", "/bucket?uploads&key-marker=" + huge + "&upload-id-marker=" + huge),
            "200 ");
  EXPECT_EQ(answer("GET", "/bucket/k?uploadId=" + huge), "404 NoSuchUpload");
  EXPECT_EQ(answer("PUT", "/bucket/k", "", {{"x-amz-copy-source", "bucket/" + huge}}),
            "400 RequestHeaderSectionTooLarge");
  EXPECT_EQ(answer("PUT", "/bucket/k", "", {{"x-amz-copy-source", "bucket/" + long_key}}),
            "400 KeyTooLongError");
  EXPECT_EQ(answer("PUT", "/bucket/k", "", {{"x-amz-copy-source", long_key + "/k"}}),
            "400 InvalidBucketName");
}

}  // namespace
}  // namespace larder::s3::test
