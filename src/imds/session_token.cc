#include "imds/session_token.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "base/limits.h"
#include "codec/base64.h"
#include "codec/digest.h"

namespace larder::imds {
namespace {

constexpr std::size_t token_bytes = 42;  // a multiple of three: no padding

std::string url_safe(std::string text) {
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

}  // namespace

std::optional<Seconds> SessionTokens::parse_ttl(std::string_view text) {
  long long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  const Seconds ttl(number);
  if (ttl < ttl_min || ttl > ttl_max) return std::nullopt;
  return ttl;
}

std::string SessionTokens::issue(Seconds ttl) {
  CHECK(ttl >= ttl_min && ttl <= ttl_max);
  drop_expired();
  if (expiry_.size() == limits::metadata_tokens_count) {
    expiry_.erase(by_expiry_.begin()->second);
    by_expiry_.erase(by_expiry_.begin());
  }
  std::string token = url_safe(base64_encode(random_.bytes(token_bytes)));
  const Time expires = clock_.now() + ttl;
  const auto [added, is_new] = expiry_.emplace(sha256(token), expires);
  CHECK(is_new);
  by_expiry_.emplace(expires, added->first);
  return token;
}

std::optional<Seconds> SessionTokens::remaining(std::string_view token) const {
  const auto found = expiry_.find(sha256(token));
  if (found == expiry_.end()) return std::nullopt;
  const auto left = found->second - clock_.now();
  if (left.count() <= 0) return std::nullopt;
  return std::chrono::ceil<Seconds>(left);
}

void SessionTokens::drop_expired() {
  const Time now = clock_.now();
  while (!by_expiry_.empty() && by_expiry_.begin()->first <= now) {
    expiry_.erase(by_expiry_.begin()->second);
    by_expiry_.erase(by_expiry_.begin());
  }
}

}  // namespace larder::imds
