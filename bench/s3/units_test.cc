#include "bench/s3/units.h"

#include <gtest/gtest.h>

namespace larder::bench {
namespace {

using std::chrono::nanoseconds;

TEST(Units, ASizeIsReadAsPeopleWriteIt) {
  EXPECT_EQ(parse_size("512"), 512u);
  EXPECT_EQ(parse_size("0"), 0u);
  EXPECT_EQ(parse_size("4KiB"), 4096u);
  EXPECT_EQ(parse_size("64k"), 65536u);
  EXPECT_EQ(parse_size("1mib"), 1u << 20);
  EXPECT_EQ(parse_size("5GiB"), std::uint64_t{5} << 30);
}

TEST(Units, WhatIsNoSizeIsRefused) {
  for (const auto* text :
       {"", "KiB", "4XiB", "4KiBs", "-1", "6GiB", "99999999999999999999", "1.5M"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(Units, ASizeIsWrittenInTheLargestUnitThatDividesIt) {
  EXPECT_EQ(format_size(0), "0B");
  EXPECT_EQ(format_size(1000), "1000B");
  EXPECT_EQ(format_size(4096), "4KiB");
  EXPECT_EQ(format_size(1536), "1536B");
  EXPECT_EQ(format_size(64 << 20), "64MiB");
}

TEST(Units, TimesHaveThreeFigures) {
  EXPECT_EQ(format_time(nanoseconds(870)), "870 ns");
  EXPECT_EQ(format_time(nanoseconds(93'140)), "93.1 µs");
  EXPECT_EQ(format_time(nanoseconds(1'254'000)), "1.25 ms");
  EXPECT_EQ(format_time(nanoseconds(999'400'000)), "999 ms");
  EXPECT_EQ(format_time(nanoseconds(12'000'000'000)), "12.0 s");
}

TEST(Units, NumbersHaveCommasBetweenThousands) {
  EXPECT_EQ(format_number(0), "0.00");
  EXPECT_EQ(format_number(0.523), "0.52");
  EXPECT_EQ(format_number(93.14), "93.1");
  EXPECT_EQ(format_number(999.6), "1,000");
  EXPECT_EQ(format_number(12'345.6), "12,346");
  EXPECT_EQ(format_number(1'234'567), "1,234,567");
}

}  // namespace
}  // namespace larder::bench
