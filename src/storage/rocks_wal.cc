#include "storage/rocks_wal.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "codec/checksums.h"

namespace larder::storage {
namespace {

// RocksDB's log format: blocks of 32 KiB; in them records, none across two blocks: masked CRC-32C
// of type and payload (4 bytes), payload length (2), type (1), payload. A write is one FULL record,
// or FIRST, MIDDLE..., LAST. Little-endian.
constexpr std::size_t block_size = 32 * 1024;
constexpr std::size_t header_size = 7;
constexpr unsigned char type_full = 1;
constexpr unsigned char type_first = 2;

std::uint32_t unmasked(std::uint32_t crc) {
  const std::uint32_t rotated = crc - 0xa282ead8u;
  return rotated >> 17 | rotated << 15;
}

bool intact(std::string_view record) {
  std::uint32_t stored = 0;
  std::memcpy(&stored, record.data(), sizeof stored);
  return crc32c(record.substr(6)) == unmasked(stored);
}

/// Goes through a log. Sets `bad` at the first bad place; false when a write begins behind it.
bool no_write_begins_behind(std::string_view log, bool& bad) {
  for (std::size_t at = 0; at < log.size();) {
    const auto left = block_size - at % block_size;
    if (left < header_size) {  // a block's unused end
      at += left;
      continue;
    }
    if (log.size() - at < header_size) {
      bad = true;
      break;
    }
    const auto low = static_cast<unsigned char>(log[at + 4]);
    const auto high = static_cast<unsigned char>(log[at + 5]);
    const auto type = static_cast<unsigned char>(log[at + 6]);
    const std::size_t size = header_size + (low | high << 8);
    if (type == 0 ||
        size > left) {  // not a header: the next one whose place is known opens the next block
      bad = true;
      at += left;
      continue;
    }
    if (size > log.size() - at) {
      bad = true;
      break;
    }
    if (!intact(log.substr(at, size))) {
      bad = true;
    } else if (bad && (type == type_full || type == type_first)) {
      return false;
    }
    at += size;
  }
  return true;
}

Result<std::string> whole_file(FileSystem& files, const std::string& path) {
  TRY(const auto file, files.open(path));
  TRY(const auto size, file->size());
  std::string content(size, '\0');
  TRY(const auto count, file->read_at(0, content));
  content.resize(count);
  return content;
}

}  // namespace

Result<bool> only_the_last_write_is_torn(FileSystem& files, const std::string& directory) {
  TRY(auto names, files.children(directory));
  std::erase_if(names, [](const std::string& name) { return !name.ends_with(".log"); });
  std::ranges::sort(names);  // numbers of six digits: oldest first
  bool bad = false;
  for (const auto& name : names) {
    TRY(const auto log, whole_file(files, directory + "/" + name));
    if (!no_write_begins_behind(log, bad)) return false;
  }
  return bad;  // nothing bad here: the damage is elsewhere
}

}  // namespace larder::storage
