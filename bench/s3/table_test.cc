#include "bench/s3/table.h"

#include <gtest/gtest.h>

namespace larder::bench {
namespace {

TEST(Table, WordsStandLeftNumbersRightAndColumnsAreAsWideAsTheyMust) {
  Table table({{"operation", false}, {"op/s"}, {"p50"}, {"errors", false}});
  table.add({"PUT", "12,345", "93.1 µs", ""});
  table.add({"GET", "7", "1.25 ms", "3 of 503"});
  EXPECT_EQ(table.str(),
            "operation    op/s      p50  errors\n"
            "PUT        12,345  93.1 µs\n"
            "GET             7  1.25 ms  3 of 503\n");
}

}  // namespace
}  // namespace larder::bench
