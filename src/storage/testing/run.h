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
  const auto note = [&](std::exception_ptr e) { failure = e; };
  if constexpr (std::is_void_v<T>) {
    boost::asio::co_spawn(context, std::move(task), note);
    context.run();
    if (failure) std::rethrow_exception(failure);
  } else {
    std::optional<T> value;  // T need not be default-constructible
    auto wrapper = [&]() -> Task<void> { value.emplace(co_await std::move(task)); };
    boost::asio::co_spawn(context, wrapper, note);
    context.run();
    if (failure) std::rethrow_exception(failure);
    return *std::move(value);
  }
}

}  // namespace larder::storage::test
