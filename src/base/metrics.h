// What the program counts of itself. Whoever counts owns the counters and histograms, as members; a
// Registry (base/metrics_registry.h) lists where they are. There is no gauge to set: a gauge is
// read, when it is asked for, from whoever knows the value.
//
// Counting is safe from any thread, takes no lock, allocates nothing and costs some nanoseconds
// however many threads do it: each CPU adds to a copy of its own, and a reader adds up the copies.
// Numbers that change together may be read at slightly different moments.
#pragma once

#include <sched.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace larder::metrics {

/// A row of numbers that only grow.
class Counters {
 public:
  explicit Counters(std::size_t count);

  /// `index` is below `count`.
  void add(std::size_t index, std::uint64_t amount = 1) {
    cell(own_copy(), index).fetch_add(amount, std::memory_order_relaxed);
  }
  std::uint64_t value(std::size_t index) const;
  std::size_t size() const { return count_; }

 private:
  static constexpr std::size_t cells_per_line = 8;
  struct alignas(64) Line {
    std::array<std::atomic<std::uint64_t>, cells_per_line> cells{};
  };

  // A thread that is moved to another CPU here only shares that CPU's copy for one addition.
  std::size_t own_copy() const { return static_cast<unsigned>(::sched_getcpu()) & (copies_ - 1); }
  std::atomic<std::uint64_t>& cell(std::size_t copy, std::size_t index) const {
    return lines_[copy * lines_per_copy_ + index / cells_per_line].cells[index % cells_per_line];
  }

  const std::size_t count_;
  const std::size_t lines_per_copy_;
  const std::size_t copies_;  // a power of two
  const std::unique_ptr<Line[]> lines_;
};

/// One number that only grows.
class Counter {
 public:
  void add(std::uint64_t amount = 1) { row_.add(0, amount); }
  std::uint64_t value() const { return row_.value(0); }

 private:
  Counters row_{1};
};

/// How many values fell into each bucket, and their sum.
class Histogram {
 public:
  /// `bounds`, ascending, are each the largest value of a bucket; above the last there is one more.
  /// They outlive it. Values are whole numbers of which `per_unit` make one of the unit that is
  /// shown: 1'000'000 for microseconds shown as seconds.
  Histogram(std::span<const std::uint64_t> bounds, std::uint64_t per_unit);

  void observe(std::uint64_t value) {
    std::size_t bucket = 0;
    for (const auto bound : bounds_) bucket += value > bound;
    cells_.add(bucket);
    cells_.add(bounds_.size() + 1, value);
  }

  std::span<const std::uint64_t> bounds() const { return bounds_; }
  std::uint64_t per_unit() const { return per_unit_; }
  /// Of each bucket, the last one too: not cumulated.
  std::vector<std::uint64_t> counts() const;
  std::uint64_t sum() const { return cells_.value(bounds_.size() + 1); }

 private:
  const std::span<const std::uint64_t> bounds_;
  const std::uint64_t per_unit_;
  Counters cells_;
};

/// Bounds, in microseconds, of what takes from a few system calls to a slow disk.
inline constexpr std::array<std::uint64_t, 14> latency_bounds_microseconds{
    100,    250,    500,     1'000,   2'500,   5'000,     10'000,
    25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 10'000'000};
inline constexpr std::uint64_t microseconds_per_second = 1'000'000;

}  // namespace larder::metrics
