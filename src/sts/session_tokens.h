// Session tokens: sealed and self-contained, so that any core checks one without a look-up.
// docs/formats/session-tokens.md.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aws/caller.h"
#include "aws/session.h"
#include "base/async/task.h"
#include "base/clock.h"
#include "base/random.h"
#include "storage/kv.h"
#include "storage/sealed.h"

namespace larder::sts {

/// Safe from any core once loaded.
class SessionTokens final : public aws::SessionIssuer {
 public:
  SessionTokens(storage::Kv& kv, const storage::Sealer& sealer, Random& random);
  ~SessionTokens() override;

  /// Reads the sealing keys; the first start makes one.
  Task<Result<void>> load();

  Result<aws::SessionCredentials> issue(const aws::Session& session) override;

  struct Opened {
    aws::Session session;
    Secret secret_access_key;
  };
  /// The token must be one of ours, belong to `access_key_id` and not be expired.
  std::expected<Opened, aws::BadCredential> open(const std::string& access_key_id,
                                                 const std::string& token, Time now) const;

 private:
  struct Key;
  Result<void> add_key(const std::string& id, const Secret& bytes);
  const Key* find_key(std::string_view id) const;

  storage::Kv& kv_;
  const storage::Sealer& sealer_;
  Random& random_;
  std::vector<std::unique_ptr<Key>> keys_;  // constant once loaded; the last one seals
};

/// AWS's bound on what fits into a token; PackedPolicySize is a percentage of it.
inline constexpr std::size_t token_characters_max = 4096;

namespace codes {
inline constexpr ErrorCode packed_policy_too_large{"PackedPolicyTooLarge", 400};
}

}  // namespace larder::sts
