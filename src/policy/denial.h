// A denial in AWS's words (§G.6).
#pragma once

#include <string>

#include "policy/evaluate.h"

namespace larder::policy {

/// The text of the error. "Access Denied" for anonymous and cross-account callers, who are told
/// nothing. Only for a verdict that denies. EC2 puts its own words around it.
std::string denial_message(const Query& query, const Verdict& verdict);

/// Without the reason: `User: … is not authorized to perform: sts:AssumeRole on resource: …`. STS
/// says this both for a role that denies and for one that does not exist (§E).
std::string denial_message_without_reason(const Query& query);

}  // namespace larder::policy
