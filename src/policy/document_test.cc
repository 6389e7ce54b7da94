#include "policy/document.h"

#include <gtest/gtest.h>

#include <string>

#include "policy/json_reader.h"
#include "policy/managed_policies.h"

namespace larder::policy {
namespace {

/// The message of the refusal; empty when the document is taken.
std::string refusal(std::string_view text, Kind kind, ParseOptions options = {}) {
  const auto document = parse(text, kind, options);
  if (document) return {};
  const bool bucket = kind == Kind::bucket;
  EXPECT_EQ(document.error().code.name, bucket ? "MalformedPolicy" : "MalformedPolicyDocument");
  EXPECT_EQ(document.error().code.http_status, 400);
  return document.error().message;
}

/// An identity policy of one statement.
std::string statement(const std::string& elements) {
  return R"({"Version":"2012-10-17","Statement":[{)" + elements + "}]}";
}
std::string identity(const std::string& elements) {
  return refusal(statement(elements), Kind::identity);
}
std::string bucket(const std::string& elements) {
  return refusal(statement(elements), Kind::bucket, {.bucket = "photos"});
}
std::string trust(const std::string& elements) { return refusal(statement(elements), Kind::trust); }

constexpr const char* syntax = "Syntax errors in policy.";

TEST(Document, KeepsEveryElementAndItsText) {
  const std::string text = statement(
      R"("Sid":"One","Effect":"Deny","NotAction":["s3:Get*","s3:List*"],
         "NotResource":"arn:aws:s3:::b/*",
         "Condition":{"StringLike":{"s3:prefix":["a","b"]},"Bool":{"aws:SecureTransport":false}})");
  const auto document = parse(text, Kind::identity);
  ASSERT_TRUE(document.has_value()) << document.error().message;
  EXPECT_EQ(document->text, text);
  EXPECT_EQ(document->version, "2012-10-17");
  ASSERT_EQ(document->statements.size(), 1u);
  const Statement& one = document->statements[0];
  EXPECT_EQ(one.sid, "One");
  EXPECT_EQ(one.effect, Effect::deny);
  EXPECT_TRUE(one.not_action);
  EXPECT_TRUE(one.not_resource);
  ASSERT_EQ(one.actions.size(), 2u);
  EXPECT_EQ(one.actions[1], "s3:List*");
  ASSERT_EQ(one.conditions.size(), 2u);
  EXPECT_EQ(one.conditions[0].key, "s3:prefix");
  EXPECT_EQ(one.conditions[0].values.size(), 2u);
  EXPECT_EQ(one.conditions[1].values[0], "false");
  EXPECT_FALSE(one.principals.has_value());
}

TEST(Document, MayHaveOneStatementWithoutAListAndNoVersion) {
  EXPECT_EQ(
      refusal(R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})", Kind::identity),
      "");
  EXPECT_EQ(refusal(R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"},
                        "Version":"2008-10-17"})",
                    Kind::identity),
            "");
}

TEST(Document, OfAManagedPolicyMustBeOfTheNewerVersion) {
  EXPECT_EQ(refusal(R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})",
                    Kind::identity, {.require_2012 = true}),
            "Policy document must be version 2012-10-17 or greater.");
}

TEST(Document, VariablesAreReadByTheVersionEvenIfItComesLast) {
  const auto document = parse(
      R"({"Statement":{"Effect":"Allow","Action":"s3:*",
          "Resource":"arn:aws:s3:::b/${aws:username}"},
          "Version":"2012-10-17"})",
      Kind::identity);
  ASSERT_TRUE(document.has_value());
  auto who = parse_principal("arn:aws:iam::111122223333:user/alice");
  Context context;
  add_principal_keys(*who, context);
  const Query query{*who, "s3:GetObject", "arn:aws:s3:::b/alice", "", context};
  EXPECT_TRUE(document->compiled.apply(0, PreparedQuery(query, false)).applies());
}

TEST(Document, OfAnIdentityHasAwsMessages) {
  EXPECT_EQ(refusal("", Kind::identity), syntax);
  EXPECT_EQ(refusal("[]", Kind::identity), syntax);
  EXPECT_EQ(refusal(R"({"Version":"2012-10-17"})", Kind::identity), syntax);
  EXPECT_EQ(refusal(R"({"Version":"2020-01-01","Statement":[]})", Kind::identity), syntax);
  EXPECT_EQ(refusal(R"({"Version":"2012-10-17","Statement":[]})", Kind::identity), syntax);
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"s3:*","Resource":"*","Extra":1)"), syntax);
  EXPECT_EQ(identity(R"("Action":"s3:*","Resource":"*")"), syntax);
  EXPECT_EQ(identity(R"("Effect":"Maybe","Action":"s3:*","Resource":"*")"), syntax);
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"s3:*","NotAction":"s3:Get*","Resource":"*")"),
            syntax);
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":1,"Resource":"*")"), syntax);
  EXPECT_EQ(identity(R"("Effect":"Allow","Effect":"Deny","Action":"s3:*","Resource":"*")"), syntax);
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"s3:*","Resource":"*","Principal":"*")"),
            "Policy document should not specify a principal.");
  EXPECT_EQ(identity(R"("Effect":"allow","Action":"s3:*","Resource":"*")"),
            "The policy failed legacy parsing");
  EXPECT_EQ(identity(R"("Effect":"Allow","Resource":"*")"),
            "Policy statement must contain actions.");
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":[],"Resource":"*")"),
            "Policy statement must contain actions.");
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"s3:*")"),
            "Policy statement must contain resources.");
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"s3:*","Resource":[])"),
            "Policy statement must contain resources.");
}

TEST(Document, OfAnIdentityChecksResourcesAndThenActions) {
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"x","Resource":"b")"),
            "Resource b must be in ARN format or \"*\".");
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"s3:*","Resource":"arn:moon:s3:::b")"),
            "Partition \"moon\" is not valid for resource \"arn:moon:s3:::b\".");
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s*:::b")"),
            "Resource vendor must be fully qualified and cannot contain regexes.");
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3::b")"),
            "The policy failed legacy parsing");
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"s3:*","Resource":"arn:aws::b")"),
            "The policy failed legacy parsing");
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"s3:*","Resource":"arn:aws")"),
            "Resource vendor must be fully qualified and cannot contain regexes.");
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:b")"),
            "Resource arn:aws:s3:b can not contain region information.");
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"s3:*","Resource":"arn:moon:logs")"),
            "Partition \"moon\" is not valid for resource \"arn:moon:logs:*:*:*\".");
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"logs:*","Resource":"arn:aws:logs:*")"), "");
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"sts:*","Resource":"arn:aws:iam::*:root")"), "");
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam:r::user/a")"),
            "IAM resource arn:aws:iam:r::user/a cannot contain region information.");
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::1:thing/a")"),
            "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, "
            "group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, "
            "saml-provider/, oidc-provider/, report/, access-report/.");
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"GetObject","Resource":"*")"),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"s3:a:b","Resource":"*")"),
            "Actions/Condition can contain only one colon.");
  EXPECT_EQ(identity(R"("Effect":"Allow","Action":"s_3:a","Resource":"*")"),
            "Vendor s_3 is not valid");
}

TEST(Document, HasUniquePlainStatementIds) {
  EXPECT_EQ(refusal(R"({"Version":"2012-10-17","Statement":[
              {"Sid":"A","Effect":"Allow","Action":"s3:*","Resource":"*"},
              {"Sid":"A","Effect":"Deny","Action":"iam:*","Resource":"*"}]})",
                    Kind::identity),
            "Statement IDs (SID) in a single policy must be unique.");
  EXPECT_NE(identity(R"("Sid":"a b","Effect":"Allow","Action":"s3:*","Resource":"*")"), "");
}

TEST(Document, RefusesConditionsItCannotEvaluate) {
  const std::string start = R"("Effect":"Allow","Action":"s3:*","Resource":"*","Condition":)";
  EXPECT_EQ(identity(start + R"({"StringEqual":{"s3:prefix":"a"}})"), syntax);
  EXPECT_EQ(identity(start + R"({"StringEquals":{"s3:prefix":null}})"), syntax);
  EXPECT_EQ(identity(start + R"({"StringEquals":"a"})"), syntax);
  EXPECT_EQ(identity(start + R"({"DateLessThan":{"aws:CurrentTime":"soon"}})"),
            "The policy failed legacy parsing");
  EXPECT_EQ(identity(start + R"({"NumericLessThan":{"s3:max-keys":10}})"), "");
}

TEST(Document, OfABucketHasConditionsThatItsActionsCanMeet) {
  constexpr const char* unfit =
      "Conditions do not apply to combination of actions and resources in statement";
  const auto with = [](const std::string& action, const std::string& key) {
    return bucket(R"("Effect":"Deny","Principal":"*","Action":)" + action +
                  R"(,"Resource":["arn:aws:s3:::photos","arn:aws:s3:::photos/*"],"Condition":)"
                  R"({"StringEquals":{")" +
                  key + R"(":"a"}})");
  };
  EXPECT_EQ(with(R"("s3:GetObject")", "s3:prefix"), unfit);
  EXPECT_EQ(with(R"(["s3:GetObject","s3:DeleteObject"])", "s3:max-keys"), unfit);
  EXPECT_EQ(with(R"(["s3:GetObject","s3:ListBucket"])", "s3:prefix"), "");
  EXPECT_EQ(with(R"("s3:*")", "s3:x-amz-acl"), "");
  EXPECT_EQ(with(R"("s3:Put*")", "s3:X-Amz-Acl"), "");
  EXPECT_EQ(with(R"("s3:GetObject")", "s3:authType"), "");
  EXPECT_EQ(with(R"("s3:GetObject")", "aws:SourceIp"), "");
}

TEST(Document, OfAnyResourceNeedsNoMoreThanTheFormOfAnArn) {
  const auto with = [](const std::string& resource, ParseOptions options) {
    return refusal(statement(R"("Effect":"Allow","Principal":"*","Action":"s3:GetObject",)"
                             R"("Resource":")" +
                             resource + "\""),
                   Kind::bucket, options);
  };
  constexpr const char* invalid = "Policy has invalid resource";
  for (const char* resource : {"*", "arn:aws:sqs:us-east-1:111122223333:queue"}) {
    EXPECT_EQ(with(resource, {}), "");
    EXPECT_EQ(with(resource, {.bucket = ""}), invalid);
  }
  EXPECT_EQ(with("arn:aws:s3:::any/*", {.bucket = ""}), "");
  EXPECT_EQ(with("photos/*", {}), invalid);
}

TEST(Document, OfABucketHasS3Messages) {
  EXPECT_EQ(refusal("", Kind::bucket),
            "Policies must be valid JSON and the first byte must be '{'");
  EXPECT_EQ(refusal("{\"Statement\"", Kind::bucket), "This policy contains invalid Json");
  EXPECT_EQ(refusal("{}", Kind::bucket), "Missing required field Statement");
  const std::string all = R"("Effect":"Allow","Principal":"*",)";
  EXPECT_EQ(bucket(all + R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*")"), "");
  EXPECT_EQ(bucket(all + R"("Action":"s3:*","Resource":["arn:aws:s3:::photos"])"), "");
  EXPECT_EQ(bucket(all + R"("Action":"*","Resource":"arn:aws:s3:::photos*")"), "");
  EXPECT_EQ(bucket(all + R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::photos2/*")"),
            "Policy has invalid resource");
  EXPECT_EQ(bucket(all + R"("Action":"s3:GetObject","Resource":"*")"),
            "Policy has invalid resource");
  EXPECT_EQ(bucket(all + R"("Action":"s3:Fly","Resource":"arn:aws:s3:::photos/*")"),
            "Policy has invalid action");
  EXPECT_EQ(bucket(all + R"("Action":"iam:GetUser","Resource":"arn:aws:s3:::photos/*")"),
            "Policy has invalid action");
  EXPECT_EQ(bucket(all + R"("Action":"s3:ListBucket","Resource":"arn:aws:s3:::photos/*")"),
            "Action does not apply to any resource(s) in statement");
  EXPECT_EQ(bucket(R"("Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::photos")"),
            "Missing required field Principal");
  EXPECT_EQ(bucket(R"("Effect":"Allow","Principal":{"AWS":"arn:aws:iam::1:group/g"},
                      "Action":"s3:*","Resource":"arn:aws:s3:::photos")"),
            "Invalid principal in policy");
}

TEST(Document, OfATrustHasItsMessages) {
  const std::string who = R"("Effect":"Allow","Principal":{"AWS":"111122223333"},)";
  EXPECT_EQ(refusal("{", Kind::trust), "This policy contains invalid Json");
  EXPECT_EQ(trust(who + R"("Action":["sts:AssumeRole","sts:TagSession"])"), "");
  EXPECT_EQ(trust(R"("Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com"]},
                     "Action":"sts:AssumeRole")"),
            "");
  EXPECT_EQ(trust(R"("Effect":"Allow","Principal":{"CanonicalUser":"79a5"},
                     "Action":"sts:AssumeRole")"),
            R"(Invalid principal in policy: "CanonicalUser":"79a5")");
  EXPECT_EQ(trust(who + R"("Action":"sts:AssumeRole","Resource":"*")"),
            "Has prohibited field Resource.");
  EXPECT_EQ(trust(R"("Effect":"Allow","Action":"sts:AssumeRole")"),
            "Missing required field Principal");
  EXPECT_EQ(trust(who + R"("Action":"s3:GetObject")"),
            "Trust Policy statement actions can only be sts:AssumeRole, sts:AssumeRoleWithSAML,  "
            "and sts:AssumeRoleWithWebIdentity");
  EXPECT_EQ(trust(R"("Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/*"},
                     "Action":"sts:AssumeRole")"),
            "Invalid principal in policy: \"AWS\":\"arn:aws:iam::111122223333:role/*\"");
}

TEST(Document, NestsOnlySoDeep) {
  std::string text = R"({"Statement":)";
  for (int i = 0; i < 5000; ++i) text += '[';
  EXPECT_EQ(refusal(text, Kind::identity), syntax);
}

TEST(Document, QuotasDoNotCountWhiteSpace) {
  EXPECT_EQ(counted_size("{ \"a\" :\n\t1 }\r\n"), 7u);
  EXPECT_EQ(counted_size("é"), 1u);
}

TEST(Document, OfEveryManagedPolicyIsAccepted) {
  EXPECT_EQ(managed_policies().size(), 15u);
  for (const ManagedPolicy& policy : managed_policies())
    EXPECT_EQ(refusal(policy.document, Kind::identity, {.require_2012 = true}), "") << policy.name;
}

TEST(Json, IsStrict) {
  for (const char* text : {"", "{", "{\"a\":1,}", "[1,]", "01", "1.", "+1", "'a'", "{\"a\":1}x",
                           "\"\x01\"", "\"\xff\"", "\"\\ud800\"", "{\"a\":1,\"a\":2}", "nul"})
    EXPECT_FALSE(read_json(text).has_value()) << text;
}

TEST(Json, KeepsNumbersAsTheyAreWrittenAndUnescapesStrings) {
  const auto number = read_json(" -1.50e3 ");
  ASSERT_TRUE(number.has_value());
  EXPECT_EQ(number->text, "-1.50e3");
  EXPECT_EQ(number->offset, 1u);
  const auto text = read_json(R"("a\u00e9\ud83d\ude00\n\/")");
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(text->text, "aé😀\n/");
}

}  // namespace
}  // namespace larder::policy
