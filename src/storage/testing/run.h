// Runs a Task to its end on an io_context of its own and gives back what it yields. For tests.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/async/task.h"

namespace larder::storage::test {

/// An io_context for the time of one run. It goes back to a list that lives as long as the program:
/// a pool's thread that has posted the last completion may still be on its way out of the context
/// when run() returns, so that destroying it then would be a race. A server has the same order to
/// keep: first the pools and stores, then the io_contexts.
class BorrowedContext {
 public:
  BorrowedContext() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) free_.push_back(std::make_unique<boost::asio::io_context>(1));
    context_ = std::move(free_.back());
    free_.pop_back();
    context_->restart();
  }
  ~BorrowedContext() {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(context_));
  }
  BorrowedContext(const BorrowedContext&) = delete;
  BorrowedContext& operator=(const BorrowedContext&) = delete;
  boost::asio::io_context& operator*() { return *context_; }

 private:
  static inline std::mutex mutex_;
  static inline std::vector<std::unique_ptr<boost::asio::io_context>> free_;
  std::unique_ptr<boost::asio::io_context> context_;
};

/// Also runs what the task left behind on its executor. Throws what the task throws.
template <class T>
T run(Task<T> task) {
  BorrowedContext borrowed;
  auto& context = *borrowed;
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
