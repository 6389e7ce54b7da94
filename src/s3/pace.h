// How fast a check of stored objects may go on.
#pragma once

#include <cstdint>

#include "base/async/task.h"
#include "base/clock.h"
#include "base/result.h"

namespace larder::s3 {

/// One checker, one core. An error of either ends the check with it.
class Pace {
 public:
  virtual ~Pace() = default;
  /// Told that `bytes` were read; resumes when more may be.
  virtual Task<Result<void>> spend(std::uint64_t bytes) = 0;
  /// Resumes at `time`, at once when that has passed.
  virtual Task<Result<void>> rest_until(Time time) = 0;
};

}  // namespace larder::s3
