// What Larder's own service says of the server itself.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "aws/operation.h"

namespace larder::server {

class LocalServer {
 public:
  std::string endpoint;  // http://127.0.0.1:9000
  /// Where the endpoint's certificate is one that nobody trusts by himself: the file with it.
  std::optional<std::string> ca_bundle;
  std::string region;
};

std::span<const aws::Operation> server_operations();

}  // namespace larder::server
