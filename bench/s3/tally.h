// What came of a load.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "bench/s3/histogram.h"

namespace larder::bench {

/// A value.
struct Tally {
  std::uint64_t operations = 0;                 // those that succeeded
  std::uint64_t bytes = 0;                      // of their bodies, there and back
  Histogram latency;                            // of the same, nanoseconds
  std::map<std::string, std::uint64_t> errors;  // by status, or by what happened
  std::string complaint;                        // what the first of them said for itself
  std::uint64_t reconnects = 0;                 // after the server had closed
  std::chrono::nanoseconds elapsed{};           // from the first request to the last answer
  std::chrono::nanoseconds cpu{};               // of the load's own threads

  void merge(const Tally& other);
};

}  // namespace larder::bench
