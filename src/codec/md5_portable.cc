// No more than what the target always has: 128-bit vectors where there are any.
#include "codec/md5_vector.h"

namespace larder::md5_blocks {

void advance_one(std::uint32_t* words, const char* const* data, std::size_t blocks) {
  Word state[4] = {words[0], words[1], words[2], words[3]};
  for (std::size_t n = 0; n < blocks; ++n) {
    Word block[16];
    __builtin_memcpy(block, data[0] + n * block_size, sizeof block);
    add_block(state, block);
  }
  for (int w = 0; w < 4; ++w) words[w] = state[w];
}

void advance_portable(std::uint32_t* words, const char* const* data, std::size_t blocks) {
  advance<lanes_portable>(words, data, blocks);
}

}  // namespace larder::md5_blocks
