#include "imds/service.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "http/testing/raw_client.h"
#include "imds/testing/scripted_source.h"

namespace larder::imds {
namespace {

using http::testing::RawClient;
using Response = RawClient::Response;

constexpr std::string_view token_path = "/latest/api/token";
const std::string ttl = "X-aws-ec2-metadata-token-ttl-seconds";
const std::string token_name = "X-aws-ec2-metadata-token";
const std::string role_path = "/latest/meta-data/iam/security-credentials/uploader";

http::ServerOptions one_core() {
  http::ServerOptions options;
  options.cores = 1;
  return options;
}

class Service : public ::testing::Test {
 protected:
  Response ask(std::string_view method, std::string_view path, http::Headers headers = {},
               std::string_view body = "") {
    RawClient client(server_.port());
    std::string text = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n";
    for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
    client.send(text + "\r\n" + std::string(body));
    return client.receive(method == "HEAD");
  }
  std::string token(std::string_view seconds = "60") {
    return ask("PUT", token_path, {{ttl, std::string(seconds)}}).body;
  }
  Response get(std::string_view path, http::Headers more = {}) {
    more.add(token_name, token());
    return ask("GET", path, more);
  }
  void allow_version_1() {
    InstanceView view = testing::example_view();
    view.options.tokens_required = false;
    source_.show(view);
  }
  boost::json::object credentials(http::Headers headers) {
    return boost::json::parse(ask("GET", role_path, headers).body).as_object();
  }

  ManualClock clock_{Time(std::chrono::seconds(1'577'836'800))};
  SeededRandom random_{1};
  testing::ScriptedSource source_{clock_};
  MetadataService service_{source_, clock_, random_};
  http::testing::TestServer server_{[this](http::Request& request, http::ResponseWriter& response) {
                                      return service_.serve(request, response);
                                    },
                                    one_core()};
};

TEST_F(Service, ATokenComesWithItsLifetime) {
  const Response response = ask("PUT", token_path, {{ttl, "21600"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.find(ttl), "21600");
  EXPECT_EQ(response.headers.find("Content-Type"), "text/plain");
  EXPECT_EQ(response.headers.find("Server"), "EC2ws");
  EXPECT_EQ(response.body.size(), 56u);
}

TEST_F(Service, TokensNeedALifetimeInItsBounds) {
  EXPECT_EQ(ask("PUT", token_path).status, 400);
  for (const auto* wrong : {"", "0", "-1", "21601", "1.5", "x", "99999999999999999999"}) {
    EXPECT_EQ(ask("PUT", token_path, {{ttl, wrong}}).status, 400) << wrong;
  }
}

TEST_F(Service, TakesEveryFramingOfAnEmptyBody) {
  EXPECT_EQ(ask("PUT", token_path, {{ttl, "60"}, {"Content-Length", "0"}}).status, 200);
  const http::Headers chunked = {{ttl, "60"}, {"Transfer-Encoding", "chunked"}};
  EXPECT_EQ(ask("PUT", token_path, chunked, "0\r\n\r\n").status, 200);
  EXPECT_EQ(ask("PUT", "/latest/api/token/", {{ttl, "60"}}).status, 200);
  EXPECT_EQ(ask("PUT", "//latest//api/token", {{ttl, "60"}}).status, 200);
}

TEST_F(Service, TheTokenPathHasOneMethodAndOneVersion) {
  for (const auto* method : {"GET", "HEAD", "POST", "DELETE"}) {
    EXPECT_EQ(ask(method, token_path, {{ttl, "60"}}).status, 405) << method;
  }
  EXPECT_EQ(ask("PUT", "/2021-03-23/api/token", {{ttl, "60"}}).status, 403);
  EXPECT_EQ(ask("PUT", "/nothing/api/token", {{ttl, "60"}}).status, 405);
}

TEST_F(Service, RefusesWhatCameThroughAProxy) {
  const http::Headers forwarded = {{"X-Forwarded-For", "10.0.0.1"}};
  EXPECT_EQ(ask("PUT", token_path, {{ttl, "60"}, {"x-forwarded-for", ""}}).status, 403);
  EXPECT_EQ(get("/latest/meta-data/instance-id", forwarded).status, 403);
  allow_version_1();
  EXPECT_EQ(ask("GET", "/latest/meta-data/instance-id", forwarded).status, 200);
}

TEST_F(Service, IsVersionTwoOnlyByDefault) {
  const Response bare = ask("GET", "/latest/meta-data/instance-id");
  EXPECT_EQ(bare.status, 401);
  EXPECT_NE(bare.body.find("<title>401 - Unauthorized</title>"), bare.body.npos);
  EXPECT_EQ(bare.headers.find("Content-Type"), "text/html");
  EXPECT_EQ(get("/latest/meta-data/instance-id").body, "i-0123456789abcdef0");
}

TEST_F(Service, AWrongTokenIsRefusedEvenWhereNoneIsNeeded) {
  allow_version_1();
  const std::string path = "/latest/meta-data/instance-id";
  EXPECT_EQ(ask("GET", path).status, 200);
  for (const auto* wrong : {"", "garbage"}) {
    EXPECT_EQ(ask("GET", path, {{token_name, wrong}}).status, 401);
  }
}

TEST_F(Service, ATokenExpires) {
  const http::Headers headers = {{"x-aws-EC2-metadata-token", token("60")}};
  clock_.advance(Seconds(59));
  const Response in_time = ask("GET", "/latest/", headers);
  EXPECT_EQ(in_time.status, 200);
  EXPECT_EQ(in_time.headers.find(ttl), "1");
  clock_.advance(Seconds(1));
  EXPECT_EQ(ask("GET", "/latest/", headers).status, 401);
}

TEST_F(Service, ReadsOnly) {
  for (const auto* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
    const Response response = ask(method, "/latest/meta-data/instance-id", {{token_name, token()}});
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_EQ(response.headers.find("Allow"), "GET, HEAD");
  }
}

TEST_F(Service, HeadTellsTheLength) {
  const Response response = ask("HEAD", "/latest/meta-data/instance-id", {{token_name, token()}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.find("Content-Length"), "19");
  EXPECT_EQ(response.body, "");
}

TEST_F(Service, ServesEverySpellingOfAPath) {
  for (const auto* path :
       {"/latest/meta-data/placement/region", "//latest/meta-data/placement/region",
        "/latest//meta-data///placement/region/", "/1.0/meta-data/placement/region",
        "/latest/meta-data/placement/region?x=y"}) {
    EXPECT_EQ(get(path).body, "us-east-1") << path;
  }
}

TEST_F(Service, WhatIsNotThereIsASmallPage) {
  const Response response = get("/latest/meta-data/nothing");
  EXPECT_EQ(response.status, 404);
  EXPECT_NE(response.body.find("<title>404 - Not Found</title>"), response.body.npos);
  EXPECT_LT(response.body.size(), 512u);
  EXPECT_EQ(response.headers.find("Server"), "EC2ws");
  EXPECT_EQ(get("/latest/%zz").status, 400);
  EXPECT_EQ(get(role_path + "x").status, 404);
}

TEST_F(Service, GivesTheSameCredentialsBetweenRotations) {
  const http::Headers headers = {{token_name, token("21600")}};
  const auto first = credentials(headers);
  EXPECT_EQ(first.at("Code"), "Success");
  EXPECT_EQ(credentials(headers), first);
  clock_.advance(std::chrono::hours(1));
  EXPECT_NE(credentials(headers).at("AccessKeyId"), first.at("AccessKeyId"));
}

TEST_F(Service, TheTwoVersionsGetDifferentCredentials) {
  allow_version_1();
  const http::Headers headers = {{token_name, token()}};
  EXPECT_TRUE(credentials(headers).at("AccessKeyId").as_string().ends_with("V2"));
  EXPECT_TRUE(credentials({}).at("AccessKeyId").as_string().ends_with("V1"));
}

TEST_F(Service, ARoleThatDoesNotTrustIsACodeNotAStatus) {
  source_.answer_with_code("AssumeRoleUnauthorizedAccess");
  const Response response = get(role_path);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(boost::json::parse(response.body).at("Code"), "AssumeRoleUnauthorizedAccess");
}

TEST_F(Service, AnInstanceThatIsNotKnownIsUnavailable) {
  source_.fail_with(Error{codes::service_unavailable, "away"});
  EXPECT_EQ(ask("PUT", token_path, {{ttl, "60"}}).status, 503);
}

TEST_F(Service, ADisabledEndpointRefusesEverything) {
  const http::Headers headers = {{token_name, token()}};
  InstanceView view = testing::example_view();
  view.options.endpoint_enabled = false;
  source_.show(view);
  EXPECT_EQ(ask("PUT", token_path, {{ttl, "60"}}).status, 403);
  EXPECT_EQ(ask("GET", "/latest/", headers).status, 403);
  EXPECT_EQ(ask("DELETE", "/", headers).status, 403);
}

TEST_F(Service, AnswersHttp10) {
  RawClient client(server_.port());
  client.send("PUT /latest/api/token HTTP/1.0\r\n" + ttl + ": 60\r\n\r\n");
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_TRUE(client.at_end());
}

}  // namespace
}  // namespace larder::imds
