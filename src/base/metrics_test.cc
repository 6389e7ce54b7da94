#include "base/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>
#include <vector>

#include "base/metrics_registry.h"
#include "base/testing/exposition.h"

namespace larder::metrics {
namespace {

using testing::parse_exposition;

constexpr std::array<std::uint64_t, 3> bounds{100, 1'000, 10'000};

TEST(Counters, LoseNothingWhateverTheNumberOfThreads) {
  constexpr int threads = 8, times = 20'000;
  Counters row(11);
  Histogram histogram(bounds, 1);
  {
    std::vector<std::jthread> all;
    for (int i = 0; i < threads; ++i)
      all.emplace_back([&] {
        for (int j = 0; j < times; ++j) {
          row.add(static_cast<std::size_t>(j % 11));
          row.add(10, 2);
          histogram.observe(static_cast<std::uint64_t>(j));
        }
      });
  }
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < row.size(); ++i) sum += row.value(i);
  EXPECT_EQ(sum, std::uint64_t{3} * threads * times);
  const std::vector<std::uint64_t> expected{101 * threads, 900 * threads, 9'000 * threads,
                                            9'999 * threads};
  EXPECT_EQ(histogram.counts(), expected);
}

TEST(Histogram, ABoundIsTheLargestValueOfItsBucket) {
  Histogram histogram(bounds, 1);
  for (const std::uint64_t value : {0, 100, 101, 10'000, 10'001}) histogram.observe(value);
  EXPECT_EQ(histogram.counts(), (std::vector<std::uint64_t>{2, 1, 1, 1}));
  EXPECT_EQ(histogram.sum(), 20'202u);
}

TEST(Registry, WritesTheTextFormat) {
  Counter requests;
  requests.add(3);
  Histogram seconds(bounds, microseconds_per_second);
  seconds.observe(250);
  seconds.observe(20'000);
  Registry registry;
  registry.histogram("larder_wait_seconds", "How long.", {{"queue", "commit"}}, seconds);
  registry.counter("larder_requests_total", "All of them.", {}, requests);
  registry.gauge("larder_free_bytes", "What is free.", {}, [] { return 1u << 30; });
  EXPECT_EQ(registry.text(),
            "# HELP larder_free_bytes What is free.\n"
            "# TYPE larder_free_bytes gauge\n"
            "larder_free_bytes 1073741824\n"
            "# HELP larder_requests_total All of them.\n"
            "# TYPE larder_requests_total counter\n"
            "larder_requests_total 3\n"
            "# HELP larder_wait_seconds How long.\n"
            "# TYPE larder_wait_seconds histogram\n"
            "larder_wait_seconds_bucket{queue=\"commit\",le=\"0.0001\"} 0\n"
            "larder_wait_seconds_bucket{queue=\"commit\",le=\"0.001\"} 1\n"
            "larder_wait_seconds_bucket{queue=\"commit\",le=\"0.01\"} 1\n"
            "larder_wait_seconds_bucket{queue=\"commit\",le=\"+Inf\"} 2\n"
            "larder_wait_seconds_sum{queue=\"commit\"} 0.02025\n"
            "larder_wait_seconds_count{queue=\"commit\"} 2\n");
}

TEST(Registry, RowsComeAndGoAndAreInTheOrderOfTheirLabels) {
  std::vector<Registry::Row> rows;
  Registry registry;
  registry.gauges("larder_held", "What is held.", [&] { return rows; });
  const std::string head = "# HELP larder_held What is held.\n# TYPE larder_held gauge\n";
  EXPECT_EQ(registry.text(), head);
  rows.push_back({{{"bucket", "b"}}, 2});
  rows.push_back({{{"bucket", "a\"b"}}, 1});
  EXPECT_EQ(registry.text(),
            head + "larder_held{bucket=\"a\\\"b\"} 1\nlarder_held{bucket=\"b\"} 2\n");
  rows.pop_back();
  EXPECT_EQ(registry.text(), head + "larder_held{bucket=\"b\"} 2\n");
}

TEST(Registry, WhatItWritesIsReadBackWhateverTheLabelsHold) {
  const std::string odd = "a\"b\\c\nd{}=, \xc3\xbc";
  Histogram unused(bounds, 1);
  Registry registry;
  registry.gauge("larder_odd", "A \\ and\na line.", {{"x", odd}, {"y", ""}}, [] { return 0.5; });
  registry.gauge("larder_odd", "A \\ and\na line.", {{"x", "other"}}, [] { return 1e300; });
  registry.gauge("larder_none", "No number.", {}, [] { return std::nan(""); });
  registry.gauge("larder_infinite", "A large one.", {}, [] { return HUGE_VAL; });
  registry.gauge("larder_unknown", "Not known now.", {}, [] { return std::nullopt; });
  registry.counter("larder_unused_total", "0.", {}, [] { return 0; }, Shown::used);
  registry.histogram("larder_unused", "Empty.", {}, unused, Shown::used);
  registry.histogram("larder_empty", "Empty, but shown.", {}, unused);
  const auto read = parse_exposition(registry.text());
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->value("larder_odd", {{"x", odd}, {"y", ""}}), 0.5);
  EXPECT_EQ(read->value("larder_odd", {{"x", "other"}}), 1e300);
  EXPECT_TRUE(std::isnan(read->value("larder_none").value()));
  EXPECT_EQ(read->value("larder_infinite"), HUGE_VAL);
  EXPECT_EQ(read->value("larder_unknown"), std::nullopt);
  EXPECT_EQ(read->value("larder_unused_total"), std::nullopt);
  EXPECT_EQ(read->value("larder_unused_count"), std::nullopt);
  EXPECT_EQ(read->value("larder_empty_count"), 0);
  EXPECT_EQ(read->types.size(), 7u);
}

TEST(RegistryDeathTest, RefusesWhatPrometheusWouldRefuseOrConfuse) {
  const auto gauge = [](std::string_view name, Labels labels) {
    Registry registry;
    registry.gauge(name, "Help.", std::move(labels), [] { return 1; });
  };
  EXPECT_DEATH(gauge("larder-free", {}), "is_name");
  EXPECT_DEATH(gauge("0larder", {}), "is_name");
  EXPECT_DEATH(gauge("larder_total", {}), "_total");
  EXPECT_DEATH(gauge("larder_a", {{"le", "1"}}), "le");
  EXPECT_DEATH(gauge("larder_a", {{"__name__", "1"}}), "__");
  Registry registry;
  registry.gauge("larder_a", "Help.", {{"x", "1"}}, [] { return 1; });
  EXPECT_DEATH(registry.gauge("larder_a", "Other help.", {}, [] { return 1; }), "help");
  EXPECT_DEATH(registry.gauge("larder_a", "Help.", {{"x", "1"}}, [] { return 1; }), "labels");
}

TEST(Exposition, IsReadStrictly) {
  const std::string head = "# HELP a_total A.\n# TYPE a_total counter\n";
  const std::string histogram = "# HELP h H.\n# TYPE h histogram\n";
  EXPECT_TRUE(parse_exposition(head + "a_total{b=\"c\"} 1\n"));
  const std::string wrong[] = {
      "",
      "a_total 1\n",
      head + "a_total 1",
      head + "\na_total 1\n",
      head + "a_total  1\n",
      head + "a_total 1 1\n",
      head + "a_total -1\n",
      head + "a_total one\n",
      head + "b_total 1\n",
      head + "a_total 1\na_total 2\n",
      head + "a_total{b=c} 1\n",
      head + "a_total{b=\"c} 1\n",
      head + "a_total{b=\"\\t\"} 1\n",
      head + "a_total{b=\"c\",} 1\n",
      head + "a_total{b=\"c\",b=\"d\"} 1\n",
      head + head,
      "# HELP a_total A.\na_total 1\n",
      "# TYPE a_total counter\n",
      "# HELP a A.\n# TYPE a counter\n",
      "# HELP b B.\n# TYPE b gauge\n" + head,
      histogram + "h_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n",
      histogram + "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
      histogram + "h_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 2\n",
      histogram + "h_bucket{le=\"+Inf\"} 1\nh_sum 1\n",
      histogram + "h 1\n",
  };
  for (const auto& text : wrong) EXPECT_FALSE(parse_exposition(text)) << text;
}

}  // namespace
}  // namespace larder::metrics
