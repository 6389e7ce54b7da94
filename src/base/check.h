// CHECK(condition): a broken invariant of ours ends the program, in release too. Never for input.
#pragma once

namespace larder {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}

#define CHECK(condition)                                      \
  do {                                                        \
    if (!(condition)) [[unlikely]]                            \
      ::larder::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
