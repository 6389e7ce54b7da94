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
#include "base/recent_cache.h"
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
    aws::Caller caller;  // with the session; its access key id is the one that the token is for
    Secret secret_access_key;
  };
  /// The token must be one of ours, belong to `access_key_id` and not be expired: all of it is
  /// checked each time, though one that comes again is not unsealed again. Never null.
  std::expected<std::shared_ptr<const Opened>, aws::BadCredential> open(
      const std::string& access_key_id, const std::string& token, Time now) const;

 private:
  struct Key;
  /// Null unless it is one of ours and belongs to `access_key_id`.
  std::shared_ptr<const Opened> unseal(const std::string& access_key_id,
                                       const std::string& token) const;
  Result<void> add_key(const std::string& id, const Secret& bytes);
  const Key* find_key(std::string_view id) const;

  storage::Kv& kv_;
  const storage::Sealer& sealer_;
  Random& random_;
  std::vector<std::unique_ptr<Key>> keys_;  // constant once loaded; the last one seals
  // By the whole token; only what unseal() gave, which the sealing keys alone decide.
  mutable RecentCache<Opened> opened_;
};

/// AWS's bound on what fits into a token; PackedPolicySize is a percentage of it.
inline constexpr std::size_t token_characters_max = 4096;

namespace codes {
inline constexpr ErrorCode packed_policy_too_large{"PackedPolicyTooLarge", 400};
}

}  // namespace larder::sts
