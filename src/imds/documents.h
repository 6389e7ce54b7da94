// The JSON documents of the metadata service, in EC2's layout. Pure.
#pragma once

#include <string>

#include "imds/instance_view.h"

namespace larder::imds {

/// dynamic/instance-identity/document: the same bytes for the same instance.
std::string identity_document(const InstanceView& view);

/// meta-data/iam/info.
std::string iam_info(const Profile& profile);

/// meta-data/iam/security-credentials/<role>; `extended`: with the account's id (§A.5).
std::string role_document(const RoleCredentials& credentials, bool extended);

}  // namespace larder::imds
