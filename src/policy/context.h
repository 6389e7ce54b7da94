// What a request brings to the conditions of policies: keys, compared without case, each with one
// value or with a list of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace larder::policy {

/// As memcmp() == 0, without its call: what policies compare is short.
inline bool same_bytes(const char* a, const char* b, std::size_t size) {
  const auto word = [](const char* at) {
    std::uint64_t value;
    std::memcpy(&value, at, sizeof value);
    return value;
  };
  if (size >= 8) {  // the last words overlap
    for (std::size_t i = 0; i + 8 < size; i += 8)
      if (word(a + i) != word(b + i)) return false;
    return word(a + size - 8) == word(b + size - 8);
  }
  for (std::size_t i = 0; i < size; ++i)
    if (a[i] != b[i]) return false;
  return true;
}

/// Of a value, with its case; never 0.
std::uint32_t hash_of_value(std::string_view text);

/// Equal but for the case of ASCII letters.
[[gnu::noinline]] bool equal_ignoring_case(std::string_view a, std::string_view b);
/// The same for texts that are equal but for the case of ASCII letters.
std::uint32_t hash_ignoring_case(std::string_view text);

/// A value. Keys and values live in one buffer, so building costs a handful of allocations and a
/// look-up none. Views handed out stay valid until the next call that is not const.
class Context {
  struct Slice {
    std::uint32_t offset;
    std::uint32_t size;
  };

 public:
  /// The values of one key, in the order in which they were given; none when the key is absent.
  class Values {
   public:
    std::size_t size() const { return count_; }
    bool empty() const { return count_ == 0; }
    std::string_view operator[](std::size_t i) const {
      const Slice slice = context_->values_[first_ + i];
      return {context_->text_.data() + slice.offset, slice.size};
    }

   private:
    friend class Context;
    Values(const Context* context, std::size_t first, std::size_t count)
        : context_(context), first_(first), count_(count) {}
    const Context* context_;
    std::size_t first_;
    std::size_t count_;
  };

  /// A single-valued key. Replaces what the key had.
  void set(std::string_view key, std::string_view value);
  /// A multi-valued key with no values yet. Replaces what the key had.
  void set_list(std::string_view key);
  /// One more value of a multi-valued key; the key need not be there yet.
  void add(std::string_view key, std::string_view value);

  bool contains(std::string_view key) const;
  Values find(std::string_view key) const;
  /// For those who look the same key up at every request: `hash` is hash_ignoring_case(key).
  Values find(std::uint32_t hash, std::string_view key) const {
    return values_of(find_entry(hash, key));
  }
  /// The value of a single-valued key; none when the key is absent or multi-valued. This is what a
  /// policy variable stands for.
  std::optional<std::string_view> single(std::uint32_t hash, std::string_view key) const;
  std::optional<std::string_view> single(std::string_view key) const {
    return single(hash_ignoring_case(key), key);
  }

  /// False: the key is absent, or has a single value that is another one. By hashes alone, so that
  /// most conditions that do not hold are found out without reading a text; true says nothing.
  bool may_be(std::uint32_t key_hash, std::uint32_t value_hash) const {
    if (same_hashes_) return true;
    if (slots_.empty()) return false;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = key_hash;; ++i) {
      const Slot& slot = slots_[i & mask];
      if (slot.entry == 0) return false;
      if (slot.hash == key_hash) return slot.value_hash == value_hash || slot.value_hash == 0;
    }
  }

  /// The size of the longest value that was ever set.
  std::size_t longest_value() const { return longest_value_; }

  /// Calls visit(key, values, is_list) for each key, in the order in which they came.
  template <class Visit>
  void each(Visit&& visit) const {
    for (const Entry& entry : entries_)
      visit(std::string_view(text_).substr(entry.key.offset, entry.key.size),
            Values(this, entry.first, entry.count), entry.is_list);
  }

 private:
  struct Entry {
    Slice key;
    std::uint32_t first;
    std::uint32_t count;
    bool is_list;
  };

  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t entry = 0;       // its number, from 1; 0: free
    std::uint32_t value_hash = 0;  // 0: not of a single value
  };

  [[gnu::always_inline]] const Slot* find_slot(std::uint32_t hash, std::string_view key) const {
    if (slots_.empty()) return nullptr;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = hash;; ++i) {
      const Slot& slot = slots_[i & mask];
      if (slot.entry == 0) return nullptr;
      if (slot.hash == hash && is_key_of(entries_[slot.entry - 1], key)) return &slot;
    }
  }
  [[gnu::always_inline]] const Entry* find_entry(std::uint32_t hash, std::string_view key) const {
    const Slot* slot = find_slot(hash, key);
    return slot == nullptr ? nullptr : &entries_[slot->entry - 1];
  }
  [[gnu::always_inline]] bool is_key_of(const Entry& entry, std::string_view key) const {
    if (entry.key.size != key.size()) return false;
    const char* name = text_.data() + entry.key.offset;
    return same_bytes(name, key.data(), key.size()) || equal_ignoring_case({name, key.size()}, key);
  }
  Values values_of(const Entry* entry) const {
    return entry == nullptr ? Values(this, 0, 0) : Values(this, entry->first, entry->count);
  }
  Slot& take_slot(Slot slot);
  void grow();
  Slot& slot_for(std::string_view key);
  Entry& entry_of(const Slot& slot) { return entries_[slot.entry - 1]; }
  Slice store(std::string_view text);
  void add_value(std::string_view text);

  std::string text_;
  std::vector<Slice> values_;
  std::vector<Entry> entries_;
  std::vector<Slot> slots_;   // open addressing over the entries' hashes
  bool same_hashes_ = false;  // two keys have the same
  std::size_t longest_value_ = 0;
};

}  // namespace larder::policy
