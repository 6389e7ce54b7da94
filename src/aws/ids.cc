#include "aws/ids.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "codec/base64.h"
#include "codec/digest.h"

namespace larder::aws {
namespace {

constexpr std::string_view base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

std::string from_alphabet(std::string_view alphabet, std::size_t count, Random& random) {
  // Rejection keeps it uniform for alphabets whose size does not divide 256.
  const auto bound = 256 - 256 % alphabet.size();
  std::string out;
  while (out.size() < count) {
    for (const unsigned char byte : random.bytes(count))
      if (byte < bound && out.size() < count) out += alphabet[byte % alphabet.size()];
  }
  return out;
}

std::string encode_base32(std::string_view ten_bytes) {
  std::string out;
  std::uint64_t bits = 0;
  int held = 0;
  for (const unsigned char byte : ten_bytes) {
    bits = bits << 8 | byte;
    held += 8;
    for (; held >= 5; held -= 5) out += base32[bits >> (held - 5) & 31];
  }
  return out;
}

std::optional<std::string> decode_base32(std::string_view text) {
  std::string out;
  std::uint64_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const auto value = base32.find(c);
    if (value == base32.npos) return std::nullopt;
    bits = bits << 5 | value;
    held += 5;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xff);
    }
  }
  return out;
}

}  // namespace

std::string make_unique_id(std::string_view prefix, Random& random) {
  return std::string(prefix) + from_alphabet(base32, 17, random);
}

std::string derive_unique_id(std::string_view prefix, std::string_view text) {
  return std::string(prefix) + encode_base32(sha256(text)).substr(0, 17);
}

// The account's number stands in bits 7 to 46 of the first six bytes, where AWS has it.
std::string make_access_key_id(std::string_view prefix, std::string_view account, Random& random) {
  std::uint64_t number = 0;
  std::from_chars(account.data(), account.data() + account.size(), number);
  std::string raw = random.bytes(10);
  const std::uint64_t head = number << 7 | (static_cast<unsigned char>(raw[5]) & 0x7f);
  for (int i = 0; i < 6; ++i)
    raw[static_cast<std::size_t>(i)] = static_cast<char>(head >> (8 * (5 - i)) & 0xff);
  raw[0] = static_cast<char>(static_cast<unsigned char>(raw[0]) |
                             0x80);  // so that it does not start with 'A' to 'P'
  return std::string(prefix) + encode_base32(raw);
}

std::optional<std::string> account_of_access_key_id(std::string_view access_key_id) {
  if (access_key_id.size() != 20) return std::nullopt;
  const auto raw = decode_base32(access_key_id.substr(4));
  if (!raw) return std::nullopt;
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < 6; ++i) head = head << 8 | static_cast<unsigned char>((*raw)[i]);
  const std::uint64_t number = (head & 0x7fffffffff80) >> 7;
  if (number > 999'999'999'999) return std::nullopt;
  return fmt::format("{:012}", number);
}

std::string make_secret_access_key(Random& random) { return base64_encode(random.bytes(30)); }

std::string make_resource_id(std::string_view prefix, Random& random) {
  return std::string(prefix) + hex_encode(random.bytes(9)).substr(0, 17);
}

std::string make_account_id(Random& random) {
  return from_alphabet("123456789", 1, random) + from_alphabet("0123456789", 11, random);
}

bool is_account_id(std::string_view text) {
  return text.size() == 12 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string make_s3_request_id(Random& random) {
  return from_alphabet("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 16, random);
}

std::string make_uuid(Random& random) {
  std::string raw = random.bytes(16);
  raw[6] = static_cast<char>((raw[6] & 0x0f) | 0x40);  // RFC 9562, version 4
  raw[8] = static_cast<char>((raw[8] & 0x3f) | 0x80);
  const std::string hex = hex_encode(raw);
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20));
}

}  // namespace larder::aws
