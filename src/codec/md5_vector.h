// The body of md5_blocks.h's functions, for any number of lanes. Included by one file per
// instruction set, each with its own compiler flags. Hence everything here has internal linkage and
// calls no inline function of others: the linker keeps one copy of such a function, and it could be
// the one with instructions that the CPU lacks.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "codec/md5_blocks.h"

namespace larder::md5_blocks {
namespace {

static_assert(std::endian::native == std::endian::little, "MD5 reads little-endian words");

using Word = std::uint32_t;

template <int lanes>
struct VectorOf {
  using Type [[gnu::vector_size(4 * lanes)]] = Word;
};
/// A word of each lane.
template <int lanes>
using Vector = VectorOf<lanes>::Type;

// floor(2^32 * abs(sin(i + 1))).
constexpr Word sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
constexpr int rotations[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
// The word of the block that step i of a round takes is (factor * i + offset) % 16.
constexpr int word_factors[4] = {1, 5, 3, 7};
constexpr int word_offsets[4] = {0, 1, 5, 0};

/// What has been summed up so far stays one term. The compiler, free to order a sum, would add the
/// constant last of all, and every step waits for the last addition of the step before.
template <class V>
[[gnu::always_inline]] inline void settle(V& value) {
  if constexpr (sizeof(V) == sizeof(Word)) {
    asm("" : "+r"(value));
  } else {
#if defined(__x86_64__)
    asm("" : "+v"(value));
#elif defined(__aarch64__)
    asm("" : "+w"(value));
#endif
  }
}

/// Instead of moving the four words round, each step names them anew.
template <int i, class V>
[[gnu::always_inline]] inline void step(V (&state)[4], const V (&block)[16]) {
  constexpr int round = i / 16;
  constexpr int word = (word_factors[round] * i + word_offsets[round]) % 16;
  constexpr int left = rotations[round][i % 4];
  const V b = state[(65 - i) % 4];  // what the step before has made: the sooner used, the slower
  const V c = state[(66 - i) % 4];
  const V d = state[(67 - i) % 4];
  V sum = state[(64 - i) % 4] + block[word] + sines[i];
  settle(sum);
  if constexpr (round == 0) {
    sum += d ^ (b & (c ^ d));
  } else if constexpr (round == 1) {
    sum += c & ~d;  // the two have no bit in common: their sum is their union
    settle(sum);
    sum += b & d;
  } else if constexpr (round == 2) {
    V both = c ^ d;
    settle(both);
    sum += b ^ both;
  } else {
    sum += c ^ (b | ~d);
  }
  state[(64 - i) % 4] = ((sum << left) | (sum >> (32 - left))) + b;
}

template <class V, int... i>
[[gnu::always_inline]] inline void steps(V (&state)[4], const V (&block)[16],
                                         std::integer_sequence<int, i...>) {
  (step<i>(state, block), ...);
}

template <class V>
[[gnu::always_inline]] inline void add_block(V (&state)[4], const V (&block)[16]) {
  const V before[4] = {state[0], state[1], state[2], state[3]};
  steps(state, block, std::make_integer_sequence<int, 64>());
  for (int w = 0; w < 4; ++w) state[w] += before[w];
}

template <class Half, int... i>
[[gnu::always_inline]] inline auto joined(Half low, Half high, std::integer_sequence<int, i...>) {
  return __builtin_shufflevector(low, high, i...);
}

/// 16 bytes at `at` of each of the lanes first, first + 4, first + 8...
template <int lanes>
[[gnu::always_inline]] inline Vector<lanes> row(const char* const* data, int first,
                                                std::size_t at) {
  if constexpr (lanes == 4) {
    Vector<4> quarter;
    __builtin_memcpy(&quarter, data[first] + at, sizeof quarter);
    return quarter;
  } else {
    return joined(row<lanes / 2>(data, first, at), row<lanes / 2>(data, first + lanes / 2, at),
                  std::make_integer_sequence<int, lanes>());
  }
}

// In each 128 bits: the lower (from 0) or upper (from 2) two words of both, alternating...
template <int from, class V, int... i>
[[gnu::always_inline]] inline V words_of(V a, V b, std::integer_sequence<int, i...>) {
  constexpr int lanes = sizeof...(i);
  return __builtin_shufflevector(a, b, (i % 2 * lanes + i / 4 * 4 + i % 4 / 2 + from)...);
}
// ...or one behind the other.
template <int from, class V, int... i>
[[gnu::always_inline]] inline V pairs_of(V a, V b, std::integer_sequence<int, i...>) {
  constexpr int lanes = sizeof...(i);
  return __builtin_shufflevector(a, b, (i % 4 / 2 * lanes + i / 4 * 4 + i % 2 + from)...);
}

/// The block that begins at `at` of each lane: the lanes' bytes become words of all lanes.
template <int lanes>
[[gnu::always_inline]] inline void load_block(Vector<lanes> (&block)[16], const char* const* data,
                                              std::size_t at) {
  using V = Vector<lanes>;
  constexpr std::make_integer_sequence<int, lanes> all;
  for (int quarter = 0; quarter < 4; ++quarter) {
    V rows[4];
    for (int i = 0; i < 4; ++i)
      rows[i] = row<lanes>(data, i, at + static_cast<std::size_t>(16 * quarter));
    const V low_01 = words_of<0>(rows[0], rows[1], all);
    const V low_23 = words_of<0>(rows[2], rows[3], all);
    const V high_01 = words_of<2>(rows[0], rows[1], all);
    const V high_23 = words_of<2>(rows[2], rows[3], all);
    block[4 * quarter] = pairs_of<0>(low_01, low_23, all);
    block[4 * quarter + 1] = pairs_of<2>(low_01, low_23, all);
    block[4 * quarter + 2] = pairs_of<0>(high_01, high_23, all);
    block[4 * quarter + 3] = pairs_of<2>(high_01, high_23, all);
  }
}

template <int lanes>
[[gnu::always_inline]] inline void advance(Word* words, const char* const* data,
                                           std::size_t blocks) {
  using V = Vector<lanes>;
  V state[4];
  for (int w = 0; w < 4; ++w) __builtin_memcpy(&state[w], words + w * lanes, sizeof(V));
  for (std::size_t n = 0; n < blocks; ++n) {
    V block[16];
    load_block<lanes>(block, data, n * block_size);
    add_block(state, block);
  }
  for (int w = 0; w < 4; ++w) __builtin_memcpy(words + w * lanes, &state[w], sizeof(V));
}

}  // namespace
}  // namespace larder::md5_blocks
