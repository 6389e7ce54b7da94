#include "audit/json_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "codec/utf8.h"

namespace larder::audit {
namespace {

constexpr std::string_view ellipsis_utf8 = "\xe2\x80\xa6";

constexpr bool is_plain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

/// How much of it stands for itself: nearly all there is.
std::size_t plain_length(std::string_view text) {
  constexpr std::size_t stride = 16;  // looked at together, without a branch for each
  std::size_t at = 0;
  for (; at + stride <= text.size(); at += stride) {
    bool all = true;
    for (std::size_t i = 0; i < stride; ++i) all &= is_plain(text[at + i]);
    if (!all) break;
  }
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

}  // namespace

void JsonLine::quote(std::string_view text, std::size_t limit) {
  out_ += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t plain = plain_length(text.substr(at, limit - at));
    out_ += text.substr(at, plain);
    at += plain;
    if (at == text.size()) break;
    const auto [code, length] = first_character(text.substr(at));
    if (at + length > limit) {
      out_ += ellipsis_utf8;
      break;
    }
    if (code == '"' || code == '\\') {
      out_ += '\\';
      out_ += static_cast<char>(code);
    } else if (is_deceptive(code)) {
      fmt::format_to(std::back_inserter(out_), "\\u{:04x}", code);
    } else if (code == replacement_character) {
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
