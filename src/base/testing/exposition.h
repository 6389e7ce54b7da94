// Reads Prometheus' text format, version 0.0.4, more strictly than Prometheus does: what Larder
// writes has to be as its own rules say. For tests.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace larder::metrics::testing {

struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value;
};

struct Exposition {
  std::map<std::string, std::string> types;  // of each family
  std::vector<Sample> samples;               // in order

  /// nullopt: there is no such sample.
  std::optional<double> value(std::string_view name,
                              const std::map<std::string, std::string>& labels = {}) const;
  /// All of `name`, whatever their labels.
  double sum(std::string_view name) const;
};

/// Or the first thing that is wrong, with the number of its line. Each line is HELP, TYPE or a
/// sample; families are in order, each with its HELP, its TYPE, then its samples, none of them
/// twice; counters end with _total, and histograms are cumulative and whole.
std::expected<Exposition, std::string> parse_exposition(std::string_view text);

}  // namespace larder::metrics::testing
