// The tokens of IMDSv2 (§A.2): random, of one instance, short-lived.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/random.h"

namespace larder::imds {

/// The live tokens of one instance: a token of another is unknown here. One core only.
///
/// (1) What is kept is a digest, so that looking one up takes a time that says nothing about it.
/// (2) At most limits::metadata_tokens_count live; one more takes the place of the one that would
///     expire first.
class SessionTokens {
 public:
  static constexpr Seconds ttl_min{1};
  static constexpr Seconds ttl_max{21'600};

  SessionTokens(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

  /// The TTL that a header's value asks for; nullopt when it is no decimal number in its bounds.
  static std::optional<Seconds> parse_ttl(std::string_view text);

  /// A new token: 56 characters that need no escaping in URLs and headers.
  std::string issue(Seconds ttl);
  /// What is left of a token, rounded up; nullopt for one that is unknown or has expired.
  std::optional<Seconds> remaining(std::string_view token) const;

  std::size_t size() const { return expiry_.size(); }

 private:
  void drop_expired();

  const Clock& clock_;
  Random& random_;
  std::map<std::string, Time, std::less<>> expiry_;   // by digest
  std::set<std::pair<Time, std::string>> by_expiry_;  // the same
};

}  // namespace larder::imds
