#include "server/timed_pace.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace larder::server {
namespace {

// Timers are not for less: a little is read ahead of time.
constexpr std::chrono::milliseconds slack{20};
// The clock may be set meanwhile.
constexpr std::chrono::microseconds rest_at_once = std::chrono::hours(1);
constexpr std::uint64_t rate_min = 4ull << 20;

}  // namespace

std::uint64_t weekly_rate(std::uint64_t bytes_used) {
  constexpr auto week = std::chrono::seconds(std::chrono::days(7)).count();
  return std::max(rate_min, bytes_used / static_cast<std::uint64_t>(week));
}

Task<Result<void>> TimedPace::spend(std::uint64_t bytes) {
  if (rate_ == 0) rate_ = std::max<std::uint64_t>(rate_of_(), 1);
  const auto now = std::chrono::steady_clock::now();
  const std::chrono::nanoseconds cost(bytes * 1'000'000'000 / rate_);
  free_at_ = std::max(free_at_, now) + cost;
  if (free_at_ - now < slack) co_return Result<void>();
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  timer.expires_at(free_at_);
  co_await timer.async_wait(boost::asio::use_awaitable);
  co_return Result<void>();
}

Task<Result<void>> TimedPace::rest_until(Time time) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  for (auto now = clock_.now(); now < time; now = clock_.now()) {
    timer.expires_after(std::min<std::chrono::microseconds>(time - now, rest_at_once));
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
  rate_ = 0;
  co_return Result<void>();
}

}  // namespace larder::server
