// Are the numbers of what buckets hold what is there? For tests.
#pragma once

#include "s3/testing/world.h"

namespace larder::s3::test {

class Unhurried final : public Pace {
 public:
  Task<Result<void>> spend(std::uint64_t) override { co_return Result<void>(); }
  Task<Result<void>> rest_until(Time) override { co_return Result<void>(); }
};

/// Counts every bucket's index, and compares it with the stored numbers and those in memory.
void expect_exact_use(World& world, storage::Kv& kv);

}  // namespace larder::s3::test
