#include "policy/frontier.h"

#include <algorithm>

#include "base/check.h"
#include "policy/match.h"

namespace larder::policy {

namespace {

unsigned char folded(char c, bool ignore_case) {
  const bool upper = ignore_case && c >= 'A' && c <= 'Z';
  return static_cast<unsigned char>(upper ? c - 'A' + 'a' : c);
}

template <class Bits>
void mark(Bits& bits, std::size_t position) {
  bits[position / 64] |= std::uint64_t{1} << (position % 64);
}

template <class Bits>
bool is_marked(const Bits& bits, std::size_t position) {
  return (bits[position / 64] >> (position % 64) & 1u) != 0;
}

}  // namespace

// bytes_ stays as it is: a slot is cleared when a byte takes it.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
Frontier::Frontier(std::string_view text, bool ignore_case)
    : size_(text.size()), ignore_case_(ignore_case) {
  CHECK(text.size() <= limits::policy_value);
  const std::size_t used = size_ / 64 + 1;
  std::uint16_t taken = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char byte = folded(text[i], ignore_case);
    if (slot_of_[byte] == 0) {
      slot_of_[byte] = ++taken;
      std::fill_n(bytes_[taken - 1u].begin(), used, 0);
    }
    mark(bytes_[slot_of_[byte] - 1u], i);
  }
  std::size_t following = 0;  // bytes that continue a character
  for (std::size_t i = text.size(); i-- > 0;) {
    mark(widths_[std::min<std::size_t>(following, 3)], i);
    following = continues_character(text[i]) ? following + 1 : 0;
    ascii_ = ascii_ && following == 0;
  }
  mark(at_, 0);
}

/// Every position that is in `where` goes on by one byte; the others are lost.
void Frontier::move(const Bits& where) {
  const std::size_t end = size_ / 64;
  std::uint64_t carry = 0;
  for (std::size_t i = first_; i <= last_; ++i) {
    const std::uint64_t moving = at_[i] & where[i];
    at_[i] = (moving << 1) | carry;
    carry = moving >> 63;
  }
  if (carry != 0 && last_ < end) at_[++last_] = carry;
  narrow();
}

void Frontier::narrow() {
  while (first_ <= last_ && at_[first_] == 0) ++first_;
  while (last_ > first_ && at_[last_] == 0) --last_;
}

void Frontier::pass(char c) {
  if (empty()) return;
  const std::uint16_t slot = slot_of_[folded(c, ignore_case_)];
  if (slot != 0) {
    move(bytes_[slot - 1u]);
    return;
  }
  while (first_ <= last_) at_[first_++] = 0;
}

void Frontier::pass_one() {
  if (empty()) return;
  if (ascii_) return move(widths_[0]);
  const std::size_t end = size_ / 64;
  std::uint64_t carry = 0;
  for (std::size_t i = first_; i <= last_; ++i) {
    const std::uint64_t one = at_[i] & widths_[0][i];
    const std::uint64_t two = at_[i] & widths_[1][i];
    const std::uint64_t three = at_[i] & widths_[2][i];
    const std::uint64_t four = at_[i] & widths_[3][i];
    at_[i] = (one << 1) | (two << 2) | (three << 3) | (four << 4) | carry;
    carry = (one >> 63) | (two >> 62) | (three >> 61) | (four >> 60);
  }
  if (carry != 0 && last_ < end) at_[++last_] = carry;
  narrow();
}

void Frontier::pass_run() {
  if (empty()) return;
  const std::uint64_t lowest = at_[first_] & (~at_[first_] + 1);
  at_[first_] = ~(lowest - 1);
  const std::size_t end = size_ / 64;
  for (std::size_t i = first_ + 1; i <= end; ++i) at_[i] = ~std::uint64_t{0};
  // Nothing stands beyond the end.
  const std::uint64_t up_to_end = (std::uint64_t{2} << (size_ % 64)) - 1;
  at_[end] &= up_to_end;
  last_ = end;
}

bool Frontier::at_end() const { return !empty() && is_marked(at_, size_); }

}  // namespace larder::policy
