// The checksums that S3 clients send along with objects ("Checking object integrity" in the S3 User
// Guide).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace larder {

enum class ChecksumAlgorithm { crc32, crc32c, crc64nvme, sha1, sha256 };

/// `CRC32`, as in x-amz-sdk-checksum-algorithm and in messages.
std::string_view checksum_name(ChecksumAlgorithm algorithm);
/// `x-amz-checksum-crc32`.
std::string_view checksum_header(ChecksumAlgorithm algorithm);
/// `ChecksumCRC32`, the element of XML bodies.
std::string_view checksum_element(ChecksumAlgorithm algorithm);
/// By checksum_name, in any case.
std::optional<ChecksumAlgorithm> parse_checksum_name(std::string_view name);
/// The size of the raw value in bytes.
std::size_t checksum_size(ChecksumAlgorithm algorithm);
inline constexpr ChecksumAlgorithm all_checksum_algorithms[] = {
    ChecksumAlgorithm::crc32, ChecksumAlgorithm::crc32c, ChecksumAlgorithm::crc64nvme,
    ChecksumAlgorithm::sha1, ChecksumAlgorithm::sha256};

/// Incremental. One thread at a time.
class Checksum {
 public:
  virtual ~Checksum() = default;
  virtual void update(std::string_view bytes) = 0;
  /// The raw bytes, big-endian for CRCs. Once.
  virtual std::string finish() = 0;
};
std::unique_ptr<Checksum> make_checksum(ChecksumAlgorithm algorithm);

/// The CRC of A followed by B from the raw CRCs of each and the length of B. Only for the three
/// CRCs.
std::string combine_crc(ChecksumAlgorithm algorithm, std::string_view crc_a, std::string_view crc_b,
                        std::uint64_t length_b);

/// CRC-32C (Castagnoli) of one buffer, continuing from `previous`.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t previous = 0);

}  // namespace larder
