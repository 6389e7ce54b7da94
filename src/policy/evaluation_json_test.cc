#include "policy/evaluation_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

namespace larder::policy {
namespace {

namespace json = boost::json;

json::object whole() {
  return json::parse(R"({
    "principal": "arn:aws:iam::111122223333:user/alice",
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::photos/cat.jpg",
    "resource_account": "111122223333",
    "context": {"aws:SourceIp": "192.0.2.1", "aws:TagKeys": ["a", "b"], "s3:empty": []},
    "identity_policies": [
      {"Version": "2012-10-17", "Statement":
        {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}],
    "permissions_boundary":
      {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}},
    "session_policies": [],
    "resource_policy": null})")
      .as_object();
}

std::unique_ptr<EvaluationRequest> read(const json::object& source) {
  auto request = EvaluationRequest::read(json::serialize(source));
  EXPECT_TRUE(request.has_value()) << (request ? "" : request.error().message);
  return request ? *std::move(request) : nullptr;
}

std::string answer_to(const json::object& source) {
  const auto request = read(source);
  if (request == nullptr) return {};
  return write_verdict(request->query(), evaluate(request->query(), request->policies()));
}

std::string value_of(const Context& context, std::string_view key) {
  const auto values = context.find(key);
  return values.size() == 1 ? std::string(values[0]) : std::string();
}

/// What is said of the request with one member replaced.
Error error_with(std::string_view member, const json::value& value) {
  json::object source = whole();
  source[member] = value;
  const auto request = EvaluationRequest::read(json::serialize(source));
  EXPECT_FALSE(request.has_value()) << member << ": " << json::serialize(value);
  return request ? Error{codes::internal_error, ""} : request.error();
}

TEST(EvaluationJson, ARequestHoldsWhatWasWritten) {
  const auto request = read(whole());
  ASSERT_NE(request, nullptr);
  const Query query = request->query();
  EXPECT_EQ(query.principal.arn, "arn:aws:iam::111122223333:user/alice");
  EXPECT_EQ(query.action, "s3:GetObject");
  EXPECT_EQ(query.resource, "arn:aws:s3:::photos/cat.jpg");
  EXPECT_EQ(query.resource_account, "111122223333");
  EXPECT_EQ(value_of(query.context, "aws:SourceIp"), "192.0.2.1");
  EXPECT_EQ(query.context.find("aws:TagKeys").size(), 2u);
  EXPECT_TRUE(query.context.contains("s3:empty"));
  const PolicySet policies = request->policies();
  ASSERT_EQ(policies.identity.size(), 1u);
  EXPECT_EQ(policies.identity[0].name, "identity-0");
  ASSERT_NE(policies.boundary, nullptr);
  EXPECT_EQ(policies.boundary->name, "boundary");
  EXPECT_FALSE(policies.has_session_policies);
  EXPECT_EQ(policies.resource, nullptr);
}

TEST(EvaluationJson, AVerdictIsOneLine) {
  EXPECT_EQ(answer_to(whole()),
            R"({"decision":"allowed","decided_by":"identity","statements":[)"
            R"({"kind":"identity","policy":"identity-0","sid":"Read","index":0},)"
            R"({"kind":"boundary","policy":"boundary","sid":null,"index":0}],"message":null})");
}

TEST(EvaluationJson, ADenialHasItsMessageAndNoStatements) {
  json::object source = whole();
  source["action"] = "s3:PutObject";
  EXPECT_EQ(
      answer_to(source),
      R"({"decision":"implicitDeny","decided_by":"identity","statements":[],)"
      R"("message":"User: arn:aws:iam::111122223333:user/alice is not authorized to perform: )"
      R"(s3:PutObject on resource: \"arn:aws:s3:::photos/cat.jpg\" because no identity-based )"
      R"(policy allows the s3:PutObject action"})");
}

TEST(EvaluationJson, WhereNothingHadToDecideDecidedByIsNull) {
  json::object source = whole();
  source["principal"] = "arn:aws:iam::111122223333:root";
  EXPECT_TRUE(
      answer_to(source).starts_with(R"({"decision":"allowed","decided_by":null,"statements":[])"))
      << answer_to(source);
}

TEST(EvaluationJson, OnlyPrincipalActionAndResourceMustBeThere) {
  const json::object least{{"principal", "arn:aws:iam::111122223333:user/alice"},
                           {"action", "s3:GetObject"},
                           {"resource", "*"},
                           {"name", "a member that is of no concern"}};
  EXPECT_NE(read(least), nullptr);
  for (const char* member : {"principal", "action", "resource"}) {
    json::object source = whole();
    source.erase(member);
    const auto request = EvaluationRequest::read(json::serialize(source));
    ASSERT_FALSE(request.has_value()) << member;
    EXPECT_EQ(request.error().code, codes::invalid_argument);
    EXPECT_NE(request.error().message.find(member), std::string::npos) << request.error().message;
    EXPECT_NE(error_with(member, "").message.find(member), std::string::npos);
  }
}

TEST(EvaluationJson, TheOwnerIsWhomTheResourceNamesUnlessItIsGiven) {
  const auto owner = [](std::string_view more) {
    const auto request = EvaluationRequest::read(
        R"({"principal":"arn:aws:iam::111122223333:user/a","action":"iam:GetRole",)" +
        std::string(more) + "}");
    EXPECT_TRUE(request.has_value());
    return std::string((*request)->query().resource_account);
  };
  EXPECT_EQ(owner(R"("resource":"arn:aws:iam::444455556666:role/r")"), "444455556666");
  EXPECT_EQ(owner(R"("resource":"arn:aws:iam::444455556666:role/r","resource_account":"1")"), "1");
  EXPECT_EQ(owner(R"("resource":"arn:aws:s3:::photos")"), "");
  EXPECT_EQ(owner(R"("resource":"*")"), "");
}

TEST(EvaluationJson, MembersThatSayNothingAreNamed) {
  const auto request = EvaluationRequest::read(
      R"({"principal":"anonymous","action":"a:B","resource":"*","permission_boundary":{}})");
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ((*request)->ignored_members(), std::vector<std::string>{"permission_boundary"});
}

TEST(EvaluationJson, NullIsAsIfTheMemberWereLeftOut) {
  for (const char* member : {"resource_account", "context", "identity_policies",
                             "permissions_boundary", "session_policies", "resource_policy"}) {
    json::object source = whole();
    source[member] = nullptr;
    EXPECT_NE(read(source), nullptr) << member;
  }
}

TEST(EvaluationJson, AWrongTypeIsNamed) {
  for (const char* member : {"principal", "action", "resource", "resource_account", "context",
                             "identity_policies", "permissions_boundary", "session_policies",
                             "resource_policy", "role_arn", "user_arn", "unique_id"}) {
    const Error error = error_with(member, 7);
    EXPECT_EQ(error.code, codes::invalid_argument) << member;
    EXPECT_TRUE(error.message.starts_with("`" + std::string(member) + "` must be"))
        << error.message;
  }
  const json::object number{{"aws:SourceIp", 7}};
  EXPECT_EQ(error_with("context", number).message,
            "`context[\"aws:SourceIp\"]` must be a string or a list of strings");
  const json::object numbers{{"aws:SourceIp", json::array{"a", 7}}};
  EXPECT_EQ(error_with("context", numbers).message,
            "`context[\"aws:SourceIp\"]` must be a string or a list of strings");
  const json::array documents{json::object{}, 7};
  EXPECT_TRUE(error_with("session_policies", json::array{7})
                  .message.starts_with("`session_policies[0]` must be a policy document"));
}

TEST(EvaluationJson, AKeyThatComesTwiceInDifferentCaseIsRefused) {
  const json::object twice{{"aws:SourceIp", "192.0.2.1"}, {"AWS:sourceip", "192.0.2.2"}};
  EXPECT_NE(error_with("context", twice).message.find("AWS:sourceip"), std::string::npos);
}

TEST(EvaluationJson, WhatIsNoPrincipalIsRefusedWithTheRemedy) {
  for (const char* arn : {"alice", "arn:aws:iam::111122223333:role/R",
                          "arn:aws:iam::111122223333:group/G", "arn:aws:iam::1:user/alice"}) {
    const std::string message = error_with("principal", arn).message;
    EXPECT_NE(message.find(arn), std::string::npos) << message;
    EXPECT_NE(message.find("assumed-role/ROLE/SESSION"), std::string::npos) << message;
  }
}

TEST(EvaluationJson, AMalformedDocumentHasAwssErrorAfterTheMember) {
  const json::object document{{"Version", "2012-10-17"}};
  for (const char* member : {"permissions_boundary", "resource_policy"}) {
    const Error error = error_with(member, document);
    EXPECT_NE(error.code, codes::invalid_argument);
    EXPECT_TRUE(error.message.starts_with(std::string(member) + ": ")) << error.message;
  }
  const json::array documents{whole().at("identity_policies").at(0), document};
  const Error error = error_with("identity_policies", documents);
  EXPECT_EQ(error.code, codes::malformed_policy_document);
  EXPECT_EQ(error.message, "identity_policies[1]: Syntax errors in policy.");
}

TEST(EvaluationJson, ADocumentMayBeAString) {
  json::object source = whole();
  json::value& document = source["identity_policies"].as_array()[0];
  document = json::serialize(document);
  EXPECT_EQ(answer_to(source), answer_to(whole()));
  source["permissions_boundary"] = "{";
  const auto request = EvaluationRequest::read(json::serialize(source));
  ASSERT_FALSE(request.has_value());
  EXPECT_EQ(request.error().message, "permissions_boundary: Syntax errors in policy.");
}

TEST(EvaluationJson, DuplicateNamesInADocumentAreRefused) {
  std::string text = json::serialize(whole());
  const std::string sid = R"("Sid":"Read")";
  text.replace(text.find(sid), sid.size(), sid + "," + sid);
  EXPECT_FALSE(EvaluationRequest::read(text).has_value());
}

TEST(EvaluationJson, TheResourcePolicyOfAssumeRoleIsTheTrustPolicy) {
  json::object source = whole();
  source["action"] = "sts:AssumeRole";
  source["resource"] = "arn:aws:iam::111122223333:role/R";
  source["resource_policy"] = json::parse(
      R"({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
          "Principal": {"AWS": "arn:aws:iam::111122223333:user/alice"}}})");
  EXPECT_TRUE(answer_to(source).starts_with(R"({"decision":"allowed","decided_by":"trust")"))
      << answer_to(source);
  source["resource_policy"] = nullptr;
  EXPECT_TRUE(answer_to(source).starts_with(R"({"decision":"implicitDeny","decided_by":"trust")"));
  EXPECT_TRUE(asks_trust_policy("STS:assumerolewithWebIdentity"));
  EXPECT_TRUE(asks_trust_policy("sts:TagSession"));
  EXPECT_TRUE(asks_trust_policy("sts:SetSourceIdentity"));
  EXPECT_FALSE(asks_trust_policy("sts:GetCallerIdentity"));
  EXPECT_FALSE(asks_trust_policy(""));
}

TEST(EvaluationJson, KeysThatFollowFromThePrincipalAreFilledInWhereTheyLack) {
  json::object source = whole();
  auto request = read(source);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(value_of(request->query().context, "aws:username"), "alice");
  source["context"].as_object()["aws:username"] = "bob";
  request = read(source);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(value_of(request->query().context, "aws:username"), "bob");
}

TEST(EvaluationJson, WhatAnArnDoesNotTellMayBeGiven) {
  json::object source = whole();
  source["principal"] = "arn:aws:sts::111122223333:assumed-role/R/session";
  source["role_arn"] = "arn:aws:iam::111122223333:role/team/R";
  source["unique_id"] = "AROAAAAAAAAAAAAAAAAA";
  const auto request = read(source);
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(value_of(request->query().context, "aws:PrincipalArn"), source["role_arn"].as_string());
  EXPECT_EQ(value_of(request->query().context, "aws:userid"), "AROAAAAAAAAAAAAAAAAA:session");
}

TEST(EvaluationJson, WhatIsNoObjectIsRefused) {
  for (const char* text : {"", "{", "[]", "null", "{} x", "\"a\"", "{\"principal\": }"}) {
    const auto request = EvaluationRequest::read(text);
    ASSERT_FALSE(request.has_value()) << text;
    EXPECT_EQ(request.error().code, codes::invalid_argument) << text;
  }
  EXPECT_EQ(EvaluationRequest::read("{").error().message,
            "not a request in JSON: an object needs a name here, at byte 1");
}

}  // namespace
}  // namespace larder::policy
