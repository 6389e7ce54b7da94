// A policy document: read from JSON, checked as AWS checks it, compiled for evaluation. A value;
// immutable once it stands in a snapshot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/compiled_document.h"
#include "policy/condition.h"
#include "policy/match.h"
#include "policy/principal.h"

namespace larder::codes {
inline constexpr ErrorCode malformed_policy_document{"MalformedPolicyDocument", 400};  // IAM, STS
inline constexpr ErrorCode malformed_policy{"MalformedPolicy", 400};                   // S3
}  // namespace larder::codes

namespace larder::policy {

/// What a document is for; it decides which elements it must and may not have.
enum class Kind : std::uint8_t {
  identity,  // of a user, group or role, inline or managed: Resource, no Principal
  trust,     // of a role: Principal, no Resource, only actions of STS
  bucket,    // of a bucket: Principal and Resource, only actions of S3 and resources of the bucket
  session,   // passed to AssumeRole and its kin: as identity
  boundary   // a permissions boundary: as identity
};

enum class Effect : std::uint8_t { allow, deny };

struct Statement {
  std::string sid{};
  Effect effect = Effect::deny;
  std::optional<Principals> principals{};  // Principal or NotPrincipal; none in identity policies
  std::vector<std::string> actions{};
  bool not_action = false;
  std::vector<std::string> resources{};  // none in trust policies: they apply to their role
  bool not_resource = false;
  std::vector<Condition> conditions{};
};

struct Document {
  std::string version{};  // "2012-10-17", "2008-10-17", or empty when the document has none
  std::string id{};
  std::vector<Statement> statements{};
  std::string text{};           // as it was given, byte for byte
  CompiledDocument compiled{};  // of `statements`
};

struct ParseOptions {
  /// For Kind::bucket: every resource must be in this bucket (empty: in any one bucket) and every
  /// action S3's. nullopt: the resource policy may be another service's; of a resource only the
  /// form of an ARN is asked.
  std::optional<std::string_view> bucket{};
  /// Managed policies: AWS refuses new ones of the older language with "Policy document must be
  /// version 2012-10-17 or greater."
  bool require_2012 = false;
};

/// Errors are MalformedPolicyDocument, for Kind::bucket MalformedPolicy, with the message of the
/// first check that fails, in AWS's order (§D.4, §G.5).
Result<Document> parse(std::string_view text, Kind kind, ParseOptions options = {});

/// What parse() refuses, and where.
struct Refusal {
  Error error;
  std::size_t offset = 0;  // of the byte in the text where it is wrong
  std::string detail{};    // for people, where AWS's message says little; may be empty
};
/// As parse().
std::expected<Document, Refusal> parse_located(std::string_view text, Kind kind,
                                               ParseOptions options = {});

/// The size that AWS's quotas count: characters without white space.
std::size_t counted_size(std::string_view text);

}  // namespace larder::policy
