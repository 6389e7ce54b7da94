#include "storage/kv_rules.h"

#include <algorithm>

#include "base/check.h"
#include "storage/errors.h"
#include "storage/little_endian.h"

namespace larder::storage {

KeyRange keys_with_prefix(std::string prefix) {
  std::string end = prefix;
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return {.begin = std::move(prefix), .end = std::move(end)};
}

std::optional<std::string> number_value(std::int64_t number) {
  if (number == 0) return std::nullopt;
  std::string value(sizeof number, '\0');
  put<std::uint64_t>(value.data(), static_cast<std::uint64_t>(number));
  return value;
}

Result<std::int64_t> number_of(const std::optional<std::string>& value) {
  if (!value) return 0;
  if (value->size() != sizeof(std::int64_t))
    return fail(codes::corrupt, "A number in the metadata is damaged.");
  return static_cast<std::int64_t>(take<std::uint64_t>(*value, 0));
}

Result<std::optional<std::string>> sum(const std::optional<std::string>& stored,
                                       std::int64_t amount) {
  TRY(auto number, number_of(stored));
  if (__builtin_add_overflow(number, amount, &number))
    return fail(codes::corrupt, "A number in the metadata has no room for what is added to it.");
  return number_value(number);
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
    CHECK(!write.add || (!write.value && std::ranges::count(writes, write.key, &Write::key) == 1));
    bytes += write.key.size() + (write.value ? write.value->size() : 0) + overhead;
  }
  if (bytes > commit_bytes_max)
    return fail(codes::invalid_argument, "The change is too large to be made at once.");
  return bytes;
}

}  // namespace larder::storage
