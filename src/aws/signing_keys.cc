#include "aws/signing_keys.h"

#include <memory>
#include <string_view>

namespace larder::aws {
namespace {

// What a share remembers: beyond it a key is derived again.
constexpr std::size_t share_count = 1024;
constexpr std::size_t share_bytes = 1024 * 1024;

/// Different for different arguments: an access key id that exists holds no newline, a date has
/// eight characters, and the service is the one that was asked.
std::string name_of(sigv4::Algorithm algorithm, std::string_view access_key_id,
                    const sigv4::Scope& scope) {
  const std::string_view parts[] = {sigv4::algorithm_name(algorithm), access_key_id, scope.date,
                                    scope.region, scope.service};
  std::string name;
  name.reserve(128);
  for (const auto part : parts) (name += part) += '\n';
  return name;
}

}  // namespace

SigningKeys::SigningKeys() : derived_({.entries = share_count, .bytes = share_bytes}) {}

sigv4::SigningKey SigningKeys::derive(sigv4::Algorithm algorithm, const std::string& access_key_id,
                                      const Secret& secret_access_key, const sigv4::Scope& scope) {
  auto name = name_of(algorithm, access_key_id, scope);
  if (const auto found = derived_.find(name); found && found->from == secret_access_key)
    return found->key;
  auto key = sigv4::derive_key(algorithm, access_key_id, secret_access_key, scope);
  const std::size_t bytes = sizeof(Derived) + secret_access_key.reveal().size() + 64;
  derived_.put(std::move(name), std::make_shared<const Derived>(secret_access_key, key), bytes);
  return key;
}

}  // namespace larder::aws
