#include "bench/s3/histogram.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace larder::bench {
namespace {

TEST(Histogram, AnEmptyOneHasOnlyZeros) {
  const Histogram empty;
  EXPECT_EQ(empty.count(), 0u);
  EXPECT_EQ(empty.max(), 0u);
  EXPECT_EQ(empty.at(0.5), 0u);
}

TEST(Histogram, SmallValuesAreExact) {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 200; ++value) histogram.record(value);
  EXPECT_EQ(histogram.at(0), 1u);
  EXPECT_EQ(histogram.at(0.5), 100u);
  EXPECT_EQ(histogram.at(0.99), 198u);
  EXPECT_EQ(histogram.at(1), 200u);
}

TEST(Histogram, AnyValueIsFoundWithinOneIn128) {
  for (std::uint64_t value = 1; value < (std::uint64_t{1} << 62); value = value * 3 + 1) {
    Histogram histogram;
    histogram.record(value);
    histogram.record(~std::uint64_t{0});
    const std::uint64_t found = histogram.at(0.5);
    EXPECT_GE(found, value);
    EXPECT_LE(found - value, value / 128) << value;
  }
}

TEST(Histogram, APercentileIsNeverAboveTheMaximumThatWasSeen) {
  Histogram histogram;
  histogram.record(1'000'003);
  EXPECT_EQ(histogram.max(), 1'000'003u);
  EXPECT_EQ(histogram.at(0.99), 1'000'003u);
}

TEST(Histogram, MergedOnesAreAsIfRecordedInOne) {
  Histogram a, b, both;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    (i % 3 == 0 ? a : b).record(i * i);
    both.record(i * i);
  }
  a.merge(b);
  EXPECT_EQ(a.count(), both.count());
  EXPECT_EQ(a.max(), both.max());
  for (const double fraction : {0.01, 0.5, 0.9, 0.999})
    EXPECT_EQ(a.at(fraction), both.at(fraction));
}

}  // namespace
}  // namespace larder::bench
