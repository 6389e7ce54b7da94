# Precompiled headers, for presets that are mostly built from nothing (by ./test and ./quickstart): a third of the time that a
# file takes to compile goes into the standard library's, Asio's and GoogleTest's headers. Off in dev: there a missing #include
# shows, and ccache shares what it has between clones.
option(LARDER_PRECOMPILE "precompile the standard library's, Asio's and GoogleTest's headers" OFF)

# Modules that must not see Asio.
set(larder_pure_modules base codec sigv4 policy)

set(larder_pure_headers
    <algorithm> <array> <charconv> <chrono> <compare> <cstddef> <cstdint> <cstring> <deque> <expected> <functional>
    <iostream> <list> <map> <memory> <mutex> <optional> <ranges> <set> <span> <string> <string_view> <thread>
    <unordered_map> <utility> <variant> <vector> <fmt/format.h> <boost/json.hpp>)
set(larder_asio_headers
    <boost/asio/as_tuple.hpp> <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/detached.hpp>
    <boost/asio/generic/stream_protocol.hpp> <boost/asio/io_context.hpp> <boost/asio/post.hpp>
    <boost/asio/steady_timer.hpp> <boost/asio/this_coro.hpp> <boost/asio/use_awaitable.hpp>)

if(LARDER_PRECOMPILE)
  # Without a time in the header ccache can tell that it is the same one.
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
endif()

# One of four headers: of a pure module or of one that may see Asio, of the module or of its tests. Made when it is asked
# for first.
function(larder_precompile target module is_test)
  if(NOT LARDER_PRECOMPILE)
    return()
  endif()
  set(kind larder_precompiled_asio)
  set(headers ${larder_pure_headers} ${larder_asio_headers})
  set(libraries larder_async Boost::json)
  if(module IN_LIST larder_pure_modules)
    set(kind larder_precompiled_pure)
    set(headers ${larder_pure_headers})
    set(libraries fmt::fmt Boost::json)
  endif()
  if(is_test)
    string(APPEND kind _test)
    list(APPEND headers <gtest/gtest.h>)
    list(APPEND libraries GTest::gtest)
  endif()
  if(NOT TARGET ${kind})
    set(empty ${CMAKE_BINARY_DIR}/${kind}.cc)
    file(WRITE ${empty} "")
    add_library(${kind} OBJECT ${empty})
    target_link_libraries(${kind} PRIVATE ${libraries})
    target_precompile_headers(${kind} PRIVATE ${headers})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${kind})
endfunction()
