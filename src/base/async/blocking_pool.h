// Calls that block (disk, fsync) leave the core: a bounded pool of threads runs them and the
// coroutine resumes where it was.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

#include "base/async/task.h"
#include "base/result.h"

namespace larder::metrics {
class Registry;
}

namespace larder {

class BlockingPool {
 public:
  /// `threads` workers; at most `queue_limit` calls wait for one.
  BlockingPool(unsigned threads, std::size_t queue_limit);
  /// Runs what is queued, then joins.
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  /// Runs `call` (which yields a Result<T>) on a worker; resumes on the caller's executor.
  /// SlowDown, with `call` not run, when the queue is full. From any core. What `call` refers to
  /// must live until it is done: the coroutine's frame does.
  template <class Call>
  Task<std::invoke_result_t<Call>> run(Call call);

  /// larder_pool_*.
  void register_metrics(metrics::Registry& registry) const;

 private:
  /// False, and nothing queued, when the queue is full.
  bool submit(std::function<void()> work);

  struct State;
  std::unique_ptr<State> state_;
};

template <class Call>
Task<std::invoke_result_t<Call>> BlockingPool::run(Call call) {
  using Value = std::invoke_result_t<Call>;
  const auto executor = co_await boost::asio::this_coro::executor;
  std::optional<Value> outcome;
  auto initiate = [&](auto handler) {
    // The handler is move-only; std::function copies.
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    auto resume = [shared, executor] {
      boost::asio::post(executor, [shared] { std::move (*shared)(); });
    };
    auto work = [&outcome, &call, resume] {
      outcome.emplace(call());
      resume();
    };
    if (!submit(work)) {
      outcome.emplace(fail(codes::slow_down, "Please reduce your request rate."));
      resume();
    }
  };
  co_await boost::asio::async_initiate<decltype(boost::asio::use_awaitable), void()>(
      initiate, boost::asio::use_awaitable);
  co_return *std::move(outcome);
}

}  // namespace larder
