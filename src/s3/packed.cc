#include "s3/packed.h"

namespace larder::s3 {

void Packer::varint(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) byte(static_cast<std::uint8_t>(value | 0x80));
  byte(static_cast<std::uint8_t>(value));
}

void Packer::text(std::string_view bytes) {
  varint(bytes.size());
  raw(bytes);
}

void Packer::pairs(const Pairs& pairs) {
  varint(pairs.size());
  for (const auto& [name, value] : pairs) {
    text(name);
    text(value);
  }
}

std::string_view Unpacker::take(std::size_t count) {
  if (failed_ || count > rest_.size()) {
    failed_ = true;
    rest_ = {};
    return {};
  }
  const auto taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::uint8_t Unpacker::byte() {
  const auto taken = take(1);
  return taken.empty() ? 0 : static_cast<std::uint8_t>(taken[0]);
}

std::uint64_t Unpacker::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint64_t next = byte();
    value |= (next & 0x7f) << shift;
    if (next < 0x80) return value;
  }
  failed_ = true;
  return 0;
}

std::uint64_t Unpacker::count() {
  const auto value = varint();
  if (value <= rest_.size()) return value;
  failed_ = true;
  return 0;
}

std::string Unpacker::raw(std::size_t count) { return std::string(take(count)); }

std::string Unpacker::text() { return raw(varint()); }

Pairs Unpacker::pairs() {
  Pairs all;
  for (auto left = count(); left > 0 && !failed_; --left) {
    auto name = text();
    all.emplace_back(std::move(name), text());
  }
  return all;
}

}  // namespace larder::s3
