// Members that several of EC2's operations take and give (ec2 2016-11-15). Wire names of requests
// are EC2's query names, of answers its element names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/operation.h"
#include "aws/shape.h"
#include "ec2/ec2.h"

namespace larder::ec2 {

namespace codes {
inline constexpr ErrorCode dry_run_operation{"DryRunOperation", 412};
inline constexpr ErrorCode idempotent_parameter_mismatch{"IdempotentParameterMismatch", 400};
inline constexpr ErrorCode incorrect_instance_state{"IncorrectInstanceState", 400};
inline constexpr ErrorCode incorrect_state{"IncorrectState", 400};
inline constexpr ErrorCode invalid_association_id_not_found{"InvalidAssociationID.NotFound", 400};
inline constexpr ErrorCode invalid_instance_id_malformed{"InvalidInstanceID.Malformed", 400};
inline constexpr ErrorCode invalid_instance_id_not_found{"InvalidInstanceID.NotFound", 400};
inline constexpr ErrorCode invalid_parameter_combination{"InvalidParameterCombination", 400};
}  // namespace codes

struct ProfileSpecification {
  std::optional<std::string> arn, name;
  static constexpr auto shape = aws::fields(aws::optional<&ProfileSpecification::arn>("Arn"),
                                            aws::optional<&ProfileSpecification::name>("Name"));
};

struct ProfileShape {
  std::string arn, id;
  static constexpr auto shape = aws::fields(aws::optional<&ProfileShape::arn>("Arn").as("arn"),
                                            aws::optional<&ProfileShape::id>("Id").as("id"));
};

struct Tag {
  std::optional<std::string> key, value;
  static constexpr auto shape =
      aws::fields(aws::optional<&Tag::key>("Key"), aws::optional<&Tag::value>("Value"));
};
struct TagShape {
  std::string key, value;
  static constexpr auto shape = aws::fields(aws::optional<&TagShape::key>("Key").as("key"),
                                            aws::optional<&TagShape::value>("Value").as("value"));
};

struct StateShape {
  std::int64_t code = 16;
  std::string name = "running";
  static constexpr auto shape = aws::fields(aws::optional<&StateShape::code>("Code").as("code"),
                                            aws::optional<&StateShape::name>("Name").as("name"));
};
StateShape to_shape(State state);

/// The profile that a request means. InvalidParameterValue when there is none,
/// InvalidParameterCombination for both forms at once.
Result<aws::InstanceProfileView> resolve(const Ec2& ec2, const std::string& account,
                                         const ProfileSpecification& specification);

/// iam:PassRole on the role that the profile holds; nothing when it holds none or is not there.
/// `instance` is an id, or `*`.
void add_pass_role(aws::Needs& needs, const Ec2& ec2, const std::string& account,
                   const ProfileSpecification& specification, std::string_view instance);

Association make_association(Ec2& ec2, const aws::InstanceProfileView& profile, Time now);

/// The instance after its end: without a profile, which revokes nothing that was issued (§A.6).
Instance terminated(Instance instance, Time now);

/// Malformed or not found.
Result<const Instance*> find_instance(const Instances* instances, const std::string& id);

/// After authorization, before anything is done.
Result<void> check_dry_run(const std::optional<bool>& dry_run);

}  // namespace larder::ec2
