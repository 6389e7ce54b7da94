#include "storage/memory_kv.h"

#include "base/check.h"
#include "storage/kv_rules.h"

namespace larder::storage {

Task<Result<std::optional<std::string>>> MemoryKv::get(Partition partition, std::string key) {
  check_key(partition, key);
  const std::lock_guard lock(mutex_);
  const auto in = partitions_.find(partition);
  if (in == partitions_.end()) co_return std::nullopt;
  const auto found = in->second.find(key);
  if (found == in->second.end()) co_return std::nullopt;
  co_return found->second;
}

Task<Result<ScanPage>> MemoryKv::scan(Partition partition, KeyRange range, std::size_t limit) {
  check_scan(partition, limit);
  ScanPage page{.entries = {}, .more = false};
  std::size_t bytes = 0;
  const std::lock_guard lock(mutex_);
  const auto in = partitions_.find(partition);
  if (in == partitions_.end()) co_return page;
  for (auto at = in->second.lower_bound(range.begin); at != in->second.end(); ++at) {
    if (!range.end.empty() && at->first >= range.end) break;
    if (page.entries.size() == limit || bytes >= scan_page_bytes) {
      page.more = true;
      break;
    }
    bytes += at->first.size() + at->second.size();
    page.entries.push_back({at->first, at->second});
  }
  co_return page;
}

Task<Result<CommitOutcome>> MemoryKv::commit(Partition partition, std::vector<Guard> guards,
                                             std::vector<Write> writes) {
  CO_TRY_VOID(measure_commit(partition, guards, writes));
  const std::lock_guard lock(mutex_);
  auto& entries = partitions_[partition];
  for (const auto& guard : guards) {
    const auto found = entries.find(guard.key);
    const bool holds = guard.equals ? found != entries.end() && found->second == *guard.equals
                                    : found == entries.end();
    if (!holds) co_return CommitOutcome::guard_failed;
  }
  for (auto& write : writes) {
    if (!write.add) continue;
    const auto found = entries.find(write.key);
    const auto stored =
        found == entries.end() ? std::optional<std::string>() : std::optional(found->second);
    CO_TRY(write.value, sum(stored, *write.add));
  }
  for (auto& write : writes) {
    if (write.value) {
      entries.insert_or_assign(std::move(write.key), *std::move(write.value));
    } else {
      entries.erase(write.key);
    }
  }
  if (entries.empty()) partitions_.erase(partition);
  co_return CommitOutcome::committed;
}

Task<Result<std::vector<Partition>>> MemoryKv::partitions(Partition after, std::size_t limit) {
  CHECK(limit >= 1);
  std::vector<Partition> names;
  const std::lock_guard lock(mutex_);
  for (auto at = partitions_.upper_bound(after); at != partitions_.end(); ++at) {
    if (names.size() == limit) break;
    if (!at->second.empty()) names.push_back(at->first);
  }
  co_return names;
}

Task<Result<void>> MemoryKv::verify() { co_return Result<void>(); }

}  // namespace larder::storage
