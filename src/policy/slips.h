// Slips in the names of actions and resources, and what was meant. For people: no decision looks
// here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace larder::policy {

/// The action that was meant by a name which the table does not have: what "s3:GetObjetc" is close
/// to, what permits the operation "s3:HeadObject". Empty when nothing is, and for patterns.
std::string meant_action(std::string_view name);

/// "larder:…": what Larder adds to AWS's services. The table has AWS's only.
bool is_own_action(std::string_view name);

/// "ec2, iam, kms, s3 and sts": those of the table.
std::string service_names();

/// What looks mistyped in what a request asks for, a sentence each: an action that there is not, a
/// resource that is neither an ARN nor `*`. Such a request is decided all the same, and denied more
/// often than not.
std::vector<std::string> slips_in(std::string_view action, std::string_view resource);

}  // namespace larder::policy
