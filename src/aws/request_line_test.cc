#include "aws/request_line.h"

#include <gtest/gtest.h>

#include "aws/ids.h"
#include "aws/modelled_operations.h"

namespace larder::aws {
namespace {

const std::vector<std::string> domains = {"localhost", "s3.amazonaws.com",
                                          "s3.us-east-1.amazonaws.com"};

std::string where(std::string_view host, std::string_view path) {
  const auto resource = parse_s3_resource(host, path, domains);
  return resource ? resource->bucket + " | " + resource->key : "error";
}

TEST(S3Resource, TheHostFormAndThePathFormMeanTheSame) {
  EXPECT_EQ(where("photos.localhost:9000", "/a/b%20c"), "photos | a/b c");
  EXPECT_EQ(where("localhost:9000", "/photos/a/b%20c"), "photos | a/b c");
  EXPECT_EQ(where("127.0.0.1:9000", "/photos/"), "photos | ");
  EXPECT_EQ(where("127.0.0.1", "/"), " | ");
  EXPECT_EQ(where("my.dotted.bucket.s3.us-east-1.amazonaws.com", "/k"), "my.dotted.bucket | k");
  EXPECT_EQ(where("s3.us-east-1.amazonaws.com", "/photos/k"), "photos | k");
  EXPECT_EQ(where("[::1]:9000", "/photos/k"), "photos | k");
}

TEST(S3Resource, ADotAtTheEndOfTheHostChangesNothing) {
  EXPECT_EQ(where("photos.localhost.:9000", "/k"), "photos | k");
  EXPECT_EQ(where("localhost.", "/photos/k"), "photos | k");
  EXPECT_EQ(where("photos.s3.amazonaws.com.", "/k"), "photos | k");
}

TEST(S3Resource, AnEmptyBucketNameIsNoBucket) {
  for (const auto* path : {"//", "//photos", "//photos/k"}) {
    const auto refused = parse_s3_resource("localhost", path, domains);
    ASSERT_FALSE(refused.has_value()) << path;
    EXPECT_EQ(refused.error().code.name, "InvalidBucketName") << path;
  }
  EXPECT_EQ(where("photos.localhost", "//k"), "photos | /k");
}

struct Empty final : ByteSource {
  Task<Result<std::size_t>> read(std::span<char>) override { co_return 0; }
  std::optional<std::uint64_t> length() const override { return 0; }
};

std::string conflict(const std::string& target) {
  Empty body;
  const http::Request request{"GET", target, 1, {}, {}, body};
  const auto parsed = parse_target(request);
  const auto refused = check_subresources(*parsed, *parse_s3_resource("h", parsed->path, domains));
  return refused ? "" : std::string(refused.error().code.name) + ": " + refused.error().message;
}

TEST(Routes, TwoSubresourcesAreAConflict) {
  EXPECT_EQ(conflict("/b?uploads&policy"),
            "InvalidArgument: Conflicting query string parameters: policy, uploads");
  EXPECT_EQ(conflict("/b/k?tagging&acl"),
            "InvalidArgument: Conflicting query string parameters: acl, tagging");
  for (const auto* target :
       {"/b?policy", "/b?policy&policy", "/b?analytics&id=1", "/b?list-type=2&prefix=policy",
        "/b/k?partNumber=1&uploadId=x", "/b/k?select&select-type=2", "/b?policy&=&x-id=y", "/?a"})
    EXPECT_EQ(conflict(target), "") << target;
}

TEST(S3Resource, KeysKeepEveryCharacter) {
  EXPECT_EQ(where("h", "/b//x/../%2F+%ED%95%9C"),
            "b | /x/../"
            "/+\xED\x95\x9C");
  EXPECT_EQ(where("h", "/b/%zz"), "error");
}

std::string_view modelled(std::string method, std::string target, http::Headers headers = {}) {
  Empty body;
  const http::Request request{
      std::move(method), std::move(target), 1, std::move(headers), {}, body};
  const auto parsed = parse_target(request);
  const auto resource = parse_s3_resource("h", parsed->path, domains);
  return find_modelled_s3(request, *parsed, *resource);
}

TEST(Routes, TheMostSpecificOfAwsRoutesWins) {
  EXPECT_EQ(modelled("GET", "/b/k"), "GetObject");
  EXPECT_EQ(modelled("GET", "/b/k?tagging&versionId=1"), "GetObjectTagging");
  EXPECT_EQ(modelled("PUT", "/b/k", {{"x-amz-copy-source", "b/x"}}), "CopyObject");
  EXPECT_EQ(modelled("PUT", "/b/k?partNumber=1&uploadId=x"), "UploadPart");
  EXPECT_EQ(modelled("PUT", "/b/k?partNumber=1&uploadId=x", {{"x-amz-copy-source", "b/x"}}),
            "UploadPartCopy");
  EXPECT_EQ(modelled("GET", "/b?list-type=2"), "ListObjectsV2");
  EXPECT_EQ(modelled("GET", "/b?policy&list-type=2"), "GetBucketPolicy");
  EXPECT_EQ(modelled("PUT", "/b/k?tagging", {{"x-amz-copy-source", "b/x"}}), "PutObjectTagging");
  EXPECT_EQ(modelled("GET", "/"), "ListBuckets");
  EXPECT_EQ(modelled("PATCH", "/b"), "");
}

TEST(Ids, AnAccessKeyIdCarriesItsAccount) {
  SeededRandom random(7);
  for (const char* account : {"123456789012", "000000000001", "999999999999"}) {
    const auto id = make_access_key_id("AKIA", account, random);
    EXPECT_EQ(id.size(), 20u);
    EXPECT_EQ(account_of_access_key_id(id), account);
  }
  EXPECT_EQ(account_of_access_key_id("AKIAshort"), std::nullopt);
  EXPECT_EQ(account_of_access_key_id("AKIA0000000000000000"), std::nullopt);
}

}  // namespace
}  // namespace larder::aws
