// Runs a Task to its end on an io_context of its own and gives back what it yields. For tests.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/async/task.h"

namespace larder::storage::test {

/// Also runs what the task left behind on its executor. Throws what the task throws.
template <class T>
T run(Task<T> task) {
  boost::asio::io_context context(1);
  std::exception_ptr failure;
  if constexpr (std::is_void_v<T>) {
    boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr e) { failure = e; });
    context.run();
    if (failure) std::rethrow_exception(failure);
  } else {
    std::optional<T> value;
    boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr e, T result) {
      failure = e;
      if (!e) value.emplace(std::move(result));
    });
    context.run();
    if (failure) std::rethrow_exception(failure);
    return *std::move(value);
  }
}

}  // namespace larder::storage::test
