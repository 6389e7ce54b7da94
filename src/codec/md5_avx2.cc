// Compiled for CPUs with AVX2, by CMakeLists.txt.
#if defined(__x86_64__)

#include "codec/md5_vector.h"

namespace larder::md5_blocks {

void advance_avx2(std::uint32_t* words, const char* const* data, std::size_t blocks) {
  advance<lanes_avx2>(words, data, blocks);
}

}  // namespace larder::md5_blocks

#endif
