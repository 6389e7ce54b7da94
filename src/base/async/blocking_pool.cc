#include "base/async/blocking_pool.h"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/metrics_registry.h"
#include "base/thread_name.h"

namespace larder {

struct BlockingPool::State {
  const std::size_t queue_limit;
  mutable std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::function<void()>> queue;  // guarded by mutex
  unsigned busy = 0;                        // workers; guarded by mutex
  bool stopping = false;                    // guarded by mutex
  metrics::Counter calls, refused;
  std::vector<std::jthread> workers;

  void work() {
    std::unique_lock lock(mutex);
    for (;;) {
      wake.wait(lock, [this] { return stopping || !queue.empty(); });
      if (queue.empty()) return;
      auto next = std::move(queue.front());
      queue.pop_front();
      ++busy;
      lock.unlock();
      next();
      next = nullptr;
      lock.lock();
      --busy;
    }
  }
};

BlockingPool::BlockingPool(unsigned threads, std::size_t queue_limit)
    : state_(new State{.queue_limit = queue_limit}) {
  for (unsigned i = 0; i < threads; ++i) {
    state_->workers.emplace_back([state = state_.get(), i] {
      name_this_thread(fmt::format("pool-{}", i));
      state->work();
    });
  }
}

BlockingPool::~BlockingPool() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  state_->workers.clear();
}

bool BlockingPool::submit(std::function<void()> work) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->queue.size() >= state_->queue_limit) {
      state_->refused.add();
      return false;
    }
    state_->queue.push_back(std::move(work));
  }
  state_->calls.add();
  state_->wake.notify_one();
  return true;
}

void BlockingPool::register_metrics(metrics::Registry& registry) const {
  const State* const state = state_.get();
  registry.gauge("larder_pool_threads", "Threads for calls that block.", {},
                 [state] { return state->workers.size(); });
  registry.gauge("larder_pool_threads_busy", "Of them, those that run a call.", {}, [state] {
    const std::lock_guard lock(state->mutex);
    return state->busy;
  });
  registry.gauge("larder_pool_queue_length", "Calls that wait for a thread.", {}, [state] {
    const std::lock_guard lock(state->mutex);
    return state->queue.size();
  });
  registry.gauge("larder_pool_queue_limit", "Calls that may wait.", {},
                 [state] { return state->queue_limit; });
  registry.counter("larder_pool_calls_total", "Calls that were taken.", {}, state->calls);
  registry.counter("larder_pool_refused_total",
                   "Calls that found the queue full: their requests were answered SlowDown.", {},
                   state->refused);
}

}  // namespace larder
