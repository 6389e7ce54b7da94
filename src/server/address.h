// HOST:PORT as the command line gives it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/endpoint.h"

namespace larder::server {

/// `127.0.0.1:9000`, `[::1]:9000`, `:9000` (every address). `option` is for the message.
Result<http::TcpEndpoint> parse_address(std::string_view text, std::string_view option);

/// How a program on this machine reaches a listening endpoint: http://127.0.0.1:9000.
std::string local_url(const http::TcpEndpoint& endpoint);

}  // namespace larder::server
