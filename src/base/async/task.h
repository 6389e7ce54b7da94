// Task<T>: a coroutine that runs on the core (io_context) it was spawned on.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace larder {

template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace larder
