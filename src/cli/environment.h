// The environment in which `larder run` starts a program: the way to Larder and its metadata
// service in it, every other way to credentials out of it.
#pragma once

#include <string>
#include <vector>

namespace larder::cli {

/// As execve takes them: NAME=VALUE.
using Variables = std::vector<std::string>;

/// What the program finds. URLs without a slash at the end.
struct Surroundings {
  std::string endpoint;  // of the AWS services
  std::string region;
  std::string metadata_url;
  /// The file with the certificate that the endpoint's clients have to trust; empty: they do so
  /// by themselves.
  std::string ca_bundle;
};

/// Pure. Variables about something else stay as they are, in their order.
Variables program_environment(const Variables& outer, const Surroundings& surroundings);

/// This process's own.
Variables current_environment();

}  // namespace larder::cli
