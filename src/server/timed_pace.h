// So many bytes a second: how fast stored objects are checked beside requests.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "base/clock.h"
#include "s3/pace.h"

namespace larder::server {

/// One core: waits on the timer of its caller's executor.
class TimedPace final : public s3::Pace {
 public:
  /// `rate`: bytes a second, at least 1; asked after each rest. Both outlive it.
  TimedPace(const Clock& clock, std::function<std::uint64_t()> rate)
      : clock_(clock), rate_of_(std::move(rate)) {}

  Task<Result<void>> spend(std::uint64_t bytes) override;
  Task<Result<void>> rest_until(Time time) override;

 private:
  const Clock& clock_;
  const std::function<std::uint64_t()> rate_of_;
  std::uint64_t rate_ = 0;                           // 0: not asked yet
  std::chrono::steady_clock::time_point free_at_{};  // when what was spent has been earned
};

/// Bytes a second with which all that is on a disk is read in a week, and no fewer than 4 MiB.
std::uint64_t weekly_rate(std::uint64_t bytes_used);

}  // namespace larder::server
