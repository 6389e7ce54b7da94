// Compact values of the index: bytes, varints and strings with their length in front.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace larder::s3 {

using Pairs = std::vector<std::pair<std::string, std::string>>;

class Packer {
 public:
  void byte(std::uint8_t value) { out_ += static_cast<char>(value); }
  /// Seven bits a byte, the lowest first; the high bit says that more follow.
  void varint(std::uint64_t value);
  void raw(std::string_view bytes) { out_ += bytes; }
  /// A varint of the length, then the bytes.
  void text(std::string_view bytes);
  void pairs(const Pairs& pairs);
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

/// Reads in the same order. After the first thing that is not there everything is zero or empty.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {}
  std::uint8_t byte();
  std::uint64_t varint();
  std::string raw(std::size_t count);
  std::string text();
  Pairs pairs();
  /// All of it was there, and nothing more.
  bool done() const { return !failed_ && rest_.empty(); }
  bool failed() const { return failed_; }
  /// For counts: a list cannot have more members than bytes are left.
  std::uint64_t count();

 private:
  std::string_view take(std::size_t count);

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace larder::s3
