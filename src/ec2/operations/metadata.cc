// Of Larder's own service: what a metadata service on this machine asks the server for, and the
// ephemeral instances of `larder run`.
#include <fmt/format.h>

#include "aws/arn.h"
#include "aws/ids.h"
#include "codec/base64.h"
#include "ec2/operations/types.h"

namespace larder::ec2 {
namespace {

constexpr Seconds credentials_lifetime{6 * 3600};  // as on EC2 (§A.6)
constexpr ErrorCode no_such_entity{"NoSuchEntity", 404};

struct PlainTag {
  std::string key, value;
  static constexpr auto shape =
      aws::fields(aws::required<&PlainTag::key>("Key"), aws::required<&PlainTag::value>("Value"));
};

struct OneInstance {
  std::string instance_id;
  static constexpr auto shape = aws::fields(aws::required<&OneInstance::instance_id>("InstanceId"));
};

aws::Needs needs_on_instance(std::string_view action, const Ec2& ec2, const aws::Call& call,
                             const std::string& id) {
  return {{.action = std::string(action),
           .resource = aws::instance_arn(ec2.region(), call.caller.account(), id)}};
}

struct DescribeInstanceMetadata {
  static constexpr std::string_view name = "DescribeInstanceMetadata";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Ec2;
  using Input = OneInstance;
  struct Output {
    std::string instance_id, account, state, region, zone, image_id, type;
    Time launched{};
    std::string http_tokens, http_endpoint, metadata_tags;
    std::int64_t hop_limit = 1;
    std::optional<std::string> user_data;
    std::vector<PlainTag> tags;
    std::optional<std::string> association_id, profile_arn, profile_id, profile_state, role_name,
        role_id;
    static constexpr auto shape = aws::fields(
        aws::required<&Output::instance_id>("InstanceId"),
        aws::required<&Output::account>("AccountId"), aws::required<&Output::state>("State"),
        aws::required<&Output::region>("Region"), aws::required<&Output::zone>("AvailabilityZone"),
        aws::required<&Output::image_id>("ImageId"), aws::required<&Output::type>("InstanceType"),
        aws::required<&Output::launched>("LaunchTime"),
        aws::required<&Output::http_tokens>("HttpTokens"),
        aws::required<&Output::hop_limit>("HttpPutResponseHopLimit"),
        aws::required<&Output::http_endpoint>("HttpEndpoint"),
        aws::required<&Output::metadata_tags>("InstanceMetadataTags"),
        aws::optional<&Output::user_data>("UserData"), aws::required<&Output::tags>("Tags"),
        aws::optional<&Output::association_id>("AssociationId"),
        aws::optional<&Output::profile_arn>("InstanceProfileArn"),
        aws::optional<&Output::profile_id>("InstanceProfileId"),
        aws::optional<&Output::profile_state>("ProfileState"),
        aws::optional<&Output::role_name>("RoleName"), aws::optional<&Output::role_id>("RoleId"));
  };
  static aws::Needs needs(const Ec2& ec2, const aws::Call& call, const Input& in) {
    return needs_on_instance("larder:DescribeInstanceMetadata", ec2, call, in.instance_id);
  }
  static void add_profile(const Ec2& ec2, const std::string& account,
                          const Association& association, Output& out) {
    out.association_id = association.id;
    out.profile_arn = association.profile_arn;
    out.profile_id = association.profile_id;
    const auto profile = ec2.roles().instance_profile_by_id(account, association.profile_id);
    out.profile_state = !profile ? "not-found" : !profile->role ? "empty" : "ok";
    if (profile && profile->role) {
      out.role_name = profile->role->name;
      out.role_id = profile->role->id;
    }
  }
  static Task<Result<Output>> run(Ec2& ec2, aws::Call& call, Input in) {
    const auto model = ec2.snapshot(call.caller.account());
    CO_TRY(const Instance* found, find_instance(model.get(), in.instance_id));
    const Instance& instance = *found;
    Output out{instance.id,   model->account(), to_shape(instance.state).name,
               ec2.region(),  ec2.zone(),       instance.image_id,
               instance.type, instance.launched};
    out.http_tokens = instance.metadata.http_tokens;
    out.http_endpoint = instance.metadata.http_endpoint;
    out.metadata_tags = instance.metadata.tags;
    out.hop_limit = instance.metadata.hop_limit;
    if (!instance.user_data.empty()) out.user_data = base64_encode(instance.user_data);
    for (const auto& [key, value] : instance.tags) out.tags.push_back({key, value});
    if (instance.association) add_profile(ec2, model->account(), *instance.association, out);
    co_return out;
  }
};

/// Credentials of the instance's role, as the metadata service delivers them. That the role may not
/// be assumed is an answer, with a Code (§A.5), not an error.
struct IssueInstanceCredentials {
  static constexpr std::string_view name = "IssueInstanceCredentials";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Ec2;
  struct Input {
    std::string instance_id;
    aws::OneOf<"2.0", "1.0"> delivery;
    static constexpr auto shape = aws::fields(aws::required<&Input::instance_id>("InstanceId"),
                                              aws::required<&Input::delivery>("RoleDelivery"));
  };
  struct Output {
    std::string code = "Success";
    std::optional<std::string> message, access_key_id, secret_access_key, token;
    std::optional<Time> expiration;
    Time last_updated{};
    std::string account;
    static constexpr auto shape = aws::fields(
        aws::required<&Output::code>("Code"), aws::optional<&Output::message>("Message"),
        aws::optional<&Output::access_key_id>("AccessKeyId"),
        aws::optional<&Output::secret_access_key>("SecretAccessKey"),
        aws::optional<&Output::token>("Token"), aws::optional<&Output::expiration>("Expiration"),
        aws::required<&Output::last_updated>("LastUpdated"),
        aws::required<&Output::account>("AccountId"));
  };
  static aws::Needs needs(const Ec2& ec2, const aws::Call& call, const Input& in) {
    return needs_on_instance("larder:IssueInstanceCredentials", ec2, call, in.instance_id);
  }
  /// The trust policy must name ec2.amazonaws.com.
  static bool trusts_ec2(const Ec2& ec2, const aws::RoleView& role) {
    aws::Caller service;
    service.principal.kind = policy::Principal::Kind::service;
    service.principal.service = "ec2.amazonaws.com";
    aws::Demand demand{.action = "sts:AssumeRole",
                       .resource = role.arn,
                       .resource_account = role.account,
                       .resource_policy = role.trust,
                       .resource_policy_is_trust = true};
    policy::add_principal_keys(service.principal, demand.context);
    return ec2.authorizer().rule(service, demand).allowed;
  }
  static Task<Result<Output>> run(Ec2& ec2, aws::Call& call, Input in) {
    const std::string account = call.caller.account();
    const auto model = ec2.snapshot(account);
    CO_TRY(const Instance* instance, find_instance(model.get(), in.instance_id));
    Output out{.last_updated = call.now, .account = account};
    const auto profile = instance->association ? ec2.roles().instance_profile_by_id(
                                                     account, instance->association->profile_id)
                                               : std::nullopt;
    if (instance->state != State::running || !profile || !profile->role)
      co_return fail(no_such_entity, fmt::format("The instance {} has no role.", instance->id));
    const auto& role = *profile->role;
    if (!trusts_ec2(ec2, role)) {
      out.code = "AssumeRoleUnauthorizedAccess";
      out.message =
          "EC2 cannot assume the role " + role.name +
          ". Please see documentation at https://docs.aws.amazon.com/IAM/latest/UserGuide/"
          "troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc.";
      co_return out;
    }
    aws::Session session;
    session.account = account;
    session.role_id = role.id;
    session.role_arn = role.arn;
    session.name = instance->id;
    session.issued = call.now;
    session.expires = call.now + credentials_lifetime;
    session.source_instance_arn = aws::instance_arn(ec2.region(), account, instance->id);
    session.role_delivery = in.delivery.str();
    CO_TRY(const auto made, ec2.issuer().issue(session));
    out.access_key_id = made.access_key_id;
    out.secret_access_key = std::string(made.secret_access_key.reveal());
    out.token = made.session_token;
    out.expiration = made.expires;
    co_return out;
  }
};

}  // namespace

std::span<const aws::Operation> metadata_operations() {
  static constexpr auto all = aws::operations<DescribeInstanceMetadata, IssueInstanceCredentials>();
  return all;
}

}  // namespace larder::ec2
