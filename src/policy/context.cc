#include "policy/context.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace larder::policy {

namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::uint32_t hash_ignoring_case(std::string_view text) {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(lower(c));
    hash *= 16777619u;
  }
  return hash;
}

std::uint32_t hash_of_value(std::string_view text) {
  std::uint64_t hash = text.size();
  while (!text.empty()) {
    std::uint64_t word = 0;
    const std::size_t size = std::min(text.size(), sizeof word);
    std::memcpy(&word, text.data(), size);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
    text.remove_prefix(size);
  }
  return std::max(static_cast<std::uint32_t>(hash), 1u);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

void Context::set(std::string_view key, std::string_view value) {
  Slot& slot = slot_for(key);
  slot.value_hash = hash_of_value(value);
  Entry& entry = entry_of(slot);
  entry.first = static_cast<std::uint32_t>(values_.size());
  entry.count = 1;
  entry.is_list = false;
  add_value(value);
}

void Context::set_list(std::string_view key) {
  Slot& slot = slot_for(key);
  slot.value_hash = 0;
  Entry& entry = entry_of(slot);
  entry.first = static_cast<std::uint32_t>(values_.size());
  entry.count = 0;
  entry.is_list = true;
}

void Context::add(std::string_view key, std::string_view value) {
  Slot& slot = slot_for(key);
  slot.value_hash = 0;
  Entry& entry = entry_of(slot);
  if (entry.first + entry.count != values_.size()) {  // make its values the last ones
    const auto first = static_cast<std::uint32_t>(values_.size());
    for (std::uint32_t i = 0; i < entry.count; ++i) {
      const Slice moved = values_[entry.first + i];
      values_.push_back(moved);
    }
    entry.first = first;
  }
  add_value(value);
  ++entry.count;
  entry.is_list = true;
}

bool Context::contains(std::string_view key) const {
  return find_entry(hash_ignoring_case(key), key) != nullptr;
}

Context::Values Context::find(std::string_view key) const {
  return find(hash_ignoring_case(key), key);
}

std::optional<std::string_view> Context::single(std::uint32_t hash, std::string_view key) const {
  const Entry* entry = find_entry(hash, key);
  if (entry == nullptr || entry->is_list) return std::nullopt;
  return values_of(entry)[0];
}

Context::Slot& Context::slot_for(std::string_view key) {
  const std::uint32_t hash = hash_ignoring_case(key);
  if (const Slot* found = find_slot(hash, key))
    return slots_[static_cast<std::size_t>(found - slots_.data())];
  entries_.push_back({store(key), static_cast<std::uint32_t>(values_.size()), 0, false});
  if (entries_.size() * 2 > slots_.size()) grow();
  return take_slot({hash, static_cast<std::uint32_t>(entries_.size()), 0});
}

Context::Slot& Context::take_slot(Slot slot) {
  std::size_t i = slot.hash;
  const std::size_t mask = slots_.size() - 1;
  for (; slots_[i & mask].entry != 0; ++i)
    if (slots_[i & mask].hash == slot.hash) same_hashes_ = true;
  return slots_[i & mask] = slot;
}

/// A power of two, and at most half of them taken: a look-up ends soon.
void Context::grow() {
  constexpr std::size_t usual = 64;
  if (slots_.empty()) {
    entries_.reserve(usual / 2);
    values_.reserve(usual / 2);
    text_.reserve(1024);
  }
  const std::vector<Slot> before =
      std::exchange(slots_, std::vector<Slot>(slots_.empty() ? usual : slots_.size() * 2));
  for (const Slot& slot : before)
    if (slot.entry != 0) take_slot(slot);
}

void Context::add_value(std::string_view text) {
  longest_value_ = std::max(longest_value_, text.size());
  values_.push_back(store(text));
}

Context::Slice Context::store(std::string_view text) {
  CHECK(text_.size() + text.size() <= UINT32_MAX);
  const Slice slice{static_cast<std::uint32_t>(text_.size()),
                    static_cast<std::uint32_t>(text.size())};
  text_.append(text);
  return slice;
}

}  // namespace larder::policy
