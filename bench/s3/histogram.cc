#include "bench/s3/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>

namespace larder::bench {
namespace {

// A power of two's values share this many buckets; below twice as many every value has its own.
constexpr std::size_t per_doubling = 128;
constexpr int exact_bits = std::bit_width(2 * per_doubling - 1);

std::size_t bucket_of(std::uint64_t value) {
  const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - exact_bits);
  return static_cast<std::size_t>(shift) * per_doubling + (value >> shift);
}

std::uint64_t highest_in(std::size_t bucket) {
  if (bucket < 2 * per_doubling) return bucket;
  const std::size_t shift = bucket / per_doubling - 1;
  return ((bucket - shift * per_doubling + 1) << shift) - 1;
}

}  // namespace

Histogram::Histogram() : buckets_(bucket_of(~std::uint64_t{0}) + 1) {}

void Histogram::record(std::uint64_t value) {
  ++buckets_[bucket_of(value)];
  ++count_;
  max_ = std::max(max_, value);
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

std::uint64_t Histogram::at(double fraction) const {
  const double exact = std::ceil(fraction * static_cast<double>(count_));
  const std::uint64_t wanted = std::clamp<std::uint64_t>(
      exact > 0 ? static_cast<std::uint64_t>(exact) : 0, 1, std::max<std::uint64_t>(count_, 1));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted) return std::min(highest_in(i), max_);
  }
  return max_;
}

}  // namespace larder::bench
