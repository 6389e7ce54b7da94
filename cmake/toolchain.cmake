# What every target is compiled with. Clang 19 and nothing else is promised (docs/adr/0001-toolchain.md).
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
  message(FATAL_ERROR "Larder is built with clang 19 or newer, not ${CMAKE_CXX_COMPILER_ID} "
                      "${CMAKE_CXX_COMPILER_VERSION}: cmake --preset dev uses clang++-19 (apt install clang-19)")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# There are no shared libraries of ours: what libraries and programs are compiled with is the same.
add_compile_options(-fPIE)
add_link_options(-pie)

set(LARDER_SANITIZE "" CACHE STRING "sanitizers, as -fsanitize= takes them; empty: none")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough -Werror
                    -Wno-missing-field-initializers -Wno-gnu-zero-variadic-macro-arguments
                    -fno-omit-frame-pointer -fstack-protector-strong)
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -D_FORTIFY_SOURCE=2")

if(LARDER_SANITIZE)
  # Half of -O1's time to compile, and nothing is optimized away before a sanitizer sees it. Pure modules are optimized
  # (larder_module): their tests compute.
  set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
  add_compile_options(-fsanitize=${LARDER_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LARDER_SANITIZE})
  if(LARDER_SANITIZE MATCHES "address")
    # The fuzzers see their way through what they call. In all files, as a precompiled header wants it.
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
endif()

find_program(LARDER_CCACHE ccache)
if(LARDER_CCACHE)
  # Paths below this folder are relative to ccache, so that a second clone finds what the first one compiled. The folder of the
  # build in the debug information may then be another clone's.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=true
                                  CCACHE_SLOPPINESS=pch_defines,time_macros
                                  ${LARDER_CCACHE})
endif()
find_program(LARDER_LLD NAMES ld.lld-19 ld.lld)
if(LARDER_LLD)
  add_link_options(-fuse-ld=lld)
endif()
