#include "base/log.h"

#include <unistd.h>

#include <chrono>
#include <ctime>
#include <string>

namespace larder::log {
namespace {

Level lowest = Level::info;
constexpr std::string_view names[] = {"debug", "info", "warning", "error"};

// A line holds one event: what a stranger sent cannot start a second one.
std::string one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

void set_level(Level level) { lowest = level; }
bool enabled(Level level) { return level >= lowest; }

void write(Level level, std::string_view text) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  tm utc{};
  gmtime_r(&now.tv_sec, &utc);
  const std::string line =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z {} {}\n", utc.tm_year + 1900,
                  utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                  now.tv_nsec / 1'000'000, names[static_cast<int>(level)], one_line(text));
  // One write, so that lines of several threads do not mix.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace larder::log
