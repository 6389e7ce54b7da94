// Secrets at rest: sealed with AES-256-GCM under keys derived from the master key, one for each
// purpose.
#pragma once

#include <map>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "storage/master_key.h"

namespace larder::storage {

/// Safe from any thread if `random` is.
class Sealer {
 public:
  /// `random` outlives it.
  Sealer(MasterKey key, Random& random);
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;

  /// `purpose` is a constant of the code ("iam.access-key"): each has its own key, good for 2^32
  /// sealings. `associated` is what the text belongs to (a key id, an ARN): not kept, but needed
  /// again to open, so that a sealed text moved elsewhere does not open. The result is binary, 29
  /// bytes longer than `plain`.
  std::string seal(std::string_view purpose, std::string_view associated,
                   std::string_view plain) const;

  /// Unsealable unless `sealed` came from seal with the same purpose, associated data and master
  /// key.
  Result<Secret> open(std::string_view purpose, std::string_view associated,
                      std::string_view sealed) const;

 private:
  Secret key_for(std::string_view purpose) const;

  const MasterKey key_;
  Random& random_;
  mutable std::shared_mutex mutex_;
  mutable std::map<std::string, Secret, std::less<>> keys_;  // guarded by mutex_; purposes are few
};

}  // namespace larder::storage
