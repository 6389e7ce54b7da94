#include "storage/blob_format.h"

#include <algorithm>
#include <cstring>

#include "codec/checksums.h"
#include "storage/errors.h"
#include "storage/little_endian.h"

namespace larder::storage::blob_format {
namespace {

constexpr std::string_view header_magic = "LARDBLOB";
constexpr std::string_view footer_magic = "LARDSEAL";

std::string_view raw(const BlobId& id) {
  return {reinterpret_cast<const char*>(id.raw().data()), id.raw().size()};
}

bool zeros(std::string_view bytes) {
  return std::ranges::all_of(bytes, [](char c) { return !c; });
}

std::unexpected<Error> damaged(const BlobId& id, std::string_view what) {
  return fail(codes::corrupt, "blob " + id.str() + ": " + std::string(what));
}

std::uint32_t block_crc(std::string_view header, const BlobId& id, std::string_view payload) {
  return crc32c(payload, crc32c(header.substr(0, 12), crc32c(raw(id))));
}

}  // namespace

std::string file_header(const BlobId& id) {
  std::string bytes(file_header_size, '\0');
  std::memcpy(bytes.data(), header_magic.data(), header_magic.size());
  put<std::uint32_t>(bytes.data() + 8, version);
  put<std::uint32_t>(bytes.data() + 12, block_payload);
  std::memcpy(bytes.data() + 16, id.raw().data(), 16);
  put<std::uint32_t>(bytes.data() + 36, crc32c(std::string_view(bytes).substr(0, 36)));
  return bytes;
}

void put_block_header(char* at, const BlobId& id, std::uint32_t index, std::string_view payload) {
  std::memset(at, 0, block_header_size);
  at[0] = static_cast<char>(Transform::plain);
  put<std::uint32_t>(at + 4, static_cast<std::uint32_t>(payload.size()));
  put<std::uint32_t>(at + 8, index);
  put<std::uint32_t>(at + 12, block_crc({at, block_header_size}, id, payload));
}

std::string footer(const BlobId& id, const Summary& summary) {
  std::string bytes(footer_size, '\0');
  std::memcpy(bytes.data(), footer_magic.data(), footer_magic.size());
  put<std::uint64_t>(bytes.data() + 8, summary.length);
  put<std::uint32_t>(bytes.data() + 16, summary.blocks);
  put<std::uint32_t>(bytes.data() + 28,
                     crc32c(std::string_view(bytes).substr(0, 28), crc32c(raw(id))));
  return bytes;
}

Result<void> check_file_header(std::string_view bytes, const BlobId& id) {
  if (bytes.size() != file_header_size || !bytes.starts_with(header_magic))
    return damaged(id, "not a blob's file");
  if (take<std::uint32_t>(bytes, 36) != crc32c(bytes.substr(0, 36)))
    return damaged(id, "the file's header is damaged");
  if (take<std::uint32_t>(bytes, 8) != version)
    return fail(codes::not_implemented, "blob " + id.str() + " has a newer format");
  if (take<std::uint32_t>(bytes, 12) != block_payload || bytes.substr(16, 16) != raw(id) ||
      !zeros(bytes.substr(32, 4)))
    return damaged(id, "the file belongs to something else");
  return {};
}

Result<Summary> parse_footer(std::string_view bytes, const BlobId& id, std::uint64_t file_size) {
  if (bytes.size() != footer_size || !bytes.starts_with(footer_magic) ||
      take<std::uint32_t>(bytes, 28) != crc32c(bytes.substr(0, 28), crc32c(raw(id))))
    return damaged(id, "the file's end is damaged or missing");
  const Summary summary{.length = take<std::uint64_t>(bytes, 8),
                        .blocks = take<std::uint32_t>(bytes, 16)};
  const auto expected = file_header_size + summary.length +
                        std::uint64_t{summary.blocks} * block_header_size + footer_size;
  if (summary.blocks != block_count(summary.length) || file_size != expected)
    return damaged(id, "the file's size is wrong");
  return summary;
}

Result<void> check_block(std::string_view block, const BlobId& id, std::uint32_t index) {
  if (block.size() < block_header_size) return damaged(id, "a block is cut short");
  const auto header = block.substr(0, block_header_size);
  const auto payload = block.substr(block_header_size);
  if (take<std::uint32_t>(header, 12) != block_crc(header, id, payload))
    return damaged(id, "a block does not match its checksum");
  if (take<std::uint32_t>(header, 4) != payload.size() || take<std::uint32_t>(header, 8) != index ||
      !zeros(header.substr(1, 3)))
    return damaged(id, "a block is not the one that belongs there");
  if (static_cast<Transform>(header[0]) != Transform::plain)
    return fail(codes::not_implemented, "blob " + id.str() + " has an unknown transform");
  return {};
}

std::uint32_t block_count(std::uint64_t length) {
  return static_cast<std::uint32_t>((length + block_payload - 1) / block_payload);
}

std::uint64_t block_offset(std::uint32_t index) {
  return file_header_size + std::uint64_t{index} * (block_header_size + block_payload);
}

std::size_t block_length(std::uint64_t length, std::uint32_t index) {
  return std::min<std::uint64_t>(block_payload, length - std::uint64_t{index} * block_payload);
}

}  // namespace larder::storage::blob_format
