// Signing, for the client side.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"

namespace larder::sigv4 {

struct Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  std::optional<std::string> session_token;
};

struct Unsigned {
  std::string method;
  std::string path;                                          // raw, as it will be sent
  std::string query;                                         // raw
  std::vector<std::pair<std::string, std::string>> headers;  // host among them
  std::string payload_hash;                                  // hexadecimal, or UNSIGNED-PAYLOAD
};

/// The headers to add: x-amz-date, x-amz-security-token for temporary credentials,
/// x-amz-content-sha256 for s3, authorization. All of `request.headers` are signed.
std::vector<std::pair<std::string, std::string>> sign_request(const Unsigned& request,
                                                              const Credentials& credentials,
                                                              const std::string& region,
                                                              const std::string& service, Time now);

}  // namespace larder::sigv4
