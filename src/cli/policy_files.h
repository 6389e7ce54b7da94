// The files that the policy commands are given.
#pragma once

#include <string>

#include "base/result.h"

namespace larder::cli {

/// All of a file, or of standard input for "-". InvalidArgument, complete for the user: it cannot
/// be read, or is larger than any policy or request can be.
Result<std::string> read_policy_file(const std::string& path);

}  // namespace larder::cli
