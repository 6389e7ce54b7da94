#include "ec2/operations/types.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/arn.h"
#include "aws/form.h"
#include "aws/ids.h"

namespace larder::ec2 {
namespace {

std::optional<aws::InstanceProfileView> look_up(const Ec2& ec2, const std::string& account,
                                                const ProfileSpecification& specification) {
  if (!specification.arn)
    return ec2.roles().instance_profile_by_name(account, aws::or_default(specification.name));
  const auto arn = aws::parse_arn(*specification.arn);
  if (!arn || arn->account != account)
    return std::nullopt;  // a role cannot be passed across accounts
  return ec2.roles().instance_profile_by_arn(*specification.arn);
}

}  // namespace

StateShape to_shape(State state) {
  return state == State::running ? StateShape{} : StateShape{48, "terminated"};
}

Result<aws::InstanceProfileView> resolve(const Ec2& ec2, const std::string& account,
                                         const ProfileSpecification& specification) {
  if (specification.arn && specification.name)
    return fail(codes::invalid_parameter_combination,
                "The parameter 'iamInstanceProfile.name' may not be used in combination with "
                "'iamInstanceProfile.arn'");
  auto profile = look_up(ec2, account, specification);
  if (profile) return *std::move(profile);
  return fail(aws::codes::invalid_parameter_value,
              specification.arn ? fmt::format("Value ({}) for parameter iamInstanceProfile.arn is "
                                              "invalid. Invalid IAM Instance Profile ARN",
                                              *specification.arn)
                                : fmt::format("Value ({}) for parameter iamInstanceProfile.name is "
                                              "invalid. Invalid IAM Instance Profile name",
                                              aws::or_default(specification.name)));
}

void add_pass_role(aws::Needs& needs, const Ec2& ec2, const std::string& account,
                   const ProfileSpecification& specification, std::string_view instance) {
  const auto profile = look_up(ec2, account, specification);
  if (!profile || !profile->role) return;
  aws::Demand demand{.action = "iam:PassRole", .resource = profile->role->arn};
  demand.context.set("iam:PassedToService", "ec2.amazonaws.com");
  demand.context.set("iam:AssociatedResourceArn",
                     aws::instance_arn(ec2.region(), account, instance));
  needs.push_back(std::move(demand));
}

Association make_association(Ec2& ec2, const aws::InstanceProfileView& profile, Time now) {
  return {aws::make_resource_id("iip-assoc-", ec2.random()), profile.arn, profile.id, now};
}

Instance terminated(Instance instance, Time now) {
  instance.state = State::terminated;
  instance.terminated = now;
  instance.association.reset();
  return instance;
}

Result<const Instance*> find_instance(const Instances* instances, const std::string& id) {
  const std::string_view digits = std::string_view(id).substr(std::min<std::size_t>(id.size(), 2));
  const bool well_formed = id.starts_with("i-") && (digits.size() == 8 || digits.size() == 17) &&
                           std::ranges::all_of(digits, [](char c) {
                             return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                           });
  if (!well_formed)
    return fail(codes::invalid_instance_id_malformed,
                fmt::format("Invalid id: \"{}\"", id.substr(0, 64)));
  const auto* found = instances == nullptr ? nullptr : instances->find(id);
  if (found == nullptr)
    return fail(codes::invalid_instance_id_not_found,
                fmt::format("The instance ID '{}' does not exist", id));
  return found;
}

Result<void> check_dry_run(const std::optional<bool>& dry_run) {
  if (!aws::or_default(dry_run)) return {};
  return fail(codes::dry_run_operation, "Request would have succeeded, but DryRun flag is set.");
}

}  // namespace larder::ec2
