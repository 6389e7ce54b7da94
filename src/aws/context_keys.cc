#include "aws/context_keys.h"

#include <fmt/format.h>

#include "codec/iso8601.h"

namespace larder::aws {
namespace {

void set_unless_empty(policy::Context& context, std::string_view key, std::string_view value) {
  if (!value.empty()) context.set(key, value);
}

void add_session_keys(policy::Context& context, const Session& session) {
  context.set("aws:TokenIssueTime", format_iso8601(session.issued));
  context.set("aws:MultiFactorAuthPresent", "false");
  set_unless_empty(context, "aws:SourceIdentity", session.source_identity);
  for (const auto& [key, value] : session.tags) context.set("aws:PrincipalTag/" + key, value);
  if (session.source_instance_arn.empty()) return;
  context.set("ec2:SourceInstanceARN", session.source_instance_arn);
  context.set("ec2:RoleDelivery", session.role_delivery);
}

}  // namespace

void add_global_keys(policy::Context& context, const Caller& caller, const RequestFacts& request,
                     const std::string& resource_account) {
  context.set("aws:CurrentTime", format_iso8601(request.now));
  context.set(
      "aws:EpochTime",
      fmt::format("{}", std::chrono::floor<Seconds>(request.now).time_since_epoch().count()));
  context.set("aws:SecureTransport", request.secure ? "true" : "false");
  set_unless_empty(context, "aws:SourceIp", request.source_ip);
  set_unless_empty(context, "aws:UserAgent", request.user_agent);
  set_unless_empty(context, "aws:Referer", request.referer);
  context.set("aws:RequestedRegion", request.region);
  context.set("aws:ViaAWSService", "false");
  set_unless_empty(context, "aws:ResourceAccount", resource_account);
  for (const auto& [key, value] : request.service_keys) context.set(key, value);
  policy::add_principal_keys(caller.principal, context);
  if (caller.session) add_session_keys(context, *caller.session);
}

}  // namespace larder::aws
