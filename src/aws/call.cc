#include "aws/call.h"

#include "base/limits.h"
#include "codec/base64.h"

namespace larder::aws {

namespace {
constexpr ErrorCode unauthorized_operation{"UnauthorizedOperation", 403};
constexpr ErrorCode value_too_long{"RequestHeaderSectionTooLarge", 400};  // S3's
}  // namespace

Task<Result<void>> PipelineCall::load_facts(const Needs& needs) {
  for (const auto& demand : needs) {
    if (demand.fact.empty() || facts.contains(demand.fact)) continue;
    auto loaded = co_await fact_source_->load(demand.fact);
    if (!loaded) co_return fail(std::move(loaded).error());
    facts[demand.fact] = *std::move(loaded);
  }
  co_return Result<void>();
}

Task<Result<void>> PipelineCall::admit(Needs needs) {
  for (const auto& demand : needs)
    if (demand.resource != "*") event.resources.push_back(demand.resource);
  auto loaded = co_await load_facts(needs);
  if (!loaded) co_return loaded;
  for (auto& demand : needs) CO_TRY_VOID(authorize(std::move(demand)));
  if (effect == Effect::changes && !audit_.ready())
    co_return fail(
        larder::codes::service_unavailable,
        "The audit log cannot be written, so changes are refused. The server's log says why.");
  co_return Result<void>();
}

Result<void> PipelineCall::authorize(Demand demand) {
  if (const auto found = facts.find(demand.fact); !demand.fact.empty() && found != facts.end()) {
    demand.resource_account = found->second->account;
    demand.resource_policy = found->second->policy;
  }
  const auto& account =
      demand.resource_account.empty() ? caller.account() : demand.resource_account;
  add_global_keys(demand.context, caller, request_facts, account);
  if (demand.context.longest_value() > limits::policy_value)
    return fail(value_too_long, "A header or parameter that policies look at is longer than " +
                                    std::to_string(limits::policy_value) + " bytes.");
  Ruling ruling = authorizer_.rule(caller, demand);
  // Of many demands the audit tells the first that was denied.
  const bool tells = event.refused.empty();
  if (ruling.allowed) {
    event.authorized.push_back({std::move(demand.action), std::move(demand.resource)});
    if (tells) event.ruling = std::move(ruling);
    return {};
  }
  event.refused.push_back({std::move(demand.action), std::move(demand.resource)});
  Error error = denial(ruling);
  if (tells) event.ruling = std::move(ruling);
  return fail(std::move(error));
}

// EC2's encoded message is AWS's secret; ours is the request id, by which the audit log has the
// whole story.
Error PipelineCall::denial(const Ruling& ruling) const {
  if (dialect_ != sigv4::Dialect::ec2) return {larder::codes::access_denied, ruling.message};
  return {unauthorized_operation,
          "You are not authorized to perform this operation. " + ruling.message +
              " Encoded authorization failure message: " + base64_encode(request_id)};
}

}  // namespace larder::aws
