// RFC 3986 percent-encoding, and the query strings and forms that are made of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace larder {

/// Everything but A-Z a-z 0-9 - . _ ~ becomes %XX; `keep_slash` leaves '/' as well.
std::string percent_encode(std::string_view text, bool keep_slash = false);
/// nullopt for a '%' that two hexadecimal digits do not follow. '+' stays '+'.
std::optional<std::string> percent_decode(std::string_view text);

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// `a=1&b` of a request's target: names and values percent-decoded, order kept, '+' stays '+'; `b`
/// has the value "". nullopt for a bad escape or more than `at_most` parameters.
std::optional<Parameters> parse_query(std::string_view raw, std::size_t at_most = 1024);
/// application/x-www-form-urlencoded: as parse_query, and '+' is a space.
std::optional<Parameters> parse_form(std::string_view raw, std::size_t at_most);

}  // namespace larder
