#include "storage/kv_rules.h"

#include "base/check.h"

namespace larder::storage {

KeyRange keys_with_prefix(std::string prefix) {
  std::string end = prefix;
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return {.begin = std::move(prefix), .end = std::move(end)};
}

void check_key(std::string_view partition, std::string_view key) {
  CHECK(!partition.empty() && partition.size() <= partition_name_bytes_max);
  CHECK(!key.empty() && key.size() <= kv_key_bytes_max);
}

void check_scan(std::string_view partition, std::size_t limit) {
  CHECK(!partition.empty() && partition.size() <= partition_name_bytes_max);
  CHECK(limit >= 1);
}

Result<std::size_t> measure_commit(std::string_view partition, std::span<const Guard> guards,
                                   std::span<const Write> writes) {
  constexpr std::size_t overhead = 64;  // of the objects themselves
  std::size_t bytes = partition.size() + overhead;
  for (const auto& guard : guards) {
    check_key(partition, guard.key);
    CHECK(!guard.equals || !guard.equals->empty());
    bytes += guard.key.size() + (guard.equals ? guard.equals->size() : 0) + overhead;
  }
  for (const auto& write : writes) {
    check_key(partition, write.key);
    CHECK(!write.value || !write.value->empty());
    bytes += write.key.size() + (write.value ? write.value->size() : 0) + overhead;
  }
  if (bytes > commit_bytes_max)
    return fail(codes::invalid_argument, "The change is too large to be made at once.");
  return bytes;
}

}  // namespace larder::storage
