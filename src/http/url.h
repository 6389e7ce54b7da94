// Parts of a request target and of an http URL, raw: percent-encoding is codec/uri.h's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace larder::http {

/// Views into the target. "/a?" has an empty query, "/a" has none.
struct Target {
  std::string_view path;
  std::optional<std::string_view> query;
};

/// Splits at the first '?'. Total.
Target split_target(std::string_view target);

struct Url {
  std::string scheme;  // "http" or "https", lower case
  std::string host;    // without brackets
  std::uint16_t port;  // the scheme's own where the URL has none
  std::string target;  // path and query; "/" where the URL has none. A fragment is dropped.
};

/// An absolute http or https URL. invalid_argument otherwise; user information is refused.
Result<Url> parse_url(std::string_view url);

}  // namespace larder::http
