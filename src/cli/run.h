// `larder run`: a program as an EC2 instance of its own.
#pragma once

#include <string>
#include <vector>

namespace larder::cli {

struct RunOptions {
  // One of them or neither: then the instance has no role.
  std::string instance_profile;
  std::string role;
  std::string account;               // empty: the default one
  std::string socket;                // as LocalServer::find takes it
  std::vector<std::string> command;  // the program and its arguments; not empty
};

/// Launches an instance, serves it a metadata service that answers the program's processes alone,
/// runs the program, and terminates the instance, whatever happens. Call it in a program without
/// threads; it takes over the signals of the process.
///
/// Yields the program's exit status, 128 + n when signal n ended it; of its own failures, which it
/// has explained on stderr, 125; 127 for a program that is not found, 126 for one that cannot be
/// executed.
int run(const RunOptions& options);

}  // namespace larder::cli
