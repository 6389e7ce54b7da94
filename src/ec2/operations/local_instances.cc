// Of Larder's own service: the ephemeral instances that `larder run` launches and terminates. What
// they may do is what the same caller may do through RunInstances.
#include <fmt/format.h>

#include "aws/arn.h"
#include "aws/ids.h"
#include "ec2/operations/types.h"

namespace larder::ec2 {
namespace {

constexpr ErrorCode no_such_entity{"NoSuchEntity", 404};

struct LaunchLocalInstance {
  static constexpr std::string_view name = "LaunchLocalInstance";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Ec2;
  struct Input {
    std::optional<std::string> profile_name, role_name, instance_name;
    static constexpr auto shape = aws::fields(
        aws::optional<&Input::profile_name>("InstanceProfileName"),
        aws::optional<&Input::role_name>("RoleName"), aws::optional<&Input::instance_name>("Name"));
  };
  struct Output {
    std::string instance_id;
    static constexpr auto shape = aws::fields(aws::required<&Output::instance_id>("InstanceId"));
  };

  static Result<std::optional<aws::InstanceProfileView>> profile(const Ec2& ec2,
                                                                 const std::string& account,
                                                                 const Input& in) {
    if (in.profile_name && in.role_name)
      return fail(codes::invalid_parameter_combination,
                  "Name an instance profile or a role, not both.");
    if (in.profile_name) {
      auto found = ec2.roles().instance_profile_by_name(account, *in.profile_name);
      if (!found)
        return fail(no_such_entity, fmt::format("There is no instance profile {}; `aws iam "
                                                "list-instance-profiles` shows those there are.",
                                                *in.profile_name));
      return found;
    }
    if (!in.role_name) return std::nullopt;
    auto found = ec2.roles().instance_profile_with_role(account, *in.role_name);
    if (!found)
      return fail(
          no_such_entity,
          fmt::format(
              "No instance profile holds a role {0}. Make one: `aws iam create-instance-profile "
              "--instance-profile-name {0}` and `aws iam add-role-to-instance-profile "
              "--instance-profile-name {0} --role-name {0}`.",
              *in.role_name));
    return found;
  }

  static aws::Needs needs(const Ec2& ec2, const aws::Call& call, const Input& in) {
    const auto& account = call.caller.account();
    aws::Needs needs{
        {.action = "ec2:RunInstances", .resource = aws::instance_arn(ec2.region(), account, "*")}};
    const auto found = profile(ec2, account, in);
    if (found && *found) add_pass_role(needs, ec2, account, {.name = (*found)->name}, "*");
    return needs;
  }

  static Task<Result<Output>> run(Ec2& ec2, aws::Call& call, Input in) {
    const std::string account = call.caller.account();
    CO_TRY(const auto found, profile(ec2, account, in));
    Instance instance;
    instance.id = aws::make_resource_id("i-", ec2.random());
    instance.reservation_id = aws::make_resource_id("r-", ec2.random());
    instance.launched = call.now;
    instance.image_id = "ami-00000000000000000";
    instance.type = "larder.local";
    instance.tags.emplace_back("Name", in.instance_name.value_or("larder run"));
    if (found) instance.association = make_association(ec2, *found, call.now);
    co_return co_await ec2.update<Output>(
        account, [&](Instances& model, aws::Changes& changes) -> Result<Output> {
          model.forget_terminated(call.now, changes);
          model.put(instance, changes);
          return Output{instance.id};
        });
  }
};

struct TerminateLocalInstance {
  static constexpr std::string_view name = "TerminateLocalInstance";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Ec2;
  struct Input {
    std::string instance_id;
    static constexpr auto shape = aws::fields(aws::required<&Input::instance_id>("InstanceId"));
  };
  using Output = aws::Nothing;
  static aws::Needs needs(const Ec2& ec2, const aws::Call& call, const Input& in) {
    return {{.action = "ec2:TerminateInstances",
             .resource = aws::instance_arn(ec2.region(), call.caller.account(), in.instance_id)}};
  }
  static Task<Result<Output>> run(Ec2& ec2, aws::Call& call, Input in) {
    co_return co_await ec2.update<Output>(
        call.caller.account(), [&](Instances& model, aws::Changes& changes) -> Result<Output> {
          TRY(const Instance* found, find_instance(&model, in.instance_id));
          if (found->state == State::terminated) return Output{};
          model.put(terminated(*found, call.now), changes);
          return Output{};
        });
  }
};

}  // namespace

std::span<const aws::Operation> local_instance_operations() {
  static constexpr auto all = aws::operations<LaunchLocalInstance, TerminateLocalInstance>();
  return all;
}

}  // namespace larder::ec2
