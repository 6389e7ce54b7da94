// What was measured, for people and for programs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/s3/cell.h"
#include "bench/s3/histogram.h"

namespace larder::bench {

/// A cell's rounds of one contestant, summed up.
struct Summary {
  double rate = 0;       // successful operations a second, over all rounds
  double spread = 0;     // half the range of the rounds' rates, of `rate`
  double megabytes = 0;  // 10^6 bytes a second
  Histogram latency;
  std::optional<double> server_us;  // of CPU, an operation
  double load_us = 0;               // the same of the load
  double load_share = 0;            // of the load's threads' time: at 1 the load is the limit
  std::uint64_t resident = 0, peak = 0;
  std::map<std::string, std::uint64_t> errors;
};
/// At least one round. `threads` is of the load.
Summary summarize(std::span<const Round> rounds, std::size_t threads);

/// The first's to the second's rate, round by round.
struct Ratio {
  double median = 0, least = 0, most = 0;
};
/// As many rounds of each, at least one. A round without any success counts as rate 0, and a ratio
/// to it as 0.
Ratio ratio_of(std::span<const Round> first, std::span<const Round> second);

/// A line for each cell and contestant; of two contestants a third with their ratios.
std::string table_of(std::span<const Measured> measured, std::span<const std::string> contestants,
                     std::size_t threads);

/// Every round as it was: an object with `contestants` and `rounds`.
std::string json_of(std::span<const Measured> measured, std::span<const std::string> contestants,
                    std::size_t threads);

bool has_errors(std::span<const Measured> measured);

}  // namespace larder::bench
