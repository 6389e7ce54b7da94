// The stored form of IAM's entities: JSON, with a version, one record an entity.
// docs/formats/iam.md.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "iam/model.h"

namespace larder::iam {

std::string to_record(const User& user);
std::string to_record(const Role& role);
std::string to_record(const ManagedPolicy& policy);
std::string to_record(const InstanceProfile& profile);
std::string to_record(const AccessKey& key);

/// InternalError for a record that is not one of ours or is of a newer version. A policy text in it
/// that cannot be read is kept, and denies.
Result<User> user_from_record(std::string_view record);
Result<Role> role_from_record(std::string_view record);
Result<ManagedPolicy> policy_from_record(std::string_view record);
Result<InstanceProfile> instance_profile_from_record(std::string_view record);
Result<AccessKey> access_key_from_record(std::string_view record);

}  // namespace larder::iam
