// Sizes, times and counts as people write and read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace larder::bench {

/// "512", "4KiB", "1MiB", "1GiB", the letters in any case, "B" and "iB" optional. invalid_argument
/// for anything else and for more than 5 GiB, the most that one PUT may be (S3 User Guide).
Result<std::uint64_t> parse_size(std::string_view text);
/// In the largest unit that divides it: "4KiB", "1000B".
std::string format_size(std::uint64_t bytes);

/// Three figures: "870 ns", "93.1 µs", "1.25 ms", "12.0 s".
std::string format_time(std::chrono::nanoseconds time);
/// Three figures at least: "0.52", "93.1", "12,345".
std::string format_number(double value);

}  // namespace larder::bench
