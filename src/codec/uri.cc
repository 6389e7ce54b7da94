#include "codec/uri.h"

#include <algorithm>

#include "codec/base64.h"

namespace larder {
namespace {

constexpr bool unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const auto byte = hex_decode(text.substr(i + 1, 2));
      if (!byte) return std::nullopt;
      out += *byte;
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::optional<Parameters> parse(std::string_view raw, bool plus_is_space, std::size_t at_most) {
  Parameters all;
  while (!raw.empty()) {
    const std::string_view item = raw.substr(0, raw.find('&'));
    raw.remove_prefix(std::min(raw.size(), item.size() + 1));
    if (item.empty()) continue;
    if (all.size() == at_most) return std::nullopt;
    const std::size_t equals = item.find('=');
    auto name = decode(item.substr(0, equals), plus_is_space);
    auto value =
        equals == item.npos ? std::string() : decode(item.substr(equals + 1), plus_is_space);
    if (!name || !value) return std::nullopt;
    all.emplace_back(*std::move(name), *std::move(value));
  }
  return all;
}

}  // namespace

std::string percent_encode(std::string_view text, bool keep_slash) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  for (const char c : text) {
    if (unreserved(c) || (keep_slash && c == '/')) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

std::optional<std::string> percent_decode(std::string_view text) { return decode(text, false); }

std::optional<Parameters> parse_query(std::string_view raw, std::size_t at_most) {
  return parse(raw, false, at_most);
}

std::optional<Parameters> parse_form(std::string_view raw, std::size_t at_most) {
  return parse(raw, true, at_most);
}

}  // namespace larder
