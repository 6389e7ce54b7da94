// What was worked out lately and comes again: texts, and what each stands for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>

namespace larder {

/// Of what one of a cache's shares holds: half of it was used last, the other half before that.
struct RecentCacheLimits {
  std::size_t entries;
  std::size_t bytes;
};

/// Safe from any thread. Each thread has one of a few shares, so that those that ask at the same
/// time hardly wait for one another; what another one put may be missing. A text is compared in
/// full. Nothing goes because of its age: whoever asks checks what time may have changed.
template <class Value>
class RecentCache {
 public:
  using Pointer = std::shared_ptr<const Value>;

  explicit RecentCache(RecentCacheLimits limits) : limits_(limits) {}
  RecentCache(const RecentCache&) = delete;
  RecentCache& operator=(const RecentCache&) = delete;

  /// Null: not there (any more).
  Pointer find(std::string_view text) {
    const auto hash = std::hash<std::string_view>()(text);
    Share& share = own_share();
    const std::lock_guard lock(share.mutex);
    if (const Entry* found = entry_of(share.latest, hash, text)) return found->value;
    const Entry* found = entry_of(share.before, hash, text);
    if (found == nullptr) return nullptr;
    Entry entry = *found;
    erase(share, hash);  // in `latest` another of that hash may be
    const Pointer value = entry.value;
    add(share, hash, std::move(entry));
    return value;
  }

  /// Takes the place of what was there. `bytes`: about what `value` takes; nothing that would fill
  /// half a share by itself is kept.
  void put(std::string text, Pointer value, std::size_t bytes) {
    const auto hash = std::hash<std::string_view>()(text);
    bytes += text.size();
    Share& share = own_share();
    const std::lock_guard lock(share.mutex);
    erase(share, hash);
    if (bytes <= limits_.bytes / 2) add(share, hash, {std::move(text), std::move(value), bytes});
  }

 private:
  struct Entry {
    std::string text;
    Pointer value;
    std::size_t bytes;
  };
  using Entries = std::unordered_map<std::size_t, Entry>;  // by hash; one of the same hash replaces
  struct alignas(64) Share {
    std::mutex mutex;
    Entries latest, before;  // guarded by mutex
    std::size_t latest_bytes = 0;
  };

  static const Entry* entry_of(const Entries& entries, std::size_t hash, std::string_view text) {
    const auto found = entries.find(hash);
    return found != entries.end() && found->second.text == text ? &found->second : nullptr;
  }

  static void erase(Share& share, std::size_t hash) {
    share.before.erase(hash);
    const auto found = share.latest.find(hash);
    if (found == share.latest.end()) return;
    share.latest_bytes -= found->second.bytes;
    share.latest.erase(found);
  }

  /// When no entry of that hash is there.
  void add(Share& share, std::size_t hash, Entry entry) {
    const bool full = share.latest.size() >= limits_.entries / 2 ||
                      share.latest_bytes + entry.bytes > limits_.bytes / 2;
    if (full) {
      share.before = std::exchange(share.latest, {});
      share.latest_bytes = 0;
    }
    share.latest_bytes += entry.bytes;
    share.latest.emplace(hash, std::move(entry));
  }

  Share& own_share() {
    return shares_[std::hash<std::thread::id>()(std::this_thread::get_id()) % shares_.size()];
  }

  const RecentCacheLimits limits_;
  std::array<Share, 16> shares_;
};

}  // namespace larder
