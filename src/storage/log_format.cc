#include "storage/log_format.h"

#include <algorithm>
#include <cstring>

#include "codec/checksums.h"
#include "storage/little_endian.h"

namespace larder::storage::log_format {
namespace {

constexpr std::string_view segment_magic = "LARDCLOG";
constexpr std::uint32_t version = 1;
constexpr std::uint32_t record_magic = 0x4345524cu;  // "LREC"
constexpr std::size_t segment_header_crc = 48;       // where it stands: behind what it covers
constexpr std::size_t record_header_crc = 56;

std::string_view view(const LogId& id) { return {id.data(), id.size()}; }

}  // namespace

std::string link_to(std::uint64_t segment) {
  std::string payload(link_size, '\0');
  put<std::uint64_t>(payload.data(), segment);
  return payload;
}

std::uint64_t linked_segment(std::string_view payload) {
  return payload.size() == link_size ? take<std::uint64_t>(payload, 0) : 0;
}

void put_segment_header(char* at, const SegmentHeader& header) {
  std::memset(at, 0, block);
  std::memcpy(at, segment_magic.data(), segment_magic.size());
  put<std::uint32_t>(at + 8, version);
  put<std::uint32_t>(at + 12, block);
  std::memcpy(at + 16, header.id.data(), header.id.size());
  put<std::uint64_t>(at + 32, header.number);
  put<std::uint64_t>(at + 40, header.first);
  put<std::uint32_t>(at + segment_header_crc, crc32c({at, segment_header_crc}));
}

std::optional<SegmentHeader> parse_segment_header(std::string_view bytes) {
  if (bytes.size() < block || !bytes.starts_with(segment_magic)) return std::nullopt;
  if (take<std::uint32_t>(bytes, segment_header_crc) != crc32c(bytes.substr(0, segment_header_crc)))
    return std::nullopt;
  if (take<std::uint32_t>(bytes, 8) != version || take<std::uint32_t>(bytes, 12) != block)
    return std::nullopt;
  SegmentHeader header{
      .id = {}, .number = take<std::uint64_t>(bytes, 32), .first = take<std::uint64_t>(bytes, 40)};
  if (header.number == 0 || header.first == 0) return std::nullopt;
  std::ranges::copy(bytes.substr(16, header.id.size()), header.id.begin());
  return header;
}

void put_record(char* at, const LogId& id, Type type, std::uint64_t sequence, std::uint64_t segment,
                std::string_view payload) {
  std::memset(at, 0, record_header_size);
  put<std::uint32_t>(at, record_magic);
  put<std::uint32_t>(at + 4, static_cast<std::uint32_t>(type));
  put<std::uint64_t>(at + 8, sequence);
  std::memcpy(at + 16, id.data(), id.size());
  put<std::uint64_t>(at + 32, segment);
  put<std::uint32_t>(at + 40, static_cast<std::uint32_t>(payload.size()));
  put<std::uint32_t>(at + 44, crc32c(payload));
  put<std::uint32_t>(at + record_header_crc, crc32c({at, record_header_crc}));
  const std::size_t end = record_header_size + payload.size();
  std::ranges::copy(payload, at + record_header_size);
  std::memset(at + end, 0, record_size(payload.size()) - end);
}

std::optional<RecordHeader> parse_record_header(std::string_view bytes, const LogId& id) {
  if (bytes.size() < record_header_size || take<std::uint32_t>(bytes, 0) != record_magic)
    return std::nullopt;
  if (bytes.substr(16, id.size()) != view(id)) return std::nullopt;
  if (take<std::uint32_t>(bytes, record_header_crc) != crc32c(bytes.substr(0, record_header_crc)))
    return std::nullopt;
  return RecordHeader{.type = static_cast<Type>(take<std::uint32_t>(bytes, 4)),
                      .sequence = take<std::uint64_t>(bytes, 8),
                      .segment = take<std::uint64_t>(bytes, 32),
                      .payload_size = take<std::uint32_t>(bytes, 40),
                      .payload_crc = take<std::uint32_t>(bytes, 44)};
}

std::optional<std::string_view> payload_of(const RecordHeader& header, std::string_view bytes) {
  if (bytes.size() - record_header_size < header.payload_size) return std::nullopt;
  const auto payload = bytes.substr(record_header_size, header.payload_size);
  if (crc32c(payload) != header.payload_crc) return std::nullopt;
  return payload;
}

}  // namespace larder::storage::log_format
