#include "http/core.h"

#include <algorithm>

#include "http/connection.h"

namespace larder::http {

void Population::leave() {
  if (count_.fetch_sub(1, std::memory_order_relaxed) > 1) return;
  const std::lock_guard lock(mutex_);
  emptied_.notify_all();
}

bool Population::wait_until_empty(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_for(lock, limit, [this] { return count() == 0; });
}

std::unique_ptr<char[]> StreamBuffers::take() {
  if (free_.empty()) return std::make_unique_for_overwrite<char[]>(size);
  auto buffer = std::move(free_.back());
  free_.pop_back();
  return buffer;
}

void StreamBuffers::give(std::unique_ptr<char[]> buffer) {
  if (free_.size() < kept_max) free_.push_back(std::move(buffer));
}

Core::Core(const Clock& clock, const ServerOptions& server_options, Population& everyone)
    : options(server_options),
      population(everyone),
      date(clock),
      work_(boost::asio::make_work_guard(io)),
      sweeper_(io) {}

// A deadline is met to within a quarter of the shortest one, and never early.
std::chrono::milliseconds Core::sweep_interval() const {
  const auto shortest =
      std::min({options.head_deadline, options.idle_deadline, options.stopping_head_deadline,
                options.body_stall_deadline, options.linger});
  return std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(1000));
}

void Core::start_sweeping() {
  sweeper_.expires_after(sweep_interval());
  sweeper_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    sweep();
    start_sweeping();
  });
}

void Core::sweep() {
  const auto now = std::chrono::steady_clock::now();
  for (Connection* connection : connections) connection->sweep(now);
}

void Core::stop_accepting() {
  stopping = true;
  for (Connection* connection : connections) connection->stop_if_idle();
}

void Core::abort_all() {
  // What is cancelled may end at once and leave the list.
  std::vector<std::shared_ptr<Connection>> all;
  for (Connection* connection : connections) all.push_back(connection->shared_from_this());
  for (const auto& connection : all) connection->abort();
}

void Core::release() {
  sweeper_.cancel();
  work_.reset();
}

}  // namespace larder::http
