// What the connections of one core share. Everything but `io` and the population is this core's
// thread's alone.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "base/metrics.h"
#include "http/date.h"
#include "http/server.h"
#include "http/wire.h"

namespace larder::http {

class Connection;

/// Counts the connections of all cores. Safe from any thread.
class Population {
 public:
  metrics::Counter accepted;
  metrics::Counter refused;  // there were too many, or no descriptor for it
  metrics::Counter swept;    // a deadline of theirs had passed

  std::size_t count() const { return count_.load(std::memory_order_relaxed); }
  void enter() { count_.fetch_add(1, std::memory_order_relaxed); }
  void leave();
  /// False when somebody is still there after `limit`.
  bool wait_until_empty(std::chrono::milliseconds limit);

 private:
  std::atomic<std::size_t> count_{0};
  std::mutex mutex_;
  std::condition_variable emptied_;
};

/// Buffers for streaming, kept for the next response.
class StreamBuffers {
 public:
  static constexpr std::size_t size = 256 * 1024;
  std::unique_ptr<char[]> take();
  void give(std::unique_ptr<char[]> buffer);

 private:
  static constexpr std::size_t kept_max = 16;
  std::vector<std::unique_ptr<char[]>> free_;
};

class Core {
 public:
  Core(const Clock& clock, const ServerOptions& server_options, Population& everyone);

  /// Sweeps from now on, on this core's thread.
  void start_sweeping();
  /// Lets the thread's io_context run dry.
  void release();

  /// No new requests: idle connections are closed, heads that have begun get little time.
  void stop_accepting();
  /// Ends the waits of every connection and cancels its service.
  void abort_all();

  const ServerOptions& options;
  Population& population;
  DateLine date;
  StreamBuffers stream_buffers;
  std::list<Connection*> connections;
  bool stopping = false;

 private:
  void sweep();
  std::chrono::milliseconds sweep_interval() const;

 public:
  // Last, so that it goes first: the frames it holds refer to the rest.
  boost::asio::io_context io{1};

 private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer sweeper_;
};

}  // namespace larder::http
