#include "codec/checksums.h"

#include <isa-l/crc.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

#include "base/check.h"
#include "codec/digest.h"

namespace larder {
namespace {

struct Names {
  std::string_view name, header, element;
  std::size_t size;
};
constexpr Names names[] = {
    {"CRC32", "x-amz-checksum-crc32", "ChecksumCRC32", 4},
    {"CRC32C", "x-amz-checksum-crc32c", "ChecksumCRC32C", 4},
    {"CRC64NVME", "x-amz-checksum-crc64nvme", "ChecksumCRC64NVME", 8},
    {"SHA1", "x-amz-checksum-sha1", "ChecksumSHA1", 20},
    {"SHA256", "x-amz-checksum-sha256", "ChecksumSHA256", 32},
};
const Names& of(ChecksumAlgorithm algorithm) { return names[static_cast<std::size_t>(algorithm)]; }

// CRC-64/NVME: polynomial 0xad93d23594c93659 reflected, all ones in and out ("CRC RevEng", NVM
// Express 1.4 §5.2.1.3.4). ISA-L 2.30 does not have it. Eight tables, eight bytes a step.
constexpr std::uint64_t nvme_polynomial = 0x9a6c9329ac4bc9b5;
constexpr auto nvme_tables = [] {
  std::array<std::array<std::uint64_t, 256>, 8> tables{};
  for (std::uint64_t i = 0; i < 256; ++i) {
    std::uint64_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ nvme_polynomial : crc >> 1;
    tables[0][i] = crc;
  }
  for (std::size_t i = 0; i < 256; ++i)
    for (std::size_t t = 1; t < 8; ++t)
      tables[t][i] = tables[t - 1][i] >> 8 ^ tables[0][tables[t - 1][i] & 0xff];
  return tables;
}();

std::uint64_t crc64nvme(std::string_view bytes, std::uint64_t previous) {
  std::uint64_t crc = ~previous;
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    word ^= crc;
    crc = 0;
    for (std::size_t i = 0; i < 8; ++i) crc ^= nvme_tables[7 - i][word >> (8 * i) & 0xff];
    bytes.remove_prefix(8);
  }
  for (const unsigned char c : bytes) crc = crc >> 8 ^ nvme_tables[0][(crc ^ c) & 0xff];
  return ~crc;
}

template <class Integer>
std::string big_endian(Integer value) {
  std::string out(sizeof value, '\0');
  for (std::size_t i = 0; i < sizeof value; ++i)
    out[sizeof value - 1 - i] = static_cast<char>(value >> (8 * i));
  return out;
}

std::uint64_t from_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const unsigned char c : bytes) value = value << 8 | c;
  return value;
}

template <class Integer, Integer (*Step)(std::string_view, Integer)>
class Crc final : public Checksum {
 public:
  void update(std::string_view bytes) override { value_ = Step(bytes, value_); }
  std::string finish() override { return big_endian(value_); }

 private:
  Integer value_ = 0;
};

std::uint32_t crc32_step(std::string_view bytes, std::uint32_t previous) {
  return static_cast<std::uint32_t>(
      crc32_z(previous, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

class Hashed final : public Checksum {
 public:
  explicit Hashed(Hash hash) : digest_(hash) {}
  void update(std::string_view bytes) override { digest_.update(bytes); }
  std::string finish() override { return digest_.finish(); }

 private:
  Digest digest_;
};

// Multiplication of reflected polynomials over GF(2) modulo the CRC's: how zlib's crc32_combine
// works, for any width.
std::uint64_t multiply(std::uint64_t a, std::uint64_t b, std::uint64_t polynomial, int width) {
  const std::uint64_t top = std::uint64_t{1} << (width - 1);
  std::uint64_t product = 0;
  for (std::uint64_t mask = top; mask != 0; mask >>= 1) {
    if (a & mask) product ^= b;
    b = b & 1 ? b >> 1 ^ polynomial : b >> 1;
  }
  return product;
}

}  // namespace

std::string_view checksum_name(ChecksumAlgorithm algorithm) { return of(algorithm).name; }
std::string_view checksum_header(ChecksumAlgorithm algorithm) { return of(algorithm).header; }
std::string_view checksum_element(ChecksumAlgorithm algorithm) { return of(algorithm).element; }
std::size_t checksum_size(ChecksumAlgorithm algorithm) { return of(algorithm).size; }

std::optional<ChecksumAlgorithm> parse_checksum_name(std::string_view name) {
  for (const auto algorithm : all_checksum_algorithms) {
    if (std::ranges::equal(name, of(algorithm).name,
                           [](unsigned char a, unsigned char b) { return std::toupper(a) == b; }))
      return algorithm;
  }
  return std::nullopt;
}

std::unique_ptr<Checksum> make_checksum(ChecksumAlgorithm algorithm) {
  switch (algorithm) {
    case ChecksumAlgorithm::crc32:
      return std::make_unique<Crc<std::uint32_t, crc32_step>>();
    case ChecksumAlgorithm::crc32c:
      return std::make_unique<Crc<std::uint32_t, crc32c>>();
    case ChecksumAlgorithm::crc64nvme:
      return std::make_unique<Crc<std::uint64_t, crc64nvme>>();
    case ChecksumAlgorithm::sha1:
      return std::make_unique<Hashed>(Hash::sha1);
    case ChecksumAlgorithm::sha256:
      return std::make_unique<Hashed>(Hash::sha256);
  }
  CHECK(false);
}

std::string combine_crc(ChecksumAlgorithm algorithm, std::string_view crc_a, std::string_view crc_b,
                        std::uint64_t length_b) {
  const int width = algorithm == ChecksumAlgorithm::crc64nvme ? 64 : 32;
  const std::uint64_t polynomial = algorithm == ChecksumAlgorithm::crc32    ? 0xedb88320
                                   : algorithm == ChecksumAlgorithm::crc32c ? 0x82f63b78
                                                                            : nvme_polynomial;
  // x^(8 * length_b) by squaring, starting from x^8.
  std::uint64_t power = std::uint64_t{1} << (width - 1) >> 8;
  std::uint64_t shift = std::uint64_t{1} << (width - 1);
  for (; length_b != 0; length_b >>= 1) {
    if (length_b & 1) shift = multiply(shift, power, polynomial, width);
    power = multiply(power, power, polynomial, width);
  }
  const std::uint64_t combined =
      multiply(from_big_endian(crc_a), shift, polynomial, width) ^ from_big_endian(crc_b);
  return width == 64 ? big_endian(combined) : big_endian(static_cast<std::uint32_t>(combined));
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t previous) {
  // ISA-L takes a mutable pointer and an int: feed it in pieces, it does not write.
  std::uint32_t crc = ~previous;
  while (!bytes.empty()) {
    const std::size_t step = std::min<std::size_t>(bytes.size(), 1u << 30);
    auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    crc = crc32_iscsi(data, static_cast<int>(step), crc);
    bytes.remove_prefix(step);
  }
  return ~crc;
}

}  // namespace larder
