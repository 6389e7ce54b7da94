// MD5 of several streams at once. One MD5 is a chain of steps that each wait for the one before, so
// that a core idles most of the time; the steps of several streams fit into the lanes of one
// vector. Debian has no library for it. Tested against OpenSSL's MD5.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace larder {

/// The instructions that the lanes are made of. The digests are the same.
enum class Md5Path { portable, avx2, avx512 };

/// Those that this CPU has, the widest last; never empty.
std::span<const Md5Path> md5_paths();
/// How many streams advance together: 4, 8 or 16.
std::size_t md5_lanes(Md5Path path);

/// One stream's MD5 (RFC 1321). A value. One thread at a time.
class Md5 {
 public:
  /// Alone, at the speed of OpenSSL's.
  void update(std::string_view bytes);
  /// The raw 16 bytes. Once; nothing may follow.
  std::string finish();

 private:
  friend class Md5Lanes;
  static constexpr std::size_t block_size = 64;

  std::array<std::uint32_t, 4> words_ = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  std::array<char, block_size> begun_{};  // the block that is not full yet
  std::uint64_t length_ = 0;
};

struct Md5Update {
  Md5* stream;  // each its own
  std::string_view bytes;
};
/// As stream->update(bytes) for each: any number of streams, of any lengths. Best when there are as
/// many as md5_lanes(path) and their lengths are alike; one or two are not slower than by
/// themselves. `path` is one of md5_paths().
void md5_update(std::span<const Md5Update> updates, Md5Path path);

}  // namespace larder
