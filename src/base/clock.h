// Time comes in by constructor. Only the programs' main functions name SystemClock.
#pragma once

#include <chrono>

namespace larder {

/// Wall-clock time, UTC, microseconds.
using Time = std::chrono::sys_time<std::chrono::microseconds>;
using Seconds = std::chrono::seconds;

/// Safe from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const override;
};

/// Stands still until it is told; for tests and for replaying.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start) : now_(start) {}
  Time now() const override { return now_; }
  void set(Time time) { now_ = time; }
  void advance(std::chrono::microseconds by) { now_ += by; }

 private:
  Time now_;
};

}  // namespace larder
