// What a request brings to the conditions of policies: keys, compared without case, each with one
// value or with a list of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace larder::policy {

/// Equal but for the case of ASCII letters.
bool equal_ignoring_case(std::string_view a, std::string_view b);

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
      return std::string_view(context_->text_).substr(slice.offset, slice.size);
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

  bool contains(std::string_view key) const { return find_entry(key) != nullptr; }
  Values find(std::string_view key) const;
  /// The value of a single-valued key; none when the key is absent or multi-valued. This is what a
  /// policy variable stands for.
  std::optional<std::string_view> single(std::string_view key) const;

  /// Calls visit(key, values, is_list) for each key, in the order in which they came.
  template <class Visit>
  void each(Visit&& visit) const {
    for (const Entry& entry : entries_)
      visit(std::string_view(text_).substr(entry.key.offset, entry.key.size),
            Values(this, entry.first, entry.count), entry.is_list);
  }

 private:
  struct Entry {
    std::uint32_t hash;
    Slice key;
    std::uint32_t first;
    std::uint32_t count;
    bool is_list;
  };

  const Entry* find_entry(std::string_view key) const;
  Entry& entry_for(std::string_view key);
  Slice store(std::string_view text);

  std::string text_;
  std::vector<Slice> values_;
  std::vector<Entry> entries_;
};

}  // namespace larder::policy
