#include "audit/event_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "audit/json_line.h"
#include "codec/iso8601.h"
#include "codec/json.h"

namespace larder::audit {
namespace {

using Kind = policy::Principal::Kind;

boost::json::value parsed(const std::string& line) {
  EXPECT_EQ(line.find('\n'), std::string::npos);
  auto value = parse_json(line);
  if (value) return *std::move(value);
  ADD_FAILURE() << value.error().message << ": " << line;
  return {};
}

/// What is at a JSON pointer: a text as it is, anything else as JSON, "(absent)".
std::string at(const boost::json::value& event, std::string_view pointer) {
  boost::system::error_code error;
  const auto* found =
      event.find_pointer(boost::json::string_view(pointer.data(), pointer.size()), error);
  if (found == nullptr) return "(absent)";
  if (!found->is_string()) return boost::json::serialize(*found);
  return std::string(found->as_string().data(), found->as_string().size());
}

aws::AuditEvent put_object() {
  aws::AuditEvent event;
  event.time = *parse_iso8601("2026-11-23T12:00:01.5Z");
  event.request_id = "REQUEST1";
  event.source = "s3.amazonaws.com";
  event.name = "PutObject";
  event.region = "us-east-1";
  event.source_ip = "127.0.0.1";
  event.user_agent = "aws-cli/1.44";
  event.read_only = false;
  event.object_data = true;
  event.bucket = "photos";
  event.parameters = {{"bucketName", "photos"}, {"key", "a b"}};
  event.resources = {"arn:aws:s3:::photos/a b"};
  event.ruling.allowed = true;
  event.ruling.decision = "allowed";
  event.ruling.decided_by = "identity";
  event.ruling.policy = "arn:aws:iam::aws:policy/AmazonS3FullAccess";
  event.bytes_in = 7;
  return event;
}

aws::Session role_session() {
  aws::Session session;
  session.account = "111122223333";
  session.role_id = "AROAAAAAAAAAAAAAAAAA";
  session.role_arn = "arn:aws:iam::111122223333:role/team/photo-uploader";
  session.name = "i-0123456789abcdef0";
  session.issued = *parse_iso8601("2026-11-23T11:00:00Z");
  session.expires = *parse_iso8601("2026-11-23T17:00:00Z");
  session.source_identity = "alice";
  session.source_instance_arn = "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0";
  session.role_delivery = "2.0";
  return session;
}

boost::json::value event_by(Kind kind, const std::string& arn, const std::string& unique_id) {
  auto event = put_object();
  event.caller.principal.kind = kind;
  event.caller.principal.account = "111122223333";
  event.caller.principal.arn = arn;
  event.caller.principal.unique_id = unique_id;
  event.caller.access_key_id = "AKIAAAAAAAAAAAAAAAAA";
  return parsed(event_json(event));
}

TEST(EventJson, HasCloudTrailsFields) {
  auto event = put_object();
  event.caller = aws::caller_of(role_session(), "ASIAAAAAAAAAAAAAAAAA");
  const auto json = parsed(event_json(event));
  EXPECT_EQ(at(json, "/eventVersion"), "1.11");
  EXPECT_EQ(at(json, "/eventTime"), "2026-11-23T12:00:01Z");
  EXPECT_EQ(at(json, "/eventSource"), "s3.amazonaws.com");
  EXPECT_EQ(at(json, "/eventName"), "PutObject");
  EXPECT_EQ(at(json, "/awsRegion"), "us-east-1");
  EXPECT_EQ(at(json, "/sourceIPAddress"), "127.0.0.1");
  EXPECT_EQ(at(json, "/userAgent"), "aws-cli/1.44");
  EXPECT_EQ(at(json, "/errorCode"), "(absent)");
  EXPECT_EQ(at(json, "/errorMessage"), "(absent)");
  EXPECT_EQ(at(json, "/requestParameters/bucketName"), "photos");
  EXPECT_EQ(at(json, "/requestParameters/key"), "a b");
  EXPECT_EQ(at(json, "/responseElements"), "null");
  EXPECT_EQ(at(json, "/resources/0/ARN"), "arn:aws:s3:::photos/a b");
  EXPECT_EQ(at(json, "/requestID"), "REQUEST1");
  EXPECT_EQ(at(json, "/readOnly"), "false");
  EXPECT_EQ(at(json, "/eventType"), "AwsApiCall");
  EXPECT_EQ(at(json, "/managementEvent"), "false");
  EXPECT_EQ(at(json, "/eventCategory"), "Data");
  EXPECT_EQ(at(json, "/recipientAccountId"), "111122223333");
  EXPECT_EQ(at(json, "/additionalEventData/bytesTransferredIn"), "7");
  EXPECT_EQ(at(json, "/additionalEventData/bytesTransferredOut"), "0");
  EXPECT_EQ(at(json, "/additionalEventData/uid"), "(absent)");
}

TEST(EventJson, ARoleSessionIsNamedWithItsIssuerAndItsInstance) {
  auto event = put_object();
  event.caller = aws::caller_of(role_session(), "ASIAAAAAAAAAAAAAAAAA");
  const auto json = parsed(event_json(event));
  EXPECT_EQ(at(json, "/userIdentity/type"), "AssumedRole");
  EXPECT_EQ(at(json, "/userIdentity/principalId"), "AROAAAAAAAAAAAAAAAAA:i-0123456789abcdef0");
  EXPECT_EQ(at(json, "/userIdentity/arn"),
            "arn:aws:sts::111122223333:assumed-role/photo-uploader/i-0123456789abcdef0");
  EXPECT_EQ(at(json, "/userIdentity/accountId"), "111122223333");
  EXPECT_EQ(at(json, "/userIdentity/accessKeyId"), "ASIAAAAAAAAAAAAAAAAA");
  const std::string context = "/userIdentity/sessionContext";
  EXPECT_EQ(at(json, context + "/sessionIssuer/type"), "Role");
  EXPECT_EQ(at(json, context + "/sessionIssuer/principalId"), "AROAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(at(json, context + "/sessionIssuer/arn"),
            "arn:aws:iam::111122223333:role/team/photo-uploader");
  EXPECT_EQ(at(json, context + "/sessionIssuer/accountId"), "111122223333");
  EXPECT_EQ(at(json, context + "/sessionIssuer/userName"), "photo-uploader");
  EXPECT_EQ(at(json, context + "/attributes/creationDate"), "2026-11-23T11:00:00Z");
  EXPECT_EQ(at(json, context + "/attributes/mfaAuthenticated"), "false");
  EXPECT_EQ(at(json, context + "/sourceIdentity"), "alice");
  EXPECT_EQ(at(json, context + "/ec2RoleDelivery"), "2.0");
  EXPECT_EQ(at(json, "/additionalEventData/sourceInstance"),
            "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0");
}

TEST(EventJson, AUserIsNamed) {
  const auto json =
      event_by(Kind::user, "arn:aws:iam::111122223333:user/team/alice", "AIDAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(at(json, "/userIdentity/type"), "IAMUser");
  EXPECT_EQ(at(json, "/userIdentity/principalId"), "AIDAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(at(json, "/userIdentity/userName"), "alice");
  EXPECT_EQ(at(json, "/userIdentity/accessKeyId"), "AKIAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(at(json, "/userIdentity/sessionContext"), "(absent)");
}

TEST(EventJson, TheRootIsNamedByItsAccount) {
  const auto json = event_by(Kind::root, "arn:aws:iam::111122223333:root", "");
  EXPECT_EQ(at(json, "/userIdentity/type"), "Root");
  EXPECT_EQ(at(json, "/userIdentity/principalId"), "111122223333");
  EXPECT_EQ(at(json, "/userIdentity/arn"), "arn:aws:iam::111122223333:root");
  EXPECT_EQ(at(json, "/userIdentity/sessionContext"), "(absent)");
}

TEST(EventJson, ASessionOfTheRootHasNoIssuer) {
  auto event = put_object();
  auto session = role_session();
  session.kind = aws::Session::Kind::root;
  event.caller = aws::caller_of(std::move(session), "ASIAAAAAAAAAAAAAAAAA");
  const auto json = parsed(event_json(event));
  EXPECT_EQ(at(json, "/userIdentity/type"), "Root");
  EXPECT_EQ(at(json, "/userIdentity/sessionContext/sessionIssuer"), "(absent)");
  EXPECT_EQ(at(json, "/userIdentity/sessionContext/attributes/creationDate"),
            "2026-11-23T11:00:00Z");
}

TEST(EventJson, AFederatedUserIsNamedWithTheUserBehindIt) {
  auto event = put_object();
  auto& who = event.caller.principal;
  who.kind = Kind::federated_user;
  who.account = "111122223333";
  who.arn = "arn:aws:sts::111122223333:federated-user/bob";
  who.user_arn = "arn:aws:iam::111122223333:user/alice";
  const auto json = parsed(event_json(event));
  EXPECT_EQ(at(json, "/userIdentity/type"), "FederatedUser");
  EXPECT_EQ(at(json, "/userIdentity/principalId"), "111122223333:bob");
  EXPECT_EQ(at(json, "/userIdentity/sessionContext/sessionIssuer/type"), "IAMUser");
  EXPECT_EQ(at(json, "/userIdentity/sessionContext/sessionIssuer/userName"), "alice");
}

TEST(EventJson, ServicesAndWebIdentitiesAreNamed) {
  auto event = put_object();
  event.caller.principal.kind = Kind::service;
  event.caller.principal.service = "ec2.amazonaws.com";
  auto json = parsed(event_json(event));
  EXPECT_EQ(at(json, "/userIdentity/type"), "AWSService");
  EXPECT_EQ(at(json, "/userIdentity/invokedBy"), "ec2.amazonaws.com");
  event.caller.principal.kind = Kind::web_identity;
  event.caller.principal.provider = "arn:aws:iam::111122223333:oidc-provider/example.org";
  json = parsed(event_json(event));
  EXPECT_EQ(at(json, "/userIdentity/type"), "WebIdentityUser");
  EXPECT_EQ(at(json, "/userIdentity/identityProvider"),
            "arn:aws:iam::111122223333:oidc-provider/example.org");
}

TEST(EventJson, AnAnonymousCallerIsNamedAsCloudTrailDoes) {
  auto event = put_object();
  event.ruling = {};
  event.error_code = "AccessDenied";
  event.error_message = "Access Denied";
  const auto json = parsed(event_json(event));
  EXPECT_EQ(at(json, "/userIdentity/type"), "AWSAccount");
  EXPECT_EQ(at(json, "/userIdentity/principalId"), "");
  EXPECT_EQ(at(json, "/userIdentity/accountId"), "ANONYMOUS_PRINCIPAL");
  EXPECT_EQ(at(json, "/userIdentity/arn"), "(absent)");
  EXPECT_EQ(at(json, "/recipientAccountId"), "(absent)");
  EXPECT_EQ(at(json, "/errorCode"), "AccessDenied");
}

TEST(EventJson, TheLocalOperatorIsNamedWithItsUid) {
  auto event = put_object();
  event.caller = aws::caller_of(role_session(), "");
  event.caller.local_uid = 1000;
  const auto json = parsed(event_json(event));
  EXPECT_EQ(at(json, "/additionalEventData/uid"), "1000");
  EXPECT_EQ(at(json, "/userIdentity/accessKeyId"), "(absent)");
}

TEST(EventJson, ADecisionIsExplained) {
  auto event = put_object();
  event.ruling.allowed = false;
  event.ruling.decision = "implicitDeny";
  event.ruling.decided_by = "boundary";
  event.ruling.policy = "arn:aws:iam::111122223333:policy/photos-only";
  event.ruling.message = "... because no permissions boundary allows the s3:DeleteObject action";
  const auto json = parsed(event_json(event));
  EXPECT_EQ(at(json, "/additionalEventData/decision"), "implicitDeny");
  EXPECT_EQ(at(json, "/additionalEventData/decidedBy"), "boundary");
  EXPECT_EQ(at(json, "/additionalEventData/policy"),
            "arn:aws:iam::111122223333:policy/photos-only");
  EXPECT_EQ(at(json, "/additionalEventData/reason"), event.ruling.message);
}

TEST(EventJson, WhatWasAuthorizedIsToldActionByAction) {
  auto event = put_object();
  EXPECT_EQ(at(parsed(event_json(event)), "/additionalEventData/authorized"), "(absent)");
  event.authorized = {{"s3:GetObject", "arn:aws:s3:::photos/a"},
                      {"s3:PutObject", "arn:aws:s3:::photos/b"}};
  const auto json = parsed(event_json(event));
  EXPECT_EQ(at(json, "/additionalEventData/authorized/0/action"), "s3:GetObject");
  EXPECT_EQ(at(json, "/additionalEventData/authorized/0/resource"), "arn:aws:s3:::photos/a");
  EXPECT_EQ(at(json, "/additionalEventData/authorized/1/action"), "s3:PutObject");
}

TEST(EventJson, WhatWasRefusedIsToldActionByAction) {
  auto event = put_object();
  EXPECT_EQ(at(parsed(event_json(event)), "/additionalEventData/refused"), "(absent)");
  event.refused = {{"s3:DeleteObject", "arn:aws:s3:::photos/a"}};
  const auto json = parsed(event_json(event));
  EXPECT_EQ(at(json, "/additionalEventData/refused/0/action"), "s3:DeleteObject");
  EXPECT_EQ(at(json, "/additionalEventData/refused/0/resource"), "arn:aws:s3:::photos/a");
}

TEST(EventJson, NoDecisionIsToldWhereNoneWasReached) {
  auto event = put_object();
  event.ruling = {};
  const auto json = parsed(event_json(event));
  EXPECT_EQ(at(json, "/additionalEventData/decision"), "(absent)");
}

TEST(EventJson, ReadsOfTheAccountAreManagementEvents) {
  auto event = put_object();
  event.read_only = true;
  event.object_data = false;
  event.parameters.clear();
  event.resources.clear();
  const auto json = parsed(event_json(event));
  EXPECT_EQ(at(json, "/readOnly"), "true");
  EXPECT_EQ(at(json, "/managementEvent"), "true");
  EXPECT_EQ(at(json, "/eventCategory"), "Management");
  EXPECT_EQ(at(json, "/requestParameters"), "null");
  EXPECT_EQ(at(json, "/resources"), "(absent)");
}

// Python: uuid.uuid5(uuid.NAMESPACE_URL, "larder:REQUEST1")
TEST(EventJson, TheEventIdIsTheNameBasedUuidOfTheRequestId) {
  EXPECT_EQ(event_id("REQUEST1"), "ad39d84b-9ac8-5e58-bb22-4c0f22d2ce74");
  EXPECT_NE(event_id("REQUEST2"), event_id("REQUEST1"));
  EXPECT_EQ(at(parsed(event_json(put_object())), "/eventID"), event_id("REQUEST1"));
}

TEST(EventJson, AnyBytesGiveValidJson) {
  auto event = put_object();
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  event.user_agent = every_byte;
  event.parameters = {{"key", "\xc3\x28 \xed\xa0\x80 \xf4\x90\x80\x80 \xc0\xaf \xe2\x82"},
                      {every_byte, "gr\xc3\xbc\xc3\x9f"},
                      {"lines",
                       "a\nb\r\xe2\x80\xa8"
                       "c\xc2\x85"
                       "d\x1b[2J"},
                      {"quoted", "\"\\"}};
  const auto line = event_json(event);
  const auto json = parsed(line);
  const std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(at(json, "/requestParameters/key"), bad + "( " + bad + bad + bad + " " + bad + bad +
                                                    bad + bad + " " + bad + bad + " " + bad + bad);
  EXPECT_EQ(at(json, "/requestParameters/quoted"), "\"\\");
  EXPECT_NE(line.find("gr\xc3\xbc\xc3\x9f"), std::string::npos);
  EXPECT_NE(line.find(R"("a\u000ab\u000d\u2028c\u0085d\u001b[2J")"), std::string::npos);
}

TEST(EventJson, LongTextsAreCutBetweenCharacters) {
  auto event = put_object();
  event.user_agent = std::string(text_max - 1, 'x') + "\xc3\xbc" + "more";
  event.parameters = {{"key", std::string(1024, 'k')}};
  const auto json = parsed(event_json(event));
  EXPECT_EQ(at(json, "/userAgent"), std::string(text_max - 1, 'x') + "\xe2\x80\xa6");
  EXPECT_EQ(at(json, "/requestParameters/key"), std::string(1024, 'k'));
}

TEST(EventJson, ALineIsBoundedAndSaysHowMuchItLeavesOut) {
  auto event = put_object();
  const std::string worst(text_max, '\x01');  // six bytes for each
  event.user_agent = event.error_message = event.error_code = event.source_ip = worst;
  event.source = event.name = event.region = worst;
  event.parameters.clear();
  for (int i = 0; i < 1000; ++i) event.parameters.emplace_back(std::to_string(i), worst);
  event.resources.assign(1000, worst);
  event.authorized.assign(1000, {"s3:DeleteObject", worst});
  event.refused = event.authorized;
  const auto line = event_json(event);
  EXPECT_LT(line.size(), line_max);
  const auto json = parsed(line);
  const auto kept = json.at("requestParameters").as_object().size() +
                    json.at("resources").as_array().size() +
                    json.at("additionalEventData").at("authorized").as_array().size() +
                    json.at("additionalEventData").at("refused").as_array().size();
  EXPECT_EQ(at(json, "/additionalEventData/leftOut"), std::to_string(4000 - kept));
}

TEST(EventJson, AParameterThatComesTwiceIsToldOnce) {
  auto event = put_object();
  event.parameters = {{"RoleName", "first"}, {"RoleName", "second"}};
  const auto line = event_json(event);
  EXPECT_EQ(at(parsed(line), "/requestParameters/RoleName"), "first");
  EXPECT_EQ(line.find("second"), std::string::npos);
}

TEST(EventJson, WhatIsNoAccessKeyIdIsNotWrittenAsOne) {
  auto event = put_object();
  event.caller.access_key_id = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  EXPECT_EQ(event_json(event).find("wJalr"), std::string::npos);
}

TEST(EventJson, HalfALineIsQuoted) {
  const auto json = parsed(torn_line_json(put_object().time, "{\"eventName\":\"Put"));
  EXPECT_EQ(at(json, "/eventName"), "TornLine");
  EXPECT_EQ(at(json, "/additionalEventData/text"), "{\"eventName\":\"Put");
}

}  // namespace
}  // namespace larder::audit
