#include "s3/index.h"

#include "base/check.h"
#include "base/limits.h"

namespace larder::s3 {
namespace {

constexpr char escaped_zero = '\xff';
constexpr char terminator = '\x01';
constexpr char after_terminator = '\x02';
constexpr char current_version = '\x00';
constexpr std::size_t upload_id_size = 32;

std::string start(Table table) { return std::string(1, static_cast<char>(table)); }

std::string terminated(Table table, std::string_view key, char end) {
  std::string out = start(table) + escape(key);
  out += '\0';
  out += end;
  return out;
}

}  // namespace

std::string escape(std::string_view key) {
  // Callers check lengths first; one byte more is a bound that no key reaches.
  CHECK(key.size() <= limits::s3_key + 1);
  std::string out;
  out.reserve(key.size() + 2);
  for (const char c : key) {
    out += c;
    if (c == '\0') out += escaped_zero;
  }
  return out;
}

std::string object_key(std::string_view key) {
  return terminated(Table::objects, key, terminator) + current_version;
}

std::string upload_key(std::string_view upload_id) {
  return start(Table::uploads) + std::string(upload_id);
}

std::string upload_name(std::string_view key, std::string_view upload_id) {
  return terminated(Table::upload_keys, key, terminator) + std::string(upload_id);
}

std::string part_key(std::string_view upload_id, std::uint32_t number) {
  std::string out = start(Table::parts) + std::string(upload_id);
  out += static_cast<char>(number >> 8 & 0xff);
  out += static_cast<char>(number & 0xff);
  return out;
}

std::uint32_t part_number(std::string_view part_key) {
  const auto at = part_key.size() - 2;
  return static_cast<std::uint32_t>(static_cast<unsigned char>(part_key[at]) << 8 |
                                    static_cast<unsigned char>(part_key[at + 1]));
}

std::string upload_of_part(std::string_view part_key) {
  return std::string(part_key.substr(1, upload_id_size));
}

std::string garbage_key(const storage::BlobId& blob) {
  const auto& raw = blob.raw();
  return start(Table::garbage) + std::string(reinterpret_cast<const char*>(raw.data()), raw.size());
}

std::string closed_key() { return start(Table::closed); }

storage::KeyRange all_of(Table table) { return storage::keys_with_prefix(start(table)); }

storage::KeyRange parts_of(std::string_view upload_id) {
  return storage::keys_with_prefix(start(Table::parts) + std::string(upload_id));
}

std::optional<SplitKey> split(std::string_view index_key) {
  SplitKey out;
  for (std::size_t i = 1; i < index_key.size(); ++i) {
    if (index_key[i] != '\0') {
      out.key += index_key[i];
      continue;
    }
    if (++i == index_key.size()) return std::nullopt;
    if (index_key[i] == escaped_zero) {
      out.key += '\0';
      continue;
    }
    if (index_key[i] != terminator) return std::nullopt;
    out.suffix = index_key.substr(i + 1);
    return out;
  }
  return std::nullopt;
}

std::string first_with(Table table, std::string_view prefix) {
  return start(table) + escape(prefix);
}

std::string behind_all_with(Table table, std::string_view prefix) {
  return storage::keys_with_prefix(first_with(table, prefix)).end;
}

std::string behind(Table table, std::string_view key) {
  return terminated(table, key, after_terminator);
}

storage::Partition index_partition(const std::string& bucket_id) {
  return "index/" + bucket_id + "/0";
}

Task<Result<std::optional<std::string>>> Index::get(std::string key) {
  co_return co_await kv_.get(partition_, std::move(key));
}

Task<Result<storage::ScanPage>> Index::scan(storage::KeyRange range, std::size_t limit) {
  co_return co_await kv_.scan(partition_, std::move(range), limit);
}

Task<Result<storage::CommitOutcome>> Index::commit(std::vector<storage::Guard> guards,
                                                   std::vector<storage::Write> writes) {
  guards.push_back({closed_key(), std::nullopt});
  co_return co_await kv_.commit(partition_, std::move(guards), std::move(writes));
}

Task<Result<storage::CommitOutcome>> Index::commit_always(std::vector<storage::Guard> guards,
                                                          std::vector<storage::Write> writes) {
  co_return co_await kv_.commit(partition_, std::move(guards), std::move(writes));
}

}  // namespace larder::s3
