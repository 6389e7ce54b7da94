// Texts that conditions compare by what they mean: numbers, dates, addresses, bytes. Readers return
// nullopt for what is not of the type; none allocates.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace larder::policy {

/// A decimal number of any length, compared exactly. Views into the text it was read from.
struct Decimal {
  bool negative = false;
  std::string_view whole{};     // without leading zeros
  std::string_view fraction{};  // without trailing zeros
};
std::optional<Decimal> read_decimal(std::string_view text);
std::strong_ordering compare(const Decimal& a, const Decimal& b);

/// Microseconds since 1970, UTC.
struct Instant {
  std::int64_t microseconds;
  friend auto operator<=>(const Instant&, const Instant&) = default;
};
/// ISO 8601 as W3C profiles it (`2024`, `2024-05`, `2024-05-31`, `2024-05-31T10:20Z`,
/// `…T10:20:30.5+02:00`), or seconds since 1970. Four digits are a year.
std::optional<Instant> read_date(std::string_view text);

std::optional<bool> read_boolean(std::string_view text);

/// An address or a CIDR range. IPv4 is kept, and compared, apart from IPv6; an IPv4-mapped IPv6
/// address is the IPv4 address.
struct IpRange {
  std::array<std::uint8_t, 16> bytes{};
  std::uint8_t length_bits = 0;  // of the address: 32 or 128
  std::uint8_t prefix_bits = 0;
};
std::optional<IpRange> read_ip_range(std::string_view text);
/// Every address of `inner` is in `outer`.
bool contains(const IpRange& outer, const IpRange& inner);

/// Both are base64 and stand for the same bytes.
bool same_base64_bytes(std::string_view a, std::string_view b);

}  // namespace larder::policy
