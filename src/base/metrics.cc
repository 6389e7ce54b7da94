#include "base/metrics.h"

#include <algorithm>
#include <bit>
#include <thread>

#include "base/check.h"

namespace larder::metrics {
namespace {

// Beyond this CPUs share: it bounds the memory, not what can be counted.
constexpr unsigned copies_max = 64;

std::size_t copies_wanted() {
  return std::bit_ceil(std::clamp(std::thread::hardware_concurrency(), 1u, copies_max));
}

}  // namespace

Counters::Counters(std::size_t count)
    : count_(count),
      lines_per_copy_((count + cells_per_line - 1) / cells_per_line),
      copies_(copies_wanted()),
      lines_(std::make_unique<Line[]>(copies_ * lines_per_copy_)) {
  CHECK(count > 0);
}

std::uint64_t Counters::value(std::size_t index) const {
  CHECK(index < count_);
  std::uint64_t sum = 0;
  for (std::size_t copy = 0; copy < copies_; ++copy)
    sum += cell(copy, index).load(std::memory_order_relaxed);
  return sum;
}

Histogram::Histogram(std::span<const std::uint64_t> bounds, std::uint64_t per_unit)
    : bounds_(bounds), per_unit_(per_unit), cells_(bounds.size() + 2) {
  CHECK(!bounds.empty() && per_unit > 0);
  CHECK(std::ranges::adjacent_find(bounds, std::ranges::greater_equal()) == bounds.end());
}

std::vector<std::uint64_t> Histogram::counts() const {
  std::vector<std::uint64_t> counts(bounds_.size() + 1);
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = cells_.value(i);
  return counts;
}

}  // namespace larder::metrics
