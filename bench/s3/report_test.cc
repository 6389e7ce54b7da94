#include "bench/s3/report.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace larder::bench {
namespace {

using namespace std::chrono_literals;

// A round of one second.
Round round(std::uint64_t operations, std::chrono::nanoseconds server_cpu = 500ms) {
  Round out;
  out.tally.operations = operations;
  out.tally.bytes = operations * 4096;
  for (std::uint64_t i = 0; i < operations; ++i) out.tally.latency.record(100'000);
  out.tally.elapsed = 1s;
  out.tally.cpu = 200ms;
  out.server_cpu = server_cpu;
  out.resident = 64 << 20;
  out.peak = 65 << 20;
  return out;
}

const Cell cell{Kind::get, 4096, 16};

TEST(Report, ASummaryIsOverAllRounds) {
  const std::vector<Round> rounds{round(900), round(1100)};
  const Summary summary = summarize(rounds, 1);
  EXPECT_DOUBLE_EQ(summary.rate, 1000);
  EXPECT_DOUBLE_EQ(summary.spread, 0.1);
  EXPECT_DOUBLE_EQ(summary.megabytes, 4.096);
  EXPECT_DOUBLE_EQ(*summary.server_us, 500);
  EXPECT_DOUBLE_EQ(summary.load_us, 200);
  EXPECT_DOUBLE_EQ(summary.load_share, 0.2);
  EXPECT_EQ(summary.latency.count(), 2000u);
}

TEST(Report, ARatioIsTakenRoundByRoundBecauseTheMachineChangesMeanwhile) {
  const std::vector<Round> first{round(100), round(300), round(200)};
  const std::vector<Round> second{round(50), round(100), round(100)};
  const Ratio ratio = ratio_of(first, second);
  EXPECT_DOUBLE_EQ(ratio.least, 2);
  EXPECT_DOUBLE_EQ(ratio.median, 2);
  EXPECT_DOUBLE_EQ(ratio.most, 3);
}

TEST(Report, ARoundWithoutASuccessDividesByNothing) {
  const std::vector<Round> some{round(100)}, none{Round()};
  EXPECT_DOUBLE_EQ(ratio_of(some, none).median, 0);
  EXPECT_DOUBLE_EQ(summarize(none, 1).load_us, 0);
  EXPECT_FALSE(summarize(none, 1).server_us);
}

TEST(Report, TheTableComparesTwo) {
  const std::vector<Measured> measured{{cell, {{round(2000)}, {round(1000)}}}};
  const std::vector<std::string> names{"larder", "other"};
  const std::string table = table_of(measured, names, 1);
  EXPECT_NE(table.find("get        4KiB     16  larder    2,000"), table.npos) << table;
  EXPECT_NE(table.find("get        4KiB     16  ratio      2.00"), table.npos) << table;
  EXPECT_NE(table.find("op/s: 2.00 to 2.00"), table.npos) << table;
}

TEST(Report, ErrorsAndABusyLoadAreRemarked) {
  Round bad = round(1000);
  bad.tally.errors["503"] = 7;
  bad.tally.cpu = 990ms;
  const std::vector<Measured> measured{{cell, {{bad}}}};
  const std::vector<std::string> names{"larder"};
  const std::string table = table_of(measured, names, 1);
  EXPECT_NE(table.find("ERRORS: 7 x 503; the load is busy to 99 %"), table.npos) << table;
  EXPECT_TRUE(has_errors(measured));
}

TEST(Report, TheJsonHasEveryRound) {
  const std::vector<Measured> measured{{cell, {{round(2000), round(1000)}}}};
  const std::vector<std::string> names{"larder"};
  EXPECT_FALSE(has_errors(measured));
  const auto json = boost::json::parse(json_of(measured, names, 1));
  const auto& rounds = json.at("rounds").as_array();
  ASSERT_EQ(rounds.size(), 2u);
  EXPECT_EQ(rounds[1].at("operations").to_number<int>(), 1000);
  EXPECT_EQ(rounds[1].at("operation").as_string(), "get");
  EXPECT_DOUBLE_EQ(rounds[1].at("server_cpu_seconds").as_double(), 0.5);
  EXPECT_DOUBLE_EQ(rounds[1].at("latency_us").at("p50").as_double(), 100);
}

TEST(Report, TheMatrixHasSizesOnlyWhereTheyMatter) {
  const auto cells = matrix({Kind::get, Kind::list}, {1 << 20, 4096}, {1, 16});
  EXPECT_EQ(cells, (std::vector<Cell>{{Kind::get, 1 << 20, 1},
                                      {Kind::get, 1 << 20, 16},
                                      {Kind::get, 4096, 1},
                                      {Kind::get, 4096, 16},
                                      {Kind::list, 4096, 1},
                                      {Kind::list, 4096, 16}}));
  EXPECT_EQ(parse_kind("delete"), Kind::remove);
  EXPECT_FALSE(parse_kind("head"));
}

}  // namespace
}  // namespace larder::bench
