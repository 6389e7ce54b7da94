// The three spellings of a time that AWS's protocols use. All UTC.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace larder {

std::string format_iso8601(Time time);         // 2013-05-24T00:00:00Z
std::string format_iso8601_millis(Time time);  // 2013-05-24T00:00:00.000Z
std::string format_basic(Time time);           // 20130524T000000Z, of SigV4
std::string format_http_date(Time time);       // Fri, 24 May 2013 00:00:00 GMT, RFC 9110 §5.6.7

/// Date only, or with time, fraction, and `Z` or an offset: RFC 3339 and the forms of ISO 8601 that
/// AWS's documents show.
std::optional<Time> parse_iso8601(std::string_view text);
std::optional<Time> parse_basic(std::string_view text);
/// The preferred form of RFC 9110 only.
std::optional<Time> parse_http_date(std::string_view text);

}  // namespace larder
