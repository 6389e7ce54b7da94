// What temporary credentials stand for. It travels sealed inside the session token; no server
// remembers it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace larder::aws {

struct Session {
  enum class Kind { role, root };
  Kind kind = Kind::role;
  std::string account;
  std::string role_id;   // AROA…; empty for root
  std::string role_arn;  // with path
  std::string name;      // of the session
  Time issued{};
  Time expires{};
  std::vector<std::string> policies;     // session policies, as documents
  std::vector<std::string> policy_arns;  // managed session policies
  std::vector<std::pair<std::string, std::string>> tags;
  std::string source_identity;
  std::string source_instance_arn;  // credentials that the metadata service delivered
  std::string role_delivery;        // "1.0", "2.0" with source_instance_arn
};

struct SessionCredentials {
  std::string access_key_id;
  Secret secret_access_key;
  std::string session_token;
  Time issued;
  Time expires;
};

/// Makes credentials out of sessions. Safe from any core, no I/O.
class SessionIssuer {
 public:
  virtual ~SessionIssuer() = default;
  /// PackedPolicyTooLarge when the token would be longer than 4,096 characters.
  virtual Result<SessionCredentials> issue(const Session& session) = 0;
};

}  // namespace larder::aws
