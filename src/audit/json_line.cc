#include "audit/json_line.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace larder::audit {
namespace {

constexpr std::uint32_t replacement = 0xfffd;
constexpr std::string_view replacement_utf8 = "\xef\xbf\xbd";
constexpr std::string_view ellipsis_utf8 = "\xe2\x80\xa6";

struct Character {
  std::uint32_t code;
  std::size_t length;  // bytes
};

/// The first of `text`, which is not empty. A byte that begins no character is one replacement.
Character first_character(std::string_view text) {
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  constexpr Character bad{replacement, 1};
  const std::uint32_t lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : (lead >= 0xe0 ? 3 : 2);
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return bad;
  std::uint32_t code = lead & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const std::uint32_t next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return bad;
    code = code << 6 | (next & 0x3f);
  }
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < smallest[length] || code > 0x10ffff || surrogate) return bad;
  return {code, length};
}

/// Controls of ASCII and Latin 1, line and paragraph separators, marks of the writing direction:
/// some readers split lines at them, and terminals obey them.
bool is_escaped(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

void JsonLine::quote(std::string_view text, std::size_t limit) {
  out_ += '"';
  for (std::size_t at = 0; at < text.size();) {
    const auto [code, length] = first_character(text.substr(at));
    if (at + length > limit) {
      out_ += ellipsis_utf8;
      break;
    }
    if (code == '"' || code == '\\') {
      out_ += '\\';
      out_ += static_cast<char>(code);
    } else if (is_escaped(code)) {
      fmt::format_to(std::back_inserter(out_), "\\u{:04x}", code);
    } else if (code == replacement) {
      out_ += replacement_utf8;
    } else {
      out_ += text.substr(at, length);
    }
    at += length;
  }
  out_ += '"';
}

void JsonLine::separate() {
  if (out_.back() != '{' && out_.back() != '[') out_ += ',';
}

void JsonLine::begin_member(std::string_view name) {
  separate();
  quote(name, text_max);
  out_ += ':';
}

void JsonLine::text(std::string_view name, std::string_view value, std::size_t limit) {
  begin_member(name);
  quote(value, limit);
}

void JsonLine::text_unless_empty(std::string_view name, std::string_view value) {
  if (!value.empty()) text(name, value);
}

void JsonLine::number(std::string_view name, std::uint64_t value) {
  begin_member(name);
  fmt::format_to(std::back_inserter(out_), "{}", value);
}

void JsonLine::flag(std::string_view name, bool value) {
  begin_member(name);
  out_ += value ? "true" : "false";
}

void JsonLine::null(std::string_view name) {
  begin_member(name);
  out_ += "null";
}

void JsonLine::open(std::string_view name) {
  begin_member(name);
  out_ += '{';
}

void JsonLine::open_element() {
  separate();
  out_ += '{';
}

void JsonLine::open_list(std::string_view name) {
  begin_member(name);
  out_ += '[';
}

std::string JsonLine::finish() {
  out_ += '}';
  return std::move(out_);
}

}  // namespace larder::audit
