// What is measured at a time: an operation, a size, so many connections; and what came of it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "bench/s3/tally.h"

namespace larder::bench {

enum class Kind { put, get, mixed, list, remove };
/// As on the command line: "put", "delete".
std::string_view name_of(Kind kind);
std::optional<Kind> parse_kind(std::string_view name);

struct Cell {
  Kind kind = Kind::put;
  std::uint64_t size = 0;  // of its objects
  std::size_t connections = 1;
  friend bool operator==(const Cell&, const Cell&) = default;
};

/// Operation by operation, size by size, connections in the order given. What LIST and DELETE cost
/// does not turn on sizes: they have the smallest one only. None of the lists is empty.
std::vector<Cell> matrix(const std::vector<Kind>& kinds, const std::vector<std::uint64_t>& sizes,
                         const std::vector<std::size_t>& connections);

struct Round {
  Tally tally;
  std::optional<std::chrono::nanoseconds> server_cpu{};  // where the server is a process here
  std::uint64_t resident = 0;                            // the server's, at the end
  std::uint64_t peak = 0;                                // of its whole life
};

/// A cell's rounds of each contestant, the same number of each.
struct Measured {
  Cell cell;
  std::vector<std::vector<Round>> rounds{};
};

}  // namespace larder::bench
