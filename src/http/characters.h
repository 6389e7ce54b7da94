// Character classes of RFC 9110 and 9112, and numbers as HTTP writes them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace larder::http {

constexpr bool is_token_char(unsigned char c) {
  constexpr auto table = [] {
    std::array<bool, 256> allowed{};
    for (unsigned char d = '0'; d <= '9'; ++d) allowed[d] = true;
    for (unsigned char d = 'a'; d <= 'z'; ++d) allowed[d] = true;
    for (unsigned char d = 'A'; d <= 'Z'; ++d) allowed[d] = true;
    for (const char d : std::string_view("!#$%&'*+-.^_`|~")) {
      allowed[static_cast<unsigned char>(d)] = true;
    }
    return allowed;
  }();
  return table[c];
}

constexpr bool is_token(std::string_view text) {
  for (const char c : text) {
    if (!is_token_char(static_cast<unsigned char>(c))) return false;
  }
  return !text.empty();
}

/// Tab, space, visible ASCII, and what is beyond ASCII.
constexpr bool is_value_char(unsigned char c) { return (c >= 0x20 && c != 0x7f) || c == '\t'; }

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

constexpr std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Digits only, at most 2^63 - 1.
constexpr std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  constexpr std::uint64_t max = INT64_MAX;
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (max - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

/// -1 for what is no hexadecimal digit.
constexpr int hex_digit(unsigned char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace larder::http
