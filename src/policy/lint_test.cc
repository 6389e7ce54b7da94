#include "policy/lint.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace larder::policy {
namespace {

/// "2:10 unknown-action" for each finding, with commas between them.
std::string found(std::string_view text, const LintOptions& options = {}) {
  std::string all;
  for (const Finding& finding : lint(text, options))
    all += (all.empty() ? "" : ", ") + std::to_string(finding.line) + ":" +
           std::to_string(finding.column) + " " + finding.code;
  return all;
}

std::string first_message(std::string_view text, const LintOptions& options = {}) {
  const auto findings = lint(text, options);
  return findings.empty() ? "nothing" : findings[0].message;
}

bool says(const std::string& message, const char* part) { return message.contains(part); }

/// A policy of one statement, whose elements begin at line 2, column 1.
std::string policy(const std::string& elements, const std::string& version = "2012-10-17") {
  return R"({"Version":")" + version + R"(","Statement":[{)" + "\n" + elements + "\n}]}";
}
/// With these actions and resources, both JSON; the actions stand at 2:10, the resources at 3:12.
std::string allow(const std::string& actions, const std::string& resources,
                  const std::string& more = R"("Effect":"Allow")") {
  return policy(R"("Action":)" + actions + ",\n" + R"("Resource":)" + resources + ",\n" + more);
}
/// With this condition, which stands at 4:13.
std::string when(const std::string& condition, const std::string& action = "s3:GetObject",
                 const std::string& effect = "Allow") {
  return allow("\"" + action + "\"", "\"*\"",
               R"("Condition":)" + condition + R"(,"Effect":")" + effect + "\"");
}
std::string bucket_policy(const std::string& elements) {
  return policy(R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*",)"
                "\n" +
                elements);
}

TEST(Lint, PlacesWhatIsNoJson) {
  const std::string text = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [}\n";
  EXPECT_EQ(found(text), "3:17 malformed");
  EXPECT_PRED2(says, first_message(text), "not a JSON value");
  EXPECT_EQ(found(""), "1:1 malformed");
  EXPECT_EQ(found("{\"é\": x}"), "1:7 malformed");
}

TEST(Lint, PlacesANameThatAppearsTwiceAtTheSecond) {
  EXPECT_EQ(found(policy(R"("Effect":"Allow","Action":"s3:*",)"
                         "\n"
                         R"("Resource":"*","Effect":"Deny")")),
            "3:16 malformed");
}

TEST(Lint, PlacesAnElementOfTheWrongForm) {
  const auto at = [](const std::string& elements, std::optional<Kind> kind = {}) {
    return found(policy(elements), {.kind = kind});
  };
  EXPECT_EQ(at(R"("Effect":"Maybe","Action":"s3:*","Resource":"*")"), "2:10 malformed");
  EXPECT_EQ(at(R"("Effect":"allow","Action":"s3:*","Resource":"*")"), "2:10 malformed");
  EXPECT_EQ(at(R"("Action":"s3:*","Resource":"*")"), "1:38 malformed");
  EXPECT_EQ(at(R"("Effect":"Allow","Action":"s3:*")"), "1:38 malformed");
  EXPECT_EQ(at(R"("Effect":"Allow","Action":[],"Resource":"*")"), "2:18 malformed");
  EXPECT_EQ(at(R"("Effect":"Allow","Action":["s3:*",1],"Resource":"*")"), "2:35 malformed");
  EXPECT_EQ(at(R"("Effect":"Allow","Actions":"s3:*","Resource":"*")"), "2:18 malformed");
  EXPECT_EQ(at(R"("Effect":"Allow","Action":"s3:*","NotAction":"s3:*","Resource":"*")"),
            "2:34 malformed");
  EXPECT_EQ(at(R"("Effect":"Allow","Action":["s3:*","Get"],"Resource":"*")"), "2:35 malformed");
  EXPECT_EQ(at(R"("Effect":"Allow","Action":"s3:*","Resource":["*","photos"])"), "2:50 malformed");
  EXPECT_EQ(
      at(R"("Effect":"Allow","Action":"s3:*","Resource":"*","Principal":"*")", Kind::identity),
      "2:49 malformed");
  EXPECT_EQ(at(R"("Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":["1"]})"),
            "2:64 malformed");
  EXPECT_EQ(at(R"("Effect":"Allow","Action":["sts:AssumeRole","s3:*"],"Principal":"*")"),
            "2:45 malformed");
}

TEST(Lint, PlacesAConditionThatIsRefused) {
  EXPECT_EQ(found(when(R"({"StringEqual":{"s3:prefix":"a"}})")), "4:14 malformed");
  EXPECT_EQ(found(when(R"({"StringEquals":{"s3:prefix":["a",null]}})")), "4:47 malformed");
  EXPECT_EQ(found(when(R"({"StringEquals":{"prefix":"a"}})")), "4:30 malformed");
  EXPECT_EQ(found(when(R"({"Null":{"aws:TokenIssueTime":"true"},)"
                       R"("DateLessThan":{"aws:CurrentTime":"soon"}})")),
            "4:85 malformed");
}

TEST(Lint, SaysWhatAwsDoesNot) {
  const std::string message =
      first_message(policy(R"("Effect":"Allow","Actions":"s3:*","Resource":"*")"));
  EXPECT_PRED2(says, message, "Syntax errors in policy: Unknown field Actions");
}

TEST(Lint, RefusesABucketPolicyAsItsBucketWould) {
  const std::string who = R"("Effect":"Allow","Principal":{"AWS":"111122223333"},)";
  EXPECT_EQ(found(policy(who + R"("Action":"s3:GetObject",
"Resource":["arn:aws:s3:::photos/*","arn:aws:s3:::other/*"])")),
            "3:37 malformed");
  EXPECT_EQ(found(policy(who + R"("Resource":"arn:aws:s3:::photos/*",
"Action":"s3:GetObjct")")),
            "3:10 malformed, 3:10 unknown-action");
}

TEST(Lint, RefusesResourcesThatNoBucketPolicyCanHave) {
  for (const char* resource : {"*", "b/*", "arn:aws:sqs:us-east-1:111122223333:queue",
                               "arn:aws:s3:::", "arn:aws:s3:::/key"}) {
    const std::string who = R"("Effect":"Allow","Principal":{"AWS":"111122223333"},)";
    EXPECT_TRUE(found(policy(who + R"("Action":"s3:GetObject",
"Resource":")" + resource + "\""))
                    .contains("3:12 malformed"))
        << resource;
  }
}

TEST(Lint, FindsActionsThatAreNone) {
  EXPECT_EQ(found(allow(R"(["s3:GetObject","s3:GetObejct"])", "\"*\"")), "2:26 unknown-action");
  const auto message = [](const std::string& action) {
    return first_message(allow("\"" + action + "\"", "\"*\""));
  };
  EXPECT_PRED2(says, message("s3:getobjct"), "Did you mean s3:GetObject?");
  EXPECT_PRED2(says, message("s3:HeadObject"), "Did you mean s3:GetObject?");
  EXPECT_PRED2(says, message("iam:AssumeRole"), "Did you mean sts:AssumeRole?");
  EXPECT_PRED2(says, message("s3:Gett*"), "No action matches s3:Gett*.");
  EXPECT_FALSE(message("s3:FlyToTheMoon").contains("Did you mean"));
  EXPECT_EQ(message("S3:getOBJECT"), "nothing");
  EXPECT_EQ(message("s3:Get*"), "nothing");
  EXPECT_EQ(message("*"), "nothing");
  EXPECT_EQ(message("larder:DescribeServer"), "nothing");
}

TEST(Lint, FindsServicesThatLarderDoesNotHave) {
  EXPECT_EQ(found(allow(R"("dynamodb:GetItem")", "\"*\"")), "2:10 unknown-service");
  EXPECT_PRED2(says, first_message(allow(R"("dynamodb:GetItem")", "\"*\"")), "kms");
}

TEST(Lint, FindsActionsWithoutAResource) {
  const std::string bucket = R"("arn:aws:s3:::b")";
  const std::string objects = R"("arn:aws:s3:::b/*")";
  EXPECT_EQ(found(allow(R"("s3:ListBucket")", objects)), "2:10 action-without-resource");
  EXPECT_PRED2(says, first_message(allow(R"("s3:ListBucket")", objects)),
               "Add the bucket itself, \"arn:aws:s3:::b\".");
  EXPECT_EQ(found(allow(R"(["s3:ListBucket","s3:GetObject"])", bucket)),
            "2:27 action-without-resource");
  EXPECT_EQ(found(allow(R"("ec2:DescribeInstances")", R"("arn:aws:ec2:*:*:instance/*")")),
            "2:10 action-without-resource");
  for (const char* resource :
       {R"("arn:aws:s3:::*")", R"("*")", R"("arn:aws:s3:::b?/*")", R"("arn:aws:s3:::b*")",
        R"("arn:aws:s3:::${aws:username}")", R"(["arn:aws:s3:::b","arn:aws:s3:::b/*"])"})
    EXPECT_FALSE(found(allow(R"("s3:GetObject")", resource)).contains("action-without"))
        << resource;
  EXPECT_EQ(found(allow(R"("s3:*")", objects)), "");
  EXPECT_EQ(
      found(allow(R"(["s3:ListAllMyBuckets","s3:GetBucketLocation"])", R"("arn:aws:s3:::*")")), "");
  EXPECT_EQ(
      found(allow(R"(["iam:ListUsers","iam:GetUser"])", R"("arn:aws:iam::111122223333:user/*")")),
      "");
}

TEST(Lint, FindsResourcesToWhichNoActionApplies) {
  EXPECT_EQ(found(allow(R"("s3:GetObject")", R"(["arn:aws:s3:::b/*","arn:aws:s3:::b"])")),
            "3:32 resource-not-applicable");
  EXPECT_EQ(found(allow(R"(["s3:GetObject","iam:PassRole"])",
                        R"(["arn:aws:s3:::b/*","arn:aws:iam::111122223333:user/a",)"
                        R"("arn:aws:iam::111122223333:role/a"])")),
            "3:32 resource-not-applicable");
  EXPECT_EQ(found(allow(R"(["s3:GetObject","s3:ListBucket"])",
                        R"(["arn:aws:s3:::b/*","arn:aws:s3:::b"])")),
            "");
}

TEST(Lint, FindsConditionKeysThatAreNone) {
  const std::string wrong = when(R"({"StringEquals":{"aws:PrincipalTags/team":"a"}})");
  EXPECT_EQ(found(wrong), "4:30 unknown-condition-key");
  EXPECT_PRED2(says, first_message(wrong), "Did you mean aws:PrincipalTag/*?");
  EXPECT_EQ(found(when(R"({"StringEquals":{"asw:PrincipalArn":"a"}})")),
            "4:30 unknown-condition-key");
  EXPECT_EQ(found(when(R"({"StringEquals":{"aws:principaltag/team":"a"}})")), "");
  EXPECT_EQ(found(when(R"({"StringEquals":{"idp.example.com:sub":"a"}})")), "");
  EXPECT_EQ(found(when(R"({"StringEquals":{"kms:EncryptionContext:a":"a"}})", "kms:Decrypt")),
            "4:30 never-supplied-condition-key");
}

TEST(Lint, FindsConditionKeysThatNeverCome) {
  const std::string prefix = R"({"StringEquals":{"s3:prefix":"a"}})";
  EXPECT_EQ(found(when(prefix)), "4:30 unsupplied-condition-key");
  EXPECT_PRED2(says, first_message(when(prefix)), "never holds");
  EXPECT_PRED2(says, first_message(when(R"({"StringNotEquals":{"s3:prefix":"a"}})")),
               "always holds");
  EXPECT_EQ(found(when(prefix, "s3:ListBucket")), "");
  EXPECT_EQ(found(when(prefix, "s3:*")), "");
  EXPECT_EQ(found(when(prefix, "*")), "");
  EXPECT_EQ(found(when(R"({"StringEqualsIfExists":{"s3:prefix":"a"}})")), "");
  EXPECT_EQ(found(when(R"({"Null":{"s3:prefix":"true"}})")), "");
}

/// What lint says of a condition on a key that comes with no request.
std::string on_absent(const std::string& condition, const std::string& effect) {
  const std::string text = when(condition, "s3:GetObject", effect);
  EXPECT_TRUE(found(text).contains("never-supplied-condition-key")) << text;
  return first_message(text);
}

TEST(Lint, TellsWhatAKeyThatLarderNeverSuppliesMakesOfTheStatement) {
  const char* equals = R"({"StringEquals":{"aws:SourceVpc":"vpc-1"}})";
  const char* differs = R"({"StringNotEquals":{"aws:SourceVpc":"vpc-1"}})";
  const char* if_exists = R"({"StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}})";
  EXPECT_EQ(found(when(differs)), "4:33 never-supplied-condition-key");
  EXPECT_PRED2(says, on_absent(equals, "Allow"), "never holds and the statement allows nothing");
  EXPECT_PRED2(says, on_absent(differs, "Allow"), "always holds and restricts nothing");
  EXPECT_PRED2(says, on_absent(if_exists, "Allow"), "always holds and restricts nothing");
  EXPECT_PRED2(says, on_absent(equals, "Deny"), "never holds and the statement denies nothing");
  EXPECT_PRED2(says, on_absent(differs, "Deny"), "always holds and the statement denies all");
  EXPECT_PRED2(says, on_absent(differs, "Deny"), R"("Null": {"aws:SourceVpc": "false"})");
  EXPECT_PRED2(says, on_absent(if_exists, "Deny"), "always holds and the statement denies all");
  for (const char* null : {"Null", "ForAllValues:Null"})
    EXPECT_PRED2(
        says,
        on_absent(std::string("{\"") + null + R"(":{"aws:MultiFactorAuthAge":"true"}})", "Allow"),
        "always holds and restricts nothing");
  EXPECT_PRED2(says, on_absent(R"({"Null":{"aws:MultiFactorAuthAge":"false"}})", "Deny"),
               "never holds and the statement denies nothing");
}

TEST(Lint, KnowsWhichKeysOfAnActionLarderNeverSupplies) {
  const auto of = [](const char* key, const char* action) {
    return found(when(std::string(R"({"StringEquals":{")") + key + R"(":"a"}})", action));
  };
  for (const auto& [key, action] : {std::pair{"s3:TlsVersion", "s3:GetObject"},
                                    {"s3:ResourceAccount", "s3:GetObject"},
                                    {"s3:ExistingObjectTag/team", "s3:GetObject"},
                                    {"s3:DataAccessPointAccount", "s3:GetObject"},
                                    {"iam:ResourceTag/team", "iam:GetRole"},
                                    {"ec2:MetadataHttpTokens", "ec2:RunInstances"}})
    EXPECT_TRUE(of(key, action).contains("never-supplied-condition-key")) << key;
  EXPECT_EQ(of("s3:VersionId", "s3:GetObjectVersion"), "");
  EXPECT_EQ(of("iam:PassedToService", "iam:PassRole"), "");
  EXPECT_EQ(of("ec2:InstanceType", "ec2:RunInstances"), "");
}

TEST(Lint, NeverAdvisesWhatWouldOpenTheStatement) {
  const auto bucket = [](const char* condition) {
    return bucket_policy(R"("Effect":"Allow","Principal":"*","Condition":)" +
                         std::string(condition));
  };
  const std::string organization = bucket(R"({"StringEquals":{"aws:PrincipalOrgID":"o-1"}})");
  EXPECT_FALSE(found(organization).contains("public-allow"));
  EXPECT_PRED2(says, first_message(organization), "it would allow all");
  EXPECT_TRUE(found(bucket(R"({"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}})"))
                  .contains("public-allow"));
  EXPECT_TRUE(
      found(bucket(R"({"StringNotEquals":{"aws:SourceVpce":"vpce-1"}})")).contains("public-allow"));
  EXPECT_FALSE(found(bucket(R"({"StringNotEquals":{"aws:SourceVpce":"vpce-1"},)"
                            R"("IpAddress":{"aws:SourceIp":"192.0.2.1"}})"))
                   .contains("public-allow"));
}

TEST(Lint, FindsOperatorsThatDoNotSuitTheKey) {
  for (const char* condition :
       {R"({"NumericEquals":{"aws:SourceIp":"1"}})", R"({"IpAddress":{"aws:UserAgent":"::1"}})",
        R"({"StringEquals":{"aws:SourceIp":"192.0.2.1"}})",
        R"({"Bool":{"aws:PrincipalArn":"true"}})",
        R"({"DateLessThan":{"aws:SecureTransport":"2026-01-01"}})"})
    EXPECT_EQ(found(when(condition)), "4:14 operator-type") << condition;
  for (const char* condition :
       {R"({"StringLike":{"aws:PrincipalArn":"*"}})", R"({"ArnLike":{"aws:userid":"*"}})",
        R"({"NumericLessThan":{"aws:PrincipalTag/level":"3"}})",
        R"({"NumericLessThan":{"aws:EpochTime":"1800000000"}})",
        R"({"DateLessThan":{"aws:EpochTime":"1800000000"}})",
        R"({"StringEquals":{"aws:SecureTransport":"true"}})"})
    EXPECT_EQ(found(when(condition)), "") << condition;
}

TEST(Lint, TakesNullWithASetOperatorWhereTheEngineDoes) {
  for (const char* op : {"Null", "ForAllValues:Null", "ForAnyValue:Null"}) {
    for (const char* key : {"aws:TagKeys", "aws:SourceIp"}) {
      const std::string condition = "{\"" + std::string(op) + "\":{\"" + key + R"(":"false"}})";
      EXPECT_EQ(found(when(condition)), parse_operator(op) ? "" : "4:14 malformed") << condition;
    }
  }
}

TEST(Lint, FindsValuesThatTheOperatorCannotRead) {
  EXPECT_EQ(found(when(R"({"IpAddress":{"aws:SourceIp":["192.0.2.1","192.0.2.0/33"]}})")),
            "4:55 value-type");
  EXPECT_EQ(found(when(R"({"NumericLessThan":{"s3:max-keys":"ten"}})", "s3:ListBucket")),
            "4:47 value-type");
  EXPECT_EQ(found(when(R"({"Bool":{"aws:SecureTransport":"yes"}})")), "4:44 value-type");
  EXPECT_EQ(found(when(R"({"ArnLike":{"aws:PrincipalArn":"admin"}})")), "4:44 value-type");
  EXPECT_EQ(found(bucket_policy(R"("Effect":"Allow","Principal":{"AWS":"111122223333"},)"
                                R"("Condition":{"DateLessThan":{"aws:CurrentTime":"soon"}})")),
            "3:100 value-type");
  EXPECT_EQ(found(when(R"({"IpAddress":{"aws:SourceIp":["192.0.2.1","2001:db8::/32"]}})")), "");
  EXPECT_EQ(found(when(R"({"ArnLike":{"aws:PrincipalArn":"arn:aws:iam:*"}})")), "4:44 value-type");
  EXPECT_EQ(found(when(R"({"ArnLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/*","*"]}})")), "");
}

TEST(Lint, FindsSetOperatorsThatDoNotSuitTheKey) {
  const std::string single = R"({"ForAllValues:StringEquals":{"aws:PrincipalTag/team":"a"}})";
  const std::string all = R"({"ForAllValues:StringEquals":{"aws:TagKeys":"a"}})";
  const std::string checked = R"({"ForAllValues:StringEquals":{"aws:TagKeys":"a"},)"
                              R"("Null":{"aws:tagkeys":"false"}})";
  EXPECT_EQ(found(when(single)), "4:14 single-valued-set-operator");
  EXPECT_EQ(found(when(R"({"StringEquals":{"aws:TagKeys":"a"}})", "iam:TagRole")),
            "4:14 multi-valued-without-set-operator");
  EXPECT_EQ(found(when(all, "iam:TagRole")), "4:14 for-all-values-allows-absent");
  EXPECT_EQ(found(when(all, "iam:TagRole", "Deny")), "");
  EXPECT_EQ(found(when(checked, "iam:TagRole")), "");
  EXPECT_EQ(found(when(R"({"ForAnyValue:StringEquals":{"aws:TagKeys":"a"}})", "iam:TagRole")), "");
}

TEST(Lint, FindsWhatIsAllowedByLeavingItOut) {
  EXPECT_EQ(found(policy(R"("Effect":"Allow","NotAction":"iam:*","Resource":"*")")),
            "2:18 not-action-allow");
  EXPECT_EQ(
      found(policy(R"("Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::secret/*")")),
      "2:34 not-resource-allow");
  EXPECT_EQ(found(bucket_policy(R"("Effect":"Allow","NotPrincipal":{"AWS":"111122223333"})")),
            "3:18 not-principal-allow");
  EXPECT_EQ(found(policy(R"("Effect":"Deny","NotAction":"iam:*","NotResource":"*")")), "");
}

TEST(Lint, FindsVariablesThatAreOnlyText) {
  const std::string text = R"("Effect":"Allow","Action":"s3:GetObject",
"Resource":"arn:aws:s3:::b/${aws:username}/*")";
  EXPECT_EQ(found(policy(text, "2008-10-17")), "3:12 variables-need-2012");
  EXPECT_EQ(found(policy(text)), "");
  EXPECT_EQ(found(R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})"),
            "1:1 version-missing");
}

TEST(Lint, FindsVariablesWithoutAValue) {
  const auto at = [](const std::string& resource) {
    return found(allow(R"("s3:GetObject")", "\"" + resource + "\""));
  };
  EXPECT_EQ(at("arn:aws:s3:::b/${aws:usernam}"), "3:12 unresolvable-variable");
  EXPECT_EQ(at("arn:aws:s3:::b/${aws:username"), "3:12 unresolvable-variable");
  EXPECT_EQ(at("arn:aws:s3:::b/${aws:TagKeys}"), "3:12 unresolvable-variable");
  EXPECT_EQ(at("arn:aws:s3:::b/${*}/${aws:PrincipalTag/team, 'none'}/$"), "");
  EXPECT_EQ(at("arn:aws:s3:::b/${idp.example.com:sub}"), "");
  EXPECT_EQ(at("arn:aws:s3:::b/${aws:username}:${aws:userid}"), "");
  EXPECT_EQ(found(when(R"({"StringLike":{"s3:prefix":"${aws:usernam}/*"}})", "s3:ListBucket")),
            "4:40 unresolvable-variable");
}

TEST(Lint, FindsVariablesBeforeTheFifthColon) {
  EXPECT_EQ(found(allow(R"("kms:Decrypt")", R"("arn:aws:kms:*:${aws:PrincipalAccount}:key/a")")),
            "3:12 variable-before-fifth-colon");
  EXPECT_EQ(found(allow(R"("iam:GetUser")", R"("arn:aws:iam::*:user/${aws:username}")")), "");
}

TEST(Lint, FindsWhatIsOpenToEveryone) {
  EXPECT_EQ(found(bucket_policy(R"("Effect":"Allow","Principal":{"AWS":["1","*"]})")),
            "3:38 malformed");
  EXPECT_EQ(found(bucket_policy(R"("Effect":"Allow","Principal":{"AWS":["111122223333","*"]})")),
            "3:53 public-allow");
  EXPECT_EQ(found(bucket_policy(R"("Effect":"Deny","Principal":"*")")), "");
  EXPECT_EQ(found(bucket_policy(R"("Effect":"Allow","Principal":"*",)"
                                R"("Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.1"}})")),
            "");
  EXPECT_EQ(found(policy(R"("Effect":"Allow","Principal":"*","Action":"sts:AssumeRole")")),
            "2:30 public-allow");
}

TEST(Lint, FindsAnAllowThatIsAlwaysDenied) {
  const auto beside = [](const std::string& denial) {
    return found(R"({"Version":"2012-10-17","Statement":[
{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"},
{"Effect":"Deny",)" +
                 denial + "}]}");
  };
  EXPECT_EQ(beside(R"("Action":"s3:*","Resource":"*")"), "2:1 always-denied");
  EXPECT_EQ(beside(R"("NotAction":"iam:*","Resource":"arn:aws:s3:::b*")"), "2:1 always-denied");
  EXPECT_EQ(beside(R"("Action":"s3:*","Resource":"arn:aws:s3:::b/x/*")"), "");
  EXPECT_EQ(beside(R"("Action":"s3:*","Resource":"*",)"
                   R"("Condition":{"Bool":{"aws:SecureTransport":"false"}})"),
            "");
}

TEST(Lint, FindsWhatTheBoundaryAllowsNothingOf) {
  const auto within = [](const std::string& elements) {
    const auto boundary = parse(policy(elements), Kind::boundary);
    EXPECT_TRUE(boundary.has_value()) << elements;
    return found(allow(R"("s3:Get*")", R"("arn:aws:s3:::b/${aws:username}/*")"),
                 {.boundary = &*boundary});
  };
  constexpr const char* nothing = "1:38 boundary-grants-nothing";
  EXPECT_EQ(within(R"("Effect":"Allow","Action":"ec2:*","Resource":"*")"), nothing);
  EXPECT_EQ(within(R"("Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::c/*")"), nothing);
  EXPECT_EQ(within(R"("Effect":"Deny","Action":"s3:G*","Resource":"arn:aws:s3:::b/*")"), nothing);
  EXPECT_EQ(within(R"("Effect":"Allow","Action":"s3:*Object","Resource":"arn:aws:s3:::b/a/*")"),
            "");
  EXPECT_EQ(within(R"("Effect":"Allow","NotAction":"s3:Get*","Resource":"*")"), "");
}

TEST(Lint, HasNothingToSayOfTypicalIdentityPolicies) {
  EXPECT_EQ(found(R"({
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "ListAll", "Effect": "Allow",
     "Action": ["s3:ListAllMyBuckets", "s3:GetBucketLocation"], "Resource": "arn:aws:s3:::*"},
    {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::bucket-name",
     "Condition": {"StringLike": {"s3:prefix": ["", "home/", "home/${aws:userid}/*"]}}},
    {"Effect": "Allow", "Action": "s3:*", "Resource": [
      "arn:aws:s3:::bucket-name/home/${aws:userid}",
      "arn:aws:s3:::bucket-name/home/${aws:userid}/*"]},
    {"Effect": "Allow", "Action": ["ec2:StartInstances", "ec2:StopInstances"],
     "Resource": "arn:aws:ec2:*:*:instance/*",
     "Condition": {"StringEquals": {"aws:PrincipalTag/Owner": "${aws:username}"}}},
    {"Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "*"},
    {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::111122223333:role/app",
     "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}},
    {"Effect": "Deny", "NotAction": ["iam:ListMFADevices", "sts:GetSessionToken"], "Resource": "*",
     "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}},
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::111122223333:role/*"}
  ]
})"),
            "");
}

TEST(Lint, HasNothingToSayOfTypicalBucketPolicies) {
  EXPECT_EQ(found(R"({
  "Version": "2012-10-17",
  "Id": "PutObjPolicy",
  "Statement": [
    {"Sid": "DenyObjectsThatAreNotSSEKMS", "Principal": "*", "Effect": "Deny",
     "Action": "s3:PutObject", "Resource": "arn:aws:s3:::photos/*",
     "Condition": {"Null": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "true"}}},
    {"Sid": "RestrictToTLSRequestsOnly", "Action": "s3:*", "Effect": "Deny",
     "Resource": ["arn:aws:s3:::photos", "arn:aws:s3:::photos/*"],
     "Condition": {"Bool": {"aws:SecureTransport": "false"}}, "Principal": "*"},
    {"Effect": "Deny", "Principal": "*", "Action": "s3:*",
     "Resource": ["arn:aws:s3:::photos", "arn:aws:s3:::photos/*"],
     "Condition": {"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "2001:db8::/32"]}}},
    {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/Dave"},
     "Action": "s3:PutObject", "Resource": "arn:aws:s3:::photos/*",
     "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}}
  ]
})"),
            "");
}

TEST(Lint, HasNothingToSayOfTypicalTrustPolicies) {
  EXPECT_EQ(found(R"({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
    "Principal": {"Federated": "cognito-identity.amazonaws.com"},
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {
      "StringEquals": {"cognito-identity.amazonaws.com:aud": "us-east-1:1"},
      "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"}}}})"),
            "");
  EXPECT_EQ(found(R"({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
    "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}})"),
            "");
  EXPECT_EQ(found(R"({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
    "Principal": {"AWS": "111122223333"}, "Action": ["sts:AssumeRole", "sts:TagSession"],
    "Condition": {"StringEquals": {"sts:ExternalId": "12345"}}}})"),
            "");
  EXPECT_EQ(found(R"({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
    "Principal": {"Federated":
      "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {
      "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
      "StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/app:*"}}}})"),
            "");
}

}  // namespace
}  // namespace larder::policy
