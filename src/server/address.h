// HOST:PORT as the command line gives it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/endpoint.h"

namespace larder::server {

/// `127.0.0.1:9000`, `[::1]:9000`, `:9000` (every address). `option` is for the message.
Result<http::TcpEndpoint> parse_address(std::string_view text, std::string_view option);

enum class Scheme { http, https };

/// An address that only this machine can use, as parse_address() or a listener gives it.
bool is_loopback(std::string_view host);

/// The address at which a program on this machine reaches a listening endpoint: of one that listens
/// everywhere, the loopback's.
std::string local_address(const http::TcpEndpoint& endpoint);

/// http://127.0.0.1:9000
std::string url(Scheme scheme, const std::string& host, std::uint16_t port);

}  // namespace larder::server
