// Where in a text a pattern can have got to: a bit for each position, so that one step moves all of
// them, 64 at a time. For long texts and long patterns, where trying one position after the other
// would take too long.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/limits.h"

namespace larder::policy {

/// Holds 260 KiB on the stack and does not allocate.
class Frontier {
 public:
  /// At the beginning of `text`, of at most limits::policy_value bytes.
  Frontier(std::string_view text, bool ignore_case);

  /// Past this byte; for a position where another stands, nowhere.
  void pass(char c);
  /// Past one character of UTF-8.
  void pass_one();
  /// Past any number of bytes.
  void pass_run();

  bool empty() const { return first_ > last_; }
  bool at_end() const;

 private:
  static constexpr std::size_t words = limits::policy_value / 64 + 1;
  using Bits = std::array<std::uint64_t, words>;

  void move(const Bits& where);
  void narrow();

  std::size_t size_;  // of the text: position size_ is its end
  bool ignore_case_;
  bool ascii_ = true;
  // Words of `at_` that may have bits: those outside are zero.
  std::size_t first_ = 0;
  std::size_t last_ = 0;
  Bits at_{};
  // Positions from which a character takes one byte, two, three, four.
  std::array<Bits, 4> widths_{};
  // A byte that the text has: its place in bytes_, counted from 1.
  std::array<std::uint16_t, 256> slot_of_{};
  std::array<Bits, 256> bytes_;  // where each byte of the text stands; as many as it has
};

}  // namespace larder::policy
