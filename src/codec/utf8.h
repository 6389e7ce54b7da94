// UTF-8, character by character, and which characters must not reach a terminal as they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace larder {

/// What stands for a byte that is not UTF-8.
inline constexpr std::uint32_t replacement_character = 0xfffd;
inline constexpr std::string_view replacement_utf8 = "\xef\xbf\xbd";

struct Utf8Character {
  std::uint32_t code;
  std::size_t length;  // bytes
};

/// The first of `text`, which is not empty. A byte that begins no character is one replacement.
Utf8Character first_character(std::string_view text);

/// Whether a reader is shown something else than what is there: controls of ASCII and Latin 1,
/// which terminals obey, line and paragraph separators, at which some readers split lines, what
/// turns the direction of writing, and what has no width. All are below U+10000.
bool is_deceptive(std::uint32_t code);

}  // namespace larder
