#include "policy/literals.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "policy/context.h"

namespace larder::policy {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trim_spaces(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::strong_ordering compare_magnitude(const Decimal& a, const Decimal& b) {
  if (a.whole.size() != b.whole.size()) return a.whole.size() <=> b.whole.size();
  if (const int c = a.whole.compare(b.whole); c != 0) return c <=> 0;
  return a.fraction.compare(b.fraction) <=> 0;
}

/// 0 … 63, or -1.
int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

/// Without padding; nullopt when it is not base64.
std::optional<std::string_view> base64_digits(std::string_view text) {
  const bool padded = text.ends_with('=');
  const std::size_t whole = text.size();
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  if (text.size() % 4 == 1 || (padded && whole % 4 != 0)) return std::nullopt;
  for (const char c : text)
    if (base64_digit(c) < 0) return std::nullopt;
  return text;
}

}  // namespace

std::optional<Decimal> read_decimal(std::string_view text) {
  text = trim_spaces(text);
  Decimal number;
  if (text.starts_with('-') || text.starts_with('+')) {
    number.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const std::size_t point = std::min(text.find('.'), text.size());
  number.whole = text.substr(0, point);
  if (point < text.size()) number.fraction = text.substr(point + 1);
  if (number.whole.empty() && number.fraction.empty()) return std::nullopt;
  if (!std::ranges::all_of(number.whole, is_digit)) return std::nullopt;
  if (!std::ranges::all_of(number.fraction, is_digit)) return std::nullopt;
  while (number.whole.starts_with('0')) number.whole.remove_prefix(1);
  while (number.fraction.ends_with('0')) number.fraction.remove_suffix(1);
  if (number.whole.empty() && number.fraction.empty()) number.negative = false;
  return number;
}

std::strong_ordering compare(const Decimal& a, const Decimal& b) {
  if (a.negative != b.negative)
    return a.negative ? std::strong_ordering::less : std::strong_ordering::greater;
  return a.negative ? compare_magnitude(b, a) : compare_magnitude(a, b);
}

std::optional<bool> read_boolean(std::string_view text) {
  if (equal_ignoring_case(text, "true")) return true;
  if (equal_ignoring_case(text, "false")) return false;
  return std::nullopt;
}

std::optional<IpRange> read_ip_range(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::string_view address = text.substr(0, slash);
  std::array<char, 48> name{};  // the longest address has 45 characters
  if (address.empty() || address.size() >= name.size()) return std::nullopt;
  if (address.find('\0') != std::string_view::npos) return std::nullopt;
  std::memcpy(name.data(), address.data(), address.size());

  IpRange range;
  if (inet_pton(AF_INET, name.data(), range.bytes.data()) == 1) {
    range.length_bits = 32;
  } else if (inet_pton(AF_INET6, name.data(), range.bytes.data()) == 1) {
    range.length_bits = 128;
  } else {
    return std::nullopt;
  }
  unsigned prefix = range.length_bits;
  if (slash < text.size()) {
    const std::string_view digits = text.substr(slash + 1);
    if (digits.empty() || digits.size() > 3) return std::nullopt;
    prefix = 0;
    for (const char c : digits) {
      if (!is_digit(c)) return std::nullopt;
      prefix = prefix * 10 + static_cast<unsigned>(c - '0');
    }
    if (prefix > range.length_bits) return std::nullopt;
  }
  constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (range.length_bits == 128 && prefix >= 96 &&
      std::equal(mapped.begin(), mapped.end(), range.bytes.begin())) {
    std::copy(range.bytes.begin() + 12, range.bytes.end(), range.bytes.begin());
    range.length_bits = 32;
    prefix -= 96;
  }
  range.prefix_bits = static_cast<std::uint8_t>(prefix);
  return range;
}

bool contains(const IpRange& outer, const IpRange& inner) {
  if (outer.length_bits != inner.length_bits || outer.prefix_bits > inner.prefix_bits) return false;
  const std::size_t whole = outer.prefix_bits / 8u;
  if (!std::equal(outer.bytes.begin(), outer.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                  inner.bytes.begin()))
    return false;
  const unsigned rest = outer.prefix_bits % 8u;
  if (rest == 0) return true;
  const unsigned mask = (0xffu << (8 - rest)) & 0xffu;
  return (outer.bytes[whole] & mask) == (inner.bytes[whole] & mask);
}

bool same_base64_bytes(std::string_view a, std::string_view b) {
  const auto x = base64_digits(a);
  const auto y = base64_digits(b);
  if (!x || !y || x->size() != y->size()) return false;
  if (x->empty()) return true;
  if (x->substr(0, x->size() - 1) != y->substr(0, y->size() - 1)) return false;
  // The last digit may carry bits that belong to no byte.
  constexpr std::array<int, 4> shifts{0, 0, 4, 2};
  const int unused = shifts[x->size() % 4];
  return (base64_digit(x->back()) >> unused) == (base64_digit(y->back()) >> unused);
}

}  // namespace larder::policy
