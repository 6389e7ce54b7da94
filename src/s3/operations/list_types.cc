#include "s3/operations/list_types.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "codec/base64.h"

namespace larder::s3 {
namespace {

constexpr char token_version = '1';
constexpr std::size_t token_checksum_bytes = 4;

std::string token_checksum(std::string_view after) {
  const std::uint32_t crc = crc32c(after);
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(crc >> shift & 0xff);
  return out;
}

}  // namespace

std::string url_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (aws::is_alphanumeric(byte) || std::string_view("-_.*/").find(c) != std::string_view::npos) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += fmt::format("%{:02X}", byte);
    }
  }
  return out;
}

Result<NameEncoding> NameEncoding::parse(const std::optional<std::string>& type) {
  NameEncoding encoding;
  if (!type || type->empty()) return encoding;
  if (!policy::equal_ignoring_case(*type, "url"))
    return errors::invalid_argument("Invalid Encoding Method specified in Request", "encoding-type",
                                    *type);
  encoding.url_ = true;
  return encoding;
}

Result<std::size_t> page_size(const std::optional<std::int64_t>& wanted,
                              std::string_view argument) {
  constexpr std::int64_t most = limits::s3_list_page;
  if (wanted && (*wanted < 0 || *wanted > 2147483647))
    return errors::invalid_argument(
        fmt::format("Argument {} must be an integer between 0 and 2147483647", argument), argument,
        fmt::format("{}", *wanted));
  return static_cast<std::size_t>(std::min(wanted.value_or(most), most));
}

std::string make_token(std::string_view after) {
  return base64_encode(token_version + token_checksum(after) + std::string(after));
}

std::optional<std::string> parse_token(std::string_view token) {
  auto raw = base64_decode(token);
  constexpr std::size_t head = 1 + token_checksum_bytes;
  if (!raw || raw->size() <= head || raw->front() != token_version) return std::nullopt;
  auto after = raw->substr(head);
  if (raw->substr(1, token_checksum_bytes) != token_checksum(after)) return std::nullopt;
  return after;
}

}  // namespace larder::s3
