// The bytes of the commit log, as docs/formats/storage.md has them. Inside storage only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/file_system.h"

namespace larder::storage::log_format {

inline constexpr std::size_t block = BlockFile::block_size;
inline constexpr std::size_t record_header_size = 64;

using LogId = std::array<char, 16>;

enum class Type : std::uint32_t {
  commit = 1,
  marker = 2,  // nothing but its number
  link = 3     // the log goes on in the next segment
};

/// Of a segment, in its first block.
struct SegmentHeader {
  LogId id;
  std::uint64_t number;  // from 1
  std::uint64_t first;   // sequence number of the first record
};

struct RecordHeader {
  Type type;
  std::uint64_t sequence;
  std::uint64_t segment;
  std::uint32_t payload_size;
  std::uint32_t payload_crc;
};

/// A link's payload: the number of the segment.
inline constexpr std::size_t link_size = 8;
std::string link_to(std::uint64_t segment);
std::uint64_t linked_segment(std::string_view payload);

/// Bytes of a record in the file: whole blocks.
constexpr std::size_t record_size(std::size_t payload) {
  return (record_header_size + payload + block - 1) / block * block;
}

/// Fills a block.
void put_segment_header(char* at, const SegmentHeader& header);
/// nullopt: it is none, or damaged.
std::optional<SegmentHeader> parse_segment_header(std::string_view block);

/// Fills record_size(payload.size()) bytes, zeros behind the payload.
void put_record(char* at, const LogId& id, Type type, std::uint64_t sequence, std::uint64_t segment,
                std::string_view payload);
/// nullopt: no header of this log's, or a damaged one.
std::optional<RecordHeader> parse_record_header(std::string_view bytes, const LogId& id);
/// The payload behind the header at the beginning of `bytes`; nullopt when it is damaged or cut.
std::optional<std::string_view> payload_of(const RecordHeader& header, std::string_view bytes);

}  // namespace larder::storage::log_format
