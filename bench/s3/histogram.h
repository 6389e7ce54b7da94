// How long requests took: counts in buckets whose width grows with the value, as HdrHistogram's do.
#pragma once

#include <cstdint>
#include <vector>

namespace larder::bench {

/// Of values of any size, in 59 KB. A value. One thread at a time.
class Histogram {
 public:
  Histogram();

  void record(std::uint64_t value);
  void merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  /// Exact; 0 of an empty one.
  std::uint64_t max() const { return max_; }
  /// What `fraction` (0 to 1) of the values do not exceed: at most 1/128 too high, never more than
  /// max(). 0 of an empty one.
  std::uint64_t at(double fraction) const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace larder::bench
