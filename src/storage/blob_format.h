// The bytes of a blob's file, as docs/formats/storage.md has them. Inside storage only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/blobs.h"

namespace larder::storage::blob_format {

inline constexpr std::uint32_t version = 1;
inline constexpr std::size_t block_payload = 256 * 1024;  // of every block but the last
inline constexpr std::size_t file_header_size = 40;
inline constexpr std::size_t block_header_size = 16;
inline constexpr std::size_t footer_size = 32;

/// How a block's stored bytes come from the blob's bytes.
enum class Transform : std::uint8_t { plain = 0, aes_256_gcm = 1 };

/// What a sealed file says about itself.
struct Summary {
  std::uint64_t length;  // of the blob
  std::uint32_t blocks;
};

std::string file_header(const BlobId& id);
/// Goes before `payload`, the `index`th block's.
void put_block_header(char* at, const BlobId& id, std::uint32_t index, std::string_view payload);
std::string footer(const BlobId& id, const Summary& summary);

/// DataCorrupted when it is not the header of this blob's file; NotImplemented when its version is
/// another.
Result<void> check_file_header(std::string_view bytes, const BlobId& id);
/// DataCorrupted when damaged or when it does not fit `file_size`.
Result<Summary> parse_footer(std::string_view bytes, const BlobId& id, std::uint64_t file_size);
/// `block` is header and payload. DataCorrupted unless it is whole, the `index`th, and plain.
Result<void> check_block(std::string_view block, const BlobId& id, std::uint32_t index);

std::uint32_t block_count(std::uint64_t length);
std::uint64_t block_offset(std::uint32_t index);
/// Payload bytes of a block.
std::size_t block_length(std::uint64_t length, std::uint32_t index);

}  // namespace larder::storage::blob_format
