#include "storage/blobs.h"

namespace larder::storage {
namespace {

std::optional<std::uint8_t> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

}  // namespace

BlobId BlobId::make(Random& random) {
  BlobId id;
  random.fill(id.raw_);
  return id;
}

std::optional<BlobId> BlobId::parse(std::string_view text) {
  BlobId id;
  if (text.size() != 2 * id.raw_.size()) return std::nullopt;
  for (std::size_t i = 0; i < id.raw_.size(); ++i) {
    const auto high = digit(text[2 * i]);
    const auto low = digit(text[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    id.raw_[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return id;
}

std::string BlobId::str() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const auto byte : raw_) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

}  // namespace larder::storage
