// Signing keys derived lately: a client signs with one all day.
#pragma once

#include <string>

#include "base/recent_cache.h"
#include "base/secret.h"
#include "sigv4/signing_key.h"

namespace larder::aws {

/// Safe from any core.
class SigningKeys {
 public:
  SigningKeys();

  /// As sigv4::derive_key, of the same arguments: what is remembered was derived from all of them,
  /// the secret too.
  sigv4::SigningKey derive(sigv4::Algorithm algorithm, const std::string& access_key_id,
                           const Secret& secret_access_key, const sigv4::Scope& scope);

 private:
  struct Derived {
    Secret from;
    sigv4::SigningKey key;
  };
  RecentCache<Derived> derived_;
};

}  // namespace larder::aws
