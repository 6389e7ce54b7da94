// STS's own operations.
#include <algorithm>

#include "aws/arn.h"
#include "policy/document.h"
#include "sts/session_tokens.h"
#include "sts/sts.h"
#include "sts/types.h"

namespace larder::sts {
namespace {

constexpr std::int64_t chaining_limit_seconds = 3600;  // "Role chaining" in the IAM User Guide
constexpr ErrorCode invalid_parameter_value{"InvalidParameterValue", 400};

struct GetCallerIdentity {
  static constexpr std::string_view name = "GetCallerIdentity";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Sts;
  using Input = aws::Nothing;
  struct Output {
    std::string user_id, account, arn;
    static constexpr auto shape =
        aws::fields(aws::optional<&Output::user_id>("UserId"),
                    aws::optional<&Output::account>("Account"), aws::optional<&Output::arn>("Arn"));
  };
  /// Nothing: AWS lets everybody ask who they are, whatever their policies say.
  static aws::Needs needs(const Sts&, const aws::Call&, const Input&) { return {}; }
  static Task<Result<Output>> run(Sts&, aws::Call& call, Input) {
    const auto& who = call.caller.principal;
    Output out{who.unique_id, who.account, who.arn};
    if (who.kind == policy::Principal::Kind::root) out.user_id = who.account;
    if (call.caller.session && !call.caller.session->name.empty())
      out.user_id += ":" + call.caller.session->name;
    co_return out;
  }
};

struct AssumeRole {
  static constexpr std::string_view name = "AssumeRole";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Sts;
  struct Input {
    RoleArnText role_arn;
    SessionName session_name;
    std::vector<PolicyArn> policy_arns;
    std::optional<aws::Text<PolicyRule>> policy;
    std::optional<Duration<900, 43'200>> duration;
    std::vector<SessionTag> tags;
    std::vector<aws::Text<TagKeyText>> transitive_tag_keys;
    std::optional<aws::Text<ExternalIdRule>> external_id;
    std::optional<std::string> serial_number, token_code;
    std::optional<SessionName> source_identity;
    std::vector<ProvidedContext> provided_contexts;
    static constexpr auto shape = aws::fields(
        aws::required<&Input::role_arn>("RoleArn"),
        aws::required<&Input::session_name>("RoleSessionName"),
        aws::optional<&Input::policy_arns>("PolicyArns").at_most(10),
        aws::optional<&Input::policy>("Policy"), aws::optional<&Input::duration>("DurationSeconds"),
        aws::optional<&Input::tags>("Tags").at_most(50),
        aws::optional<&Input::transitive_tag_keys>("TransitiveTagKeys").at_most(50),
        aws::optional<&Input::external_id>("ExternalId"),
        aws::optional<&Input::serial_number>("SerialNumber"),
        aws::optional<&Input::token_code>("TokenCode"),
        aws::optional<&Input::source_identity>("SourceIdentity"),
        aws::optional<&Input::provided_contexts>("ProvidedContexts").at_most(5));
  };
  struct Output {
    CredentialsShape credentials;
    AssumedRoleUser user;
    std::optional<std::int64_t> packed_policy_size;
    std::optional<std::string> source_identity;
    static constexpr auto shape =
        aws::fields(aws::optional<&Output::credentials>("Credentials"),
                    aws::optional<&Output::user>("AssumedRoleUser"),
                    aws::optional<&Output::packed_policy_size>("PackedPolicySize"),
                    aws::optional<&Output::source_identity>("SourceIdentity"));
  };

  static Result<void> validate(const Input& in) {
    const auto arn = aws::parse_arn(in.role_arn.str());
    for (const auto& policy : in.policy_arns)
      if (!policy.arn)
        return fail(aws::codes::validation_error, "Every member of PolicyArns must have an arn.");
    if (arn && arn->service == "iam" && arn->resource.starts_with("role/")) return {};
    return fail(aws::codes::validation_error, in.role_arn.str() + " is invalid");
  }

  /// A role that is not there has no trust policy that could allow, and so is denied as one that
  /// says no.
  static aws::Needs needs(const Sts& sts, const aws::Call&, const Input& in) {
    const auto role = sts.roles().role_by_arn(in.role_arn.str());
    const auto arn = aws::parse_arn(in.role_arn.str());
    aws::Demand demand{.action = "sts:AssumeRole",
                       .resource = in.role_arn.str(),
                       .resource_account = std::string(arn ? arn->account : ""),
                       .resource_policy = role ? role->trust : nullptr,
                       .resource_policy_is_trust = true};
    demand.context.set("sts:RoleSessionName", in.session_name.str());
    if (in.external_id) demand.context.set("sts:ExternalId", in.external_id->str());
    if (in.source_identity) demand.context.set("sts:SourceIdentity", in.source_identity->str());
    for (const auto& tag : in.tags) {
      demand.context.set("aws:RequestTag/" + tag.key.str(), tag.value.str());
      demand.context.add("aws:TagKeys", tag.key.str());
    }
    aws::Needs all{demand};
    if (!in.tags.empty()) all.push_back(demand), all.back().action = "sts:TagSession";
    if (in.source_identity) all.push_back(demand), all.back().action = "sts:SetSourceIdentity";
    return all;
  }

  static Result<void> check(const aws::Call& call, const Input& in, const aws::RoleView& role) {
    const auto seconds = aws::or_default(in.duration).seconds();
    if (seconds > role.max_session_seconds)
      return fail(
          aws::codes::validation_error,
          "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
    if (call.caller.session && seconds > chaining_limit_seconds)
      return fail(aws::codes::validation_error,
                  "The requested DurationSeconds exceeds the 1 hour session limit for roles "
                  "assumed by role chaining.");
    for (std::size_t i = 0; i < in.tags.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (policy::equal_ignoring_case(in.tags[i].key.str(), in.tags[j].key.str()))
          return fail(invalid_parameter_value,
                      "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    // Named rather than ignored: a caller who asks for MFA or transitive tags must not believe that
    // they are in force.
    if (in.serial_number || in.token_code)
      return fail(larder::codes::not_implemented,
                  "SerialNumber and TokenCode of AssumeRole are not implemented by Larder.");
    if (!in.transitive_tag_keys.empty() || !in.provided_contexts.empty())
      return fail(
          larder::codes::not_implemented,
          "TransitiveTagKeys and ProvidedContexts of AssumeRole are not implemented by Larder.");
    if (in.policy) {
      const auto parsed = policy::parse(in.policy->str(), policy::Kind::session);
      if (!parsed) return fail(parsed.error());
    }
    return {};
  }

  /// Asked after the caller was found to be allowed: which policies an account has is not news for
  /// strangers. A session must not be made that a policy which comes later would open.
  static Result<void> check_policies(const Sts& sts, const Input& in, const aws::RoleView& role) {
    for (const auto& policy : in.policy_arns)
      if (!sts.roles().has_managed_policy(role.account, policy.arn->str()))
        return fail(aws::codes::validation_error,
                    "Policy " + policy.arn->str() + " does not exist or is not attachable.");
    return {};
  }

  static Task<Result<Output>> run(Sts& sts, aws::Call& call, Input in) {
    const auto role = sts.roles().role_by_arn(in.role_arn.str());
    if (!role) co_return fail(aws::codes::validation_error, in.role_arn.str() + " is invalid");
    CO_TRY_VOID(check(call, in, *role));
    CO_TRY_VOID(check_policies(sts, in, *role));
    aws::Session session;
    session.account = role->account;
    session.role_id = role->id;
    session.role_arn = role->arn;
    session.name = in.session_name.str();
    session.issued = call.now;
    session.expires = call.now + Seconds(aws::or_default(in.duration).seconds());
    if (in.policy) session.policies.push_back(in.policy->str());
    for (const auto& policy : in.policy_arns)
      if (policy.arn) session.policy_arns.push_back(policy.arn->str());
    for (const auto& tag : in.tags) session.tags.emplace_back(tag.key.str(), tag.value.str());
    if (in.source_identity) session.source_identity = in.source_identity->str();
    if (call.caller.session && session.source_identity.empty())
      session.source_identity = call.caller.session->source_identity;
    CO_TRY(const auto made, sts.issuer().issue(session));
    Output out{{made.access_key_id, std::string(made.secret_access_key.reveal()),
                made.session_token, made.expires},
               {role->id + ":" + session.name, aws::assumed_role_arn(role->arn, session.name)},
               std::nullopt,
               std::nullopt};
    if (in.policy || !in.policy_arns.empty() || !in.tags.empty())
      out.packed_policy_size =
          static_cast<std::int64_t>(made.session_token.size() * 100 / token_characters_max);
    if (!session.source_identity.empty()) out.source_identity = session.source_identity;
    co_return out;
  }
};

}  // namespace

std::span<const aws::Operation> sts_operations() {
  static constexpr auto all = aws::operations<GetCallerIdentity, AssumeRole>();
  return all;
}

}  // namespace larder::sts
