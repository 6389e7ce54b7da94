#include "bench/s3/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "bench/s3/table.h"
#include "bench/s3/units.h"

namespace larder::bench {
namespace {

constexpr double mebibyte = 1 << 20;
// From here on the load, not the server, may be what was measured.
constexpr double load_share_max = 0.9;

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

double quotient(double a, double b) { return b > 0 ? a / b : 0; }

double rate_of(const Round& round) {
  return quotient(static_cast<double>(round.tally.operations), seconds(round.tally.elapsed));
}

std::string time_at(const Histogram& latency, double fraction) {
  return format_time(std::chrono::nanoseconds(latency.at(fraction)));
}

std::string remarks_of(const Summary& summary) {
  std::string out;
  for (const auto& [what, count] : summary.errors)
    out += fmt::format("{}ERRORS: {} x {}", out.empty() ? "" : "; ", count, what);
  if (summary.load_share > load_share_max)
    out += fmt::format("{}the load is busy to {:.0f} %", out.empty() ? "" : "; ",
                       100 * summary.load_share);
  return out;
}

std::vector<std::string> start_of_row(const Cell& cell) {
  return {std::string(name_of(cell.kind)), format_size(cell.size),
          std::to_string(cell.connections)};
}

std::vector<std::string> row_of(const Cell& cell, const std::string& contestant,
                                const Summary& summary) {
  auto row = start_of_row(cell);
  row.insert(
      row.end(),
      {contestant, format_number(summary.rate), fmt::format("{:.1f}", 100 * summary.spread),
       format_number(summary.megabytes), time_at(summary.latency, 0.5),
       time_at(summary.latency, 0.9), time_at(summary.latency, 0.99), time_at(summary.latency, 1),
       summary.server_us ? format_number(*summary.server_us) : "-", format_number(summary.load_us),
       summary.server_us ? format_number(static_cast<double>(summary.resident) / mebibyte) : "-",
       summary.server_us ? format_number(static_cast<double>(summary.peak) / mebibyte) : "-",
       remarks_of(summary)});
  return row;
}

std::vector<std::string> ratio_row_of(const Measured& measured, const Summary& first,
                                      const Summary& second) {
  const auto of_latency = [&](double fraction) {
    return format_number(quotient(static_cast<double>(first.latency.at(fraction)),
                                  static_cast<double>(second.latency.at(fraction))));
  };
  const Ratio ratio = ratio_of(measured.rounds[0], measured.rounds[1]);
  const bool has_cpu = first.server_us && second.server_us;
  auto row = start_of_row(measured.cell);
  row.insert(row.end(),
             {"ratio", format_number(ratio.median), "",
              format_number(quotient(first.megabytes, second.megabytes)), of_latency(0.5),
              of_latency(0.9), of_latency(0.99), of_latency(1),
              has_cpu ? format_number(quotient(*first.server_us, *second.server_us)) : "-", "", "",
              "", fmt::format("op/s: {:.2f} to {:.2f}", ratio.least, ratio.most)});
  return row;
}

boost::json::object json_of_round(const Cell& cell, const std::string& contestant,
                                  std::size_t number, const Round& round) {
  const Tally& tally = round.tally;
  boost::json::object errors, latency;
  for (const auto& [what, count] : tally.errors) errors[what] = count;
  for (const auto& [name, fraction] :
       {std::pair{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1.0}})
    latency[name] = static_cast<double>(tally.latency.at(fraction)) / 1e3;
  boost::json::object out{{"operation", name_of(cell.kind)},
                          {"size", cell.size},
                          {"connections", cell.connections},
                          {"contestant", contestant},
                          {"round", number},
                          {"seconds", seconds(tally.elapsed)},
                          {"operations", tally.operations},
                          {"bytes", tally.bytes},
                          {"latency_us", std::move(latency)},
                          {"load_cpu_seconds", seconds(tally.cpu)},
                          {"reconnects", tally.reconnects},
                          {"errors", std::move(errors)}};
  if (!round.server_cpu) return out;
  out["server_cpu_seconds"] = seconds(*round.server_cpu);
  out["server_resident_bytes"] = round.resident;
  out["server_peak_bytes"] = round.peak;
  return out;
}

}  // namespace

Summary summarize(std::span<const Round> rounds, std::size_t threads) {
  Tally sum;
  std::chrono::nanoseconds elapsed{}, server_cpu{};
  Summary out;
  double least = rate_of(rounds[0]), most = least;
  bool has_cpu = true;
  for (const Round& round : rounds) {
    sum.merge(round.tally);
    elapsed += round.tally.elapsed;
    least = std::min(least, rate_of(round));
    most = std::max(most, rate_of(round));
    has_cpu = has_cpu && round.server_cpu;
    server_cpu += round.server_cpu.value_or(std::chrono::nanoseconds::zero());
    out.resident = std::max(out.resident, round.resident);
    out.peak = std::max(out.peak, round.peak);
  }
  const auto operations = static_cast<double>(sum.operations);
  out.rate = quotient(operations, seconds(elapsed));
  out.spread = quotient((most - least) / 2, out.rate);
  out.megabytes = quotient(static_cast<double>(sum.bytes) / 1e6, seconds(elapsed));
  if (has_cpu) out.server_us = quotient(seconds(server_cpu) * 1e6, operations);
  out.load_us = quotient(seconds(sum.cpu) * 1e6, operations);
  out.load_share = quotient(seconds(sum.cpu), seconds(elapsed) * static_cast<double>(threads));
  out.latency = std::move(sum.latency);
  out.errors = std::move(sum.errors);
  return out;
}

Ratio ratio_of(std::span<const Round> first, std::span<const Round> second) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(first.size(), second.size()); ++i)
    ratios.push_back(quotient(rate_of(first[i]), rate_of(second[i])));
  std::ranges::sort(ratios);
  const std::size_t middle = ratios.size() / 2;
  const double median =
      ratios.size() % 2 == 1 ? ratios[middle] : (ratios[middle - 1] + ratios[middle]) / 2;
  return {.median = median, .least = ratios.front(), .most = ratios.back()};
}

std::string table_of(std::span<const Measured> measured, std::span<const std::string> contestants,
                     std::size_t threads) {
  Table table({{"operation", false},
               {"size"},
               {"conns"},
               {"endpoint", false},
               {"op/s"},
               {"± %"},
               {"MB/s"},
               {"p50"},
               {"p90"},
               {"p99"},
               {"max"},
               {"server µs/op"},
               {"load µs/op"},
               {"RSS MiB"},
               {"peak MiB"},
               {"remarks", false}});
  for (const Measured& each : measured) {
    std::vector<Summary> summaries;
    for (std::size_t i = 0; i < each.rounds.size(); ++i) {
      summaries.push_back(summarize(each.rounds[i], std::min(threads, each.cell.connections)));
      table.add(row_of(each.cell, contestants[i], summaries.back()));
    }
    if (summaries.size() == 2) table.add(ratio_row_of(each, summaries[0], summaries[1]));
  }
  return table.str();
}

std::string json_of(std::span<const Measured> measured, std::span<const std::string> contestants,
                    std::size_t threads) {
  boost::json::array rounds;
  for (const Measured& each : measured)
    for (std::size_t i = 0; i < each.rounds.size(); ++i)
      for (std::size_t number = 0; number < each.rounds[i].size(); ++number)
        rounds.push_back(json_of_round(each.cell, contestants[i], number, each.rounds[i][number]));
  boost::json::array names(contestants.begin(), contestants.end());
  return boost::json::serialize(boost::json::object{{"contestants", std::move(names)},
                                                    {"load_threads", threads},
                                                    {"rounds", std::move(rounds)}}) +
         "\n";
}

bool has_errors(std::span<const Measured> measured) {
  for (const Measured& each : measured)
    for (const auto& rounds : each.rounds)
      for (const Round& round : rounds)
        if (!round.tally.errors.empty()) return true;
  return false;
}

}  // namespace larder::bench
