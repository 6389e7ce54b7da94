// Numbers, dates, addresses and bytes as the naive evaluator reads them (§G.3). nullopt and false
// for what is not of the type.
#pragma once

#include <compare>
#include <optional>
#include <string_view>

namespace larder::policy::test {

/// By their digits: exact at any length.
std::optional<std::strong_ordering> compare_numbers(std::string_view a, std::string_view b);

std::optional<std::strong_ordering> compare_dates(std::string_view a, std::string_view b);

/// `range` and `inner` are addresses or CIDR ranges.
bool in_address_range(std::string_view range, std::string_view inner);

bool same_bytes(std::string_view a, std::string_view b);

}  // namespace larder::policy::test
