// A small HTTP/1.1 client: one request, one connection, the body in memory. For the CLI, the host
// agent's local calls and tests.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "base/async/task.h"
#include "base/result.h"
#include "http/endpoint.h"
#include "http/message.h"

namespace larder::http {

struct ClientRequest {
  Endpoint endpoint;
  std::string method = "GET";
  std::string target = "/";  // sent as it is
  /// Host, Content-Length and Connection are added where absent.
  Headers headers;
  std::string body;

  std::size_t response_max = 16 * 1024 * 1024;  // a larger body is a failure
  std::chrono::milliseconds timeout{30'000};    // for all of it
  /// Unix sockets: nothing is sent unless the server's process has this user id.
  std::optional<uid_t> require_peer_uid;
};

struct ClientResponse {
  int status = 0;
  Headers headers;
  std::string body;
};

/// Any status is a response. Failures: connection_lost (refused, cut off, timed out), bad_request
/// (what was to be sent is not HTTP), malformed_response (what came is not), response_too_large,
/// and access_denied (the server is not who it has to be). Interim 1xx responses are passed over.
/// No redirects are followed.
Task<Result<ClientResponse>> request(ClientRequest request);

/// The same, for programs without an event loop: runs one of its own. Not from a core.
Result<ClientResponse> request_blocking(ClientRequest request);

inline constexpr ErrorCode malformed_response{"MalformedResponse", 502};
inline constexpr ErrorCode response_too_large{"ResponseTooLarge", 502};

}  // namespace larder::http
