// What Larder's own service says of the server itself.
#pragma once

#include <span>
#include <string>

#include "aws/operation.h"

namespace larder::server {

class LocalServer {
 public:
  std::string endpoint;  // http://127.0.0.1:9000
  std::string region;
};

std::span<const aws::Operation> server_operations();

}  // namespace larder::server
