#include "audit/event_json.h"

#include <algorithm>
#include <initializer_list>

#include "audit/json_line.h"
#include "aws/arn.h"
#include "codec/base64.h"
#include "codec/digest.h"
#include "codec/iso8601.h"

namespace larder::audit {
namespace {

using Kind = policy::Principal::Kind;

constexpr std::string_view event_version = "1.11";
// What the request's parameters, its resources, what was authorized and what was refused may each
// take of a line.
constexpr std::size_t list_max = 32 * 1024;
// RFC 9562, 6.6: the namespace of URLs.
constexpr std::string_view url_namespace = "6ba7b8119dad11d180b400c04fd430c8";

std::string_view type_of(Kind kind) {
  switch (kind) {
    case Kind::anonymous:
      return "AWSAccount";  // as CloudTrail has it, with accountId ANONYMOUS_PRINCIPAL
    case Kind::root:
      return "Root";
    case Kind::user:
      return "IAMUser";
    case Kind::role_session:
      return "AssumedRole";
    case Kind::federated_user:
      return "FederatedUser";
    case Kind::web_identity:
      return "WebIdentityUser";
    case Kind::service:
      return "AWSService";
  }
  return "Unknown";
}

std::string principal_id(const policy::Principal& who) {
  const std::string name(aws::name_of_arn(who.arn));
  switch (who.kind) {
    case Kind::root:
      return who.account;
    case Kind::user:
      return who.unique_id;
    case Kind::role_session:
      return who.unique_id + ":" + name;
    case Kind::federated_user:
      return who.account + ":" + name;
    case Kind::web_identity:
      return who.provider;
    case Kind::anonymous:
    case Kind::service:
      break;
  }
  return "";
}

/// So that a secret that a client sent in the wrong place is not written down as an access key id.
bool looks_like_access_key_id(std::string_view text) {
  return text.size() >= 16 && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

void write_session_issuer(JsonLine& line, const policy::Principal& who) {
  const bool role = who.kind == Kind::role_session;
  const std::string& issuer = role ? who.role_arn : who.user_arn;
  const bool root = issuer.ends_with(":root");
  line.open("sessionIssuer");
  line.text("type", role ? "Role" : (root ? "Root" : "IAMUser"));
  line.text_unless_empty("principalId", who.unique_id);
  line.text("arn", issuer);
  line.text("accountId", who.account);
  if (!root) line.text("userName", aws::name_of_arn(issuer));
  line.close();
}

void write_session_context(JsonLine& line, const aws::Caller& caller) {
  const auto kind = caller.principal.kind;
  const bool issued = kind == Kind::role_session || kind == Kind::federated_user;
  if (!issued && !caller.session) return;
  line.open("sessionContext");
  if (issued) write_session_issuer(line, caller.principal);
  if (const auto& session = caller.session) {
    line.open("attributes");
    line.text("creationDate", format_iso8601(session->issued));
    line.text("mfaAuthenticated", "false");
    line.close();
    line.text_unless_empty("sourceIdentity", session->source_identity);
    line.text_unless_empty("ec2RoleDelivery", session->role_delivery);
  }
  line.close();
}

void write_identity(JsonLine& line, const aws::Caller& caller) {
  const auto& who = caller.principal;
  line.open("userIdentity");
  line.text("type", type_of(who.kind));
  if (who.kind == Kind::service) {
    line.text("invokedBy", who.service);
  } else {
    line.text("principalId", principal_id(who));
    line.text_unless_empty("arn", who.arn);
    line.text_unless_empty("accountId", caller.anonymous() ? "ANONYMOUS_PRINCIPAL" : who.account);
    if (looks_like_access_key_id(caller.access_key_id))
      line.text("accessKeyId", caller.access_key_id);
    if (who.kind == Kind::user) line.text("userName", aws::name_of_arn(who.arn));
    line.text_unless_empty("identityProvider", who.provider);
    write_session_context(line, caller);
  }
  line.close();
}

/// How many were left out, because the line was long enough. A name that comes again is left out
/// silently: readers of JSON do not agree on which one counts.
std::size_t write_parameters(JsonLine& line, const aws::AuditEvent& event) {
  const auto& all = event.parameters;
  if (all.empty()) {
    line.null("requestParameters");
    return 0;
  }
  line.open("requestParameters");
  const auto begin = line.size();
  auto at = all.begin();
  for (; at != all.end() && line.size() - begin < list_max; ++at) {
    const auto same = [&](const auto& other) { return other.first == at->first; };
    if (std::none_of(all.begin(), at, same)) line.text(at->first, at->second);
  }
  line.close();
  return static_cast<std::size_t>(all.end() - at);
}

std::size_t write_resources(JsonLine& line, const aws::AuditEvent& event) {
  const auto& all = event.resources;
  if (all.empty()) return 0;
  line.open_list("resources");
  const auto begin = line.size();
  auto at = all.begin();
  for (; at != all.end() && line.size() - begin < list_max; ++at) {
    line.open_element();
    line.text("ARN", *at);
    line.close();
  }
  line.close_list();
  return static_cast<std::size_t>(all.end() - at);
}

std::size_t write_leaves(JsonLine& line, std::string_view name,
                         const std::vector<aws::Permission>& all) {
  if (all.empty()) return 0;
  line.open_list(name);
  const auto begin = line.size();
  auto at = all.begin();
  for (; at != all.end() && line.size() - begin < list_max; ++at) {
    line.open_element();
    line.text("action", at->action);
    line.text("resource", at->resource);
    line.close();
  }
  line.close_list();
  return static_cast<std::size_t>(all.end() - at);
}

void write_additional(JsonLine& line, const aws::AuditEvent& event, std::size_t left_out) {
  const auto& ruling = event.ruling;
  line.open("additionalEventData");
  left_out += write_leaves(line, "authorized", event.authorized);
  left_out += write_leaves(line, "refused", event.refused);
  // A ruling that was never reached denies by default, and says nothing.
  if (ruling.allowed || !ruling.decided_by.empty() || !ruling.message.empty()) {
    line.text("decision", ruling.decision);
    line.text_unless_empty("decidedBy", ruling.decided_by);
    line.text_unless_empty("policy", ruling.policy);
    line.text_unless_empty("reason", ruling.message);
  }
  const auto& caller = event.caller;
  if (caller.session) line.text_unless_empty("sourceInstance", caller.session->source_instance_arn);
  if (caller.local_uid) line.number("uid", *caller.local_uid);
  line.number("bytesTransferredIn", event.bytes_in);
  line.number("bytesTransferredOut", event.bytes_out);
  if (left_out > 0) line.number("leftOut", left_out);
  line.close();
}

}  // namespace

std::string event_id(std::string_view request_id) {
  Digest digest(Hash::sha1);
  digest.update(hex_decode(url_namespace).value());
  digest.update("larder:");
  digest.update(request_id);
  auto bytes = digest.finish().substr(0, 16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x50);  // version 5
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);  // RFC 9562's variant
  auto text = hex_encode(bytes);
  for (const std::size_t at : {20u, 16u, 12u, 8u}) text.insert(at, 1, '-');
  return text;
}

std::string event_json(const aws::AuditEvent& event) {
  JsonLine line;
  line.text("eventVersion", event_version);
  write_identity(line, event.caller);
  line.text("eventTime", format_iso8601(event.time));
  line.text("eventSource", event.source);
  line.text("eventName", event.name);
  line.text("awsRegion", event.region);
  line.text("sourceIPAddress", event.source_ip);
  line.text("userAgent", event.user_agent);
  line.text_unless_empty("errorCode", event.error_code);
  line.text_unless_empty("errorMessage", event.error_message);
  std::size_t left_out = write_parameters(line, event);
  line.null("responseElements");
  left_out += write_resources(line, event);
  write_additional(line, event, left_out);
  line.text("requestID", event.request_id);
  line.text("eventID", event_id(event.request_id));
  line.flag("readOnly", event.read_only);
  line.text("eventType", "AwsApiCall");
  line.flag("managementEvent", !event.object_data);
  line.text_unless_empty("recipientAccountId", event.caller.account());
  line.text("eventCategory", event.object_data ? "Data" : "Management");
  return line.finish();
}

std::string torn_line_json(Time now, std::string_view half) {
  constexpr std::size_t half_max = 64 * 1024;
  JsonLine line;
  line.text("eventVersion", event_version);
  line.text("eventTime", format_iso8601(now));
  line.text("eventSource", "larder");
  line.text("eventName", "TornLine");
  line.text("eventType", "LarderServiceEvent");
  line.open("additionalEventData");
  line.text("text", half, half_max);
  line.close();
  return line.finish();
}

}  // namespace larder::audit
