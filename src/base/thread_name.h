// Names for threads, so that top -H, perf and a debugger tell them apart.
#pragma once

#include <pthread.h>

#include <string_view>

namespace larder {

/// Of the calling thread, cut to the kernel's 15 characters.
inline void name_this_thread(std::string_view name) {
  char text[16] = {};
  name.copy(text, sizeof text - 1);
  ::pthread_setname_np(::pthread_self(), text);
}

}  // namespace larder
