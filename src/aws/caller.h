// Who makes a request, as authentication found them.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "aws/session.h"
#include "base/result.h"
#include "base/secret.h"
#include "policy/principal.h"

namespace larder::aws {

struct Caller {
  policy::Principal principal;  // anonymous unless somebody proved more
  std::string access_key_id;    // empty for anonymous and local callers
  std::optional<Session> session;
  std::optional<uid_t> local_uid;  // known by the Unix socket's peer credentials

  bool anonymous() const { return principal.kind == policy::Principal::Kind::anonymous; }
  const std::string& account() const { return principal.account; }
};

/// The caller that a session stands for.
Caller caller_of(Session session, std::string access_key_id);

/// Why a credential is not good. Each protocol has its own code for each.
enum class BadCredential { unknown_key, invalid_token, expired_token };

struct Credential {
  Secret secret_access_key;
  Caller caller;
};

/// Finds what an access key id and session token stand for. Safe from any core, no I/O.
class CredentialDirectory {
 public:
  virtual ~CredentialDirectory() = default;
  virtual std::expected<Credential, BadCredential> find(
      const std::string& access_key_id, const std::optional<std::string>& session_token,
      Time now) const = 0;
  /// The operator on this machine, in `account` (empty: the default one), as a session of its
  /// Operator role. nullopt: no such account.
  virtual std::optional<Caller> local_operator(const std::string& account, uid_t uid,
                                               Time now) const = 0;
};

}  // namespace larder::aws
