#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace larder {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "larder: broken invariant: %s at %s:%d; this is a bug, please report it\n",
               condition, file, line);
  std::abort();
}

}  // namespace larder
