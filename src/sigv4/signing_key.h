// What a request is signed with: the HMAC key of SigV4, or the key pair of SigV4A ("AWS Signature
// Version 4A", IAM User Guide), both derived from the secret access key.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"
#include "sigv4/canonical.h"

namespace larder::sigv4 {

/// A value.
struct SigningKey {
  /// An HMAC key, within one scope.
  SigningKey(Secret hmac) : bytes(std::move(hmac)) {}
  SigningKey(Algorithm with, Secret key) : algorithm(with), bytes(std::move(key)) {}

  Algorithm algorithm = Algorithm::hmac;
  Secret bytes;  // of ecdsa: the private scalar, 32 bytes, big-endian
};

SigningKey derive_key(Algorithm algorithm, const std::string& access_key_id,
                      const Secret& secret_access_key, const Scope& scope);

/// The private scalar of SigV4A: NIST SP 800-108 in counter mode over HMAC-SHA256, repeated until
/// it is below the group's order.
Secret derive_ecdsa_key(std::string_view access_key_id, const Secret& secret_access_key);

/// Is `signature` (hexadecimal; of ecdsa in DER) the key's over `text`? HMACs compare in constant
/// time.
bool verifies(const SigningKey& key, std::string_view text, std::string_view signature);

}  // namespace larder::sigv4
