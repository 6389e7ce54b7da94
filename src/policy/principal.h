// Who asks, and whom a policy names (§G.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/context.h"

namespace larder::policy {

/// The one who asks. Which members are set depends on `kind`; the others are empty.
struct Principal {
  enum class Kind : std::uint8_t {
    anonymous,
    root,  // account, arn `arn:aws:iam::A:root`
    user,  // account, arn (with path), unique_id AIDA…; also the sessions of GetSessionToken
    role_session,    // account, arn of the session, role_arn, unique_id AROA… (without the session)
    federated_user,  // account, arn `arn:aws:sts::A:federated-user/N`, user_arn of its issuer
    web_identity,    // provider: the caller of AssumeRoleWithWebIdentity
    service          // service, for example "ec2.amazonaws.com"
  };
  Kind kind = Kind::anonymous;
  std::string account{};       // 12 digits
  std::string arn{};           // as GetCallerIdentity says it: `arn:aws:sts::A:assumed-role/R/S`
  std::string role_arn{};      // with path: `arn:aws:iam::A:role/path/R`
  std::string user_arn{};      // of a federated user: the user that asked for the session
  std::string unique_id{};     // of the user or the role
  std::string canonical_id{};  // of the account, as S3 has it
  std::string provider{};      // ARN of the OIDC provider
  std::string service{};
};

/// From an ARN alone (or "anonymous", or a service's name "x.amazonaws.com"): a role session's
/// role is taken to have the path "/", the ARN of an identity provider stands for whoever brings a
/// token of it. Anything else is InvalidArgument.
Result<Principal> parse_principal(std::string_view arn);

/// Sets, where `context` lacks them, the keys that follow from who asks: aws:PrincipalArn,
/// aws:PrincipalAccount, aws:PrincipalType, aws:PrincipalIsAWSService, aws:userid, aws:username.
void add_principal_keys(const Principal& principal, Context& context);

/// One entry of a Principal or NotPrincipal element. A value: whoever stores a trust or bucket
/// policy may replace an ARN by the unique id it stands for.
struct PrincipalEntry {
  enum class Type : std::uint8_t {
    everyone,   // `*`
    account,    // value: 12 digits, from the bare id or `…:root`
    arn,        // a user, role, role session or federated user
    unique_id,  // AIDA… or AROA…, exactly
    service,
    federated,
    canonical_user
  };
  Type type;
  std::string value;
  friend bool operator==(const PrincipalEntry&, const PrincipalEntry&) = default;
};

/// Reads one entry: `kind` is "AWS", "Service", "Federated" or "CanonicalUser". nullopt for what
/// cannot be a principal (a group, a partial wildcard, a malformed ARN).
std::optional<PrincipalEntry> parse_principal_entry(std::string_view kind, std::string_view value);

/// How closely an entry names someone; the order is that of strength.
enum class Grant : std::uint8_t {
  none,
  account,  // by the account: delegates to the account's own policies
  issuer,  // by the role of a session, or the user behind a federated user: like an identity policy
  direct   // by the very ARN, or by `*`
};
Grant grant_of(const PrincipalEntry& entry, const Principal& principal);

/// A Principal (or, `negated`, a NotPrincipal) element.
struct Principals {
  bool negated = false;
  std::vector<PrincipalEntry> entries{};
};

/// How closely the element covers someone; none: the statement does not apply. A web identity is
/// let in only by its provider's name, not by `*`. A NotPrincipal of a Deny (`denies`) spares a
/// user only when it lists the account as well as the user, and a session only when it lists the
/// account as well as the role or the session.
Grant grant_of(const Principals& principals, const Principal& principal, bool denies);

}  // namespace larder::policy
