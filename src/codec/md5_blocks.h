// MD5's block function (RFC 1321 §3.4) on one state and on several at once. Inside codec only:
// md5_lanes.h is what others use. Each function is compiled with its instruction set's flags;
// whoever calls one has asked the CPU.
#pragma once

#include <cstddef>
#include <cstdint>

namespace larder::md5_blocks {

inline constexpr std::size_t block_size = 64;

/// Advances as many states as the function has lanes by `blocks` blocks each. Lane i reads them
/// from data[i], of any alignment; word w of its state is words[w * lanes + i].
using Advance = void (*)(std::uint32_t* words, const char* const* data, std::size_t blocks);

void advance_one(std::uint32_t* words, const char* const* data, std::size_t blocks);
void advance_portable(std::uint32_t* words, const char* const* data, std::size_t blocks);
inline constexpr std::size_t lanes_portable = 4;
#if defined(__x86_64__)
void advance_avx2(std::uint32_t* words, const char* const* data, std::size_t blocks);
inline constexpr std::size_t lanes_avx2 = 8;
void advance_avx512(std::uint32_t* words, const char* const* data, std::size_t blocks);
inline constexpr std::size_t lanes_avx512 = 16;
#endif

}  // namespace larder::md5_blocks
