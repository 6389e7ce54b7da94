#include "policy/context.h"

#include "base/check.h"

namespace larder::policy {

namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::uint32_t hash_ignoring_case(std::string_view text) {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(lower(c));
    hash *= 16777619u;
  }
  return hash;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

void Context::set(std::string_view key, std::string_view value) {
  Entry& entry = entry_for(key);
  entry.first = static_cast<std::uint32_t>(values_.size());
  entry.count = 1;
  entry.is_list = false;
  values_.push_back(store(value));
}

void Context::set_list(std::string_view key) {
  Entry& entry = entry_for(key);
  entry.first = static_cast<std::uint32_t>(values_.size());
  entry.count = 0;
  entry.is_list = true;
}

void Context::add(std::string_view key, std::string_view value) {
  Entry& entry = entry_for(key);
  if (entry.first + entry.count != values_.size()) {  // make its values the last ones
    const auto first = static_cast<std::uint32_t>(values_.size());
    for (std::uint32_t i = 0; i < entry.count; ++i) {
      const Slice moved = values_[entry.first + i];
      values_.push_back(moved);
    }
    entry.first = first;
  }
  values_.push_back(store(value));
  ++entry.count;
  entry.is_list = true;
}

Context::Values Context::find(std::string_view key) const {
  const Entry* entry = find_entry(key);
  if (entry == nullptr) return Values(this, 0, 0);
  return Values(this, entry->first, entry->count);
}

std::optional<std::string_view> Context::single(std::string_view key) const {
  const Entry* entry = find_entry(key);
  if (entry == nullptr || entry->is_list) return std::nullopt;
  return Values(this, entry->first, entry->count)[0];
}

const Context::Entry* Context::find_entry(std::string_view key) const {
  const std::uint32_t hash = hash_ignoring_case(key);
  for (const Entry& entry : entries_) {
    if (entry.hash != hash || entry.key.size != key.size()) continue;
    const auto name = std::string_view(text_).substr(entry.key.offset, entry.key.size);
    if (equal_ignoring_case(name, key)) return &entry;
  }
  return nullptr;
}

Context::Entry& Context::entry_for(std::string_view key) {
  if (const Entry* found = find_entry(key))
    return entries_[static_cast<std::size_t>(found - entries_.data())];
  entries_.push_back(
      {hash_ignoring_case(key), store(key), static_cast<std::uint32_t>(values_.size()), 0, false});
  return entries_.back();
}

Context::Slice Context::store(std::string_view text) {
  CHECK(text_.size() + text.size() <= UINT32_MAX);
  const Slice slice{static_cast<std::uint32_t>(text_.size()),
                    static_cast<std::uint32_t>(text.size())};
  text_.append(text);
  return slice;
}

}  // namespace larder::policy
