// RFC 4648 base64 with padding, and hexadecimal.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace larder {

std::string base64_encode(std::string_view bytes);
/// Strict: the standard alphabet, full padding, no white space, no stray bits. nullopt otherwise.
std::optional<std::string> base64_decode(std::string_view text);

/// Lower case.
std::string hex_encode(std::string_view bytes);
/// Either case; nullopt for an odd length or another character.
std::optional<std::string> hex_decode(std::string_view text);

}  // namespace larder
