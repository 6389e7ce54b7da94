#include "bench/s3/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <utility>

namespace larder::bench {
namespace {

constexpr std::uint64_t put_max = std::uint64_t{5} << 30;
constexpr std::string_view units = "KMG";

// The power of 1024 that a unit means, or -1.
int power_of(std::string_view unit) {
  std::string upper(unit);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (upper.empty() || upper == "B") return 0;
  const auto place = units.find(upper[0]);
  const std::string_view rest = std::string_view(upper).substr(1);
  if (place == units.npos || (!rest.empty() && rest != "B" && rest != "IB")) return -1;
  return static_cast<int>(place) + 1;
}

int decimals(double value) { return value < 9.995 ? 2 : value < 99.95 ? 1 : 0; }

}  // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const int power = power_of(text.substr(static_cast<std::size_t>(end - text.data())));
  if (error != std::errc() || power < 0 || value > (put_max >> (10 * power)))
    return fail(codes::invalid_argument,
                fmt::format("'{}' is no size of at most 5 GiB, as 4KiB or 64MiB are", text));
  return value << (10 * power);
}

std::string format_size(std::uint64_t bytes) {
  std::size_t power = 0;
  while (power < units.size() && bytes != 0 && bytes % 1024 == 0) {
    bytes /= 1024;
    ++power;
  }
  return power == 0 ? fmt::format("{}B", bytes) : fmt::format("{}{}iB", bytes, units[power - 1]);
}

std::string format_time(std::chrono::nanoseconds time) {
  const std::array<std::pair<double, const char*>, 3> larger{
      {{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}}};
  const auto count = static_cast<double>(time.count());
  for (const auto& [size, unit] : larger)
    if (count >= size) return fmt::format("{:.{}f} {}", count / size, decimals(count / size), unit);
  return fmt::format("{} ns", time.count());
}

std::string format_number(double value) {
  std::string text = fmt::format("{:.{}f}", value, decimals(std::abs(value)));
  const auto point = std::min(text.find('.'), text.size());
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  for (std::size_t at = point; at > first + 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

}  // namespace larder::bench
