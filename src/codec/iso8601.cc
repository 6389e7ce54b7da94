#include "codec/iso8601.h"

#include <fmt/format.h>

#include <charconv>

namespace larder {
namespace {

using namespace std::chrono;

constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::string_view weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

struct Parts {
  int year;
  unsigned month, day, weekday;
  long hour, minute, second, microsecond;
};

Parts split(Time time) {
  const auto date = floor<days>(time);
  const year_month_day ymd(date);
  const hh_mm_ss clock(time - date);
  return {static_cast<int>(ymd.year()),
          static_cast<unsigned>(ymd.month()),
          static_cast<unsigned>(ymd.day()),
          weekday(date).c_encoding(),
          clock.hours().count(),
          clock.minutes().count(),
          clock.seconds().count(),
          clock.subseconds().count()};
}

std::optional<Time> join(int y, unsigned m, unsigned d, int hour, int minute, int second) {
  const year_month_day ymd{year(y), month(m), day(d)};
  if (!ymd.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return Time(sys_days(ymd)) + hours(hour) + minutes(minute) + seconds(second);
}

/// Reads exactly `width` digits and moves on.
std::optional<int> digits(std::string_view& text, std::size_t width) {
  int value = 0;
  if (text.size() < width) return std::nullopt;
  const auto end = text.data() + width;
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < 0 || text[0] == '-') return std::nullopt;
  text.remove_prefix(width);
  return value;
}

bool skip(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<microseconds> fraction(std::string_view& text) {
  long value = 0;
  long scale = 1'000'000;
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    if (scale > 1) {
      scale /= 10;
      value += (text[0] - '0') * scale;
    }
    text.remove_prefix(1);
  }
  return microseconds(value);
}

std::optional<minutes> offset(std::string_view& text) {
  if (text.empty() || skip(text, 'Z') || skip(text, 'z')) return minutes(0);
  const bool minus = text[0] == '-';
  if (!skip(text, '+') && !skip(text, '-')) return std::nullopt;
  const auto h = digits(text, 2);
  skip(text, ':');
  const auto m = digits(text, 2);
  if (!h || !m) return std::nullopt;
  const auto by = hours(*h) + minutes(*m);
  return minus ? -by : by;
}

}  // namespace

std::string format_iso8601(Time time) {
  const Parts p = split(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", p.year, p.month, p.day, p.hour,
                     p.minute, p.second);
}

std::string format_iso8601_millis(Time time) {
  const Parts p = split(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", p.year, p.month, p.day, p.hour,
                     p.minute, p.second, p.microsecond / 1000);
}

std::string format_basic(Time time) {
  const Parts p = split(time);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", p.year, p.month, p.day, p.hour, p.minute,
                     p.second);
}

std::string format_http_date(Time time) {
  const Parts p = split(time);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", weekdays[p.weekday], p.day,
                     months[p.month - 1], p.year, p.hour, p.minute, p.second);
}

std::optional<Time> parse_iso8601(std::string_view text) {
  const auto y = digits(text, 4);
  if (!y || !skip(text, '-')) return std::nullopt;
  const auto m = digits(text, 2);
  if (!m || !skip(text, '-')) return std::nullopt;
  const auto d = digits(text, 2);
  if (!d) return std::nullopt;
  if (text.empty()) return join(*y, static_cast<unsigned>(*m), static_cast<unsigned>(*d), 0, 0, 0);
  if (!skip(text, 'T') && !skip(text, 't') && !skip(text, ' ')) return std::nullopt;
  const auto hour = digits(text, 2);
  if (!hour || !skip(text, ':')) return std::nullopt;
  const auto minute = digits(text, 2);
  if (!minute) return std::nullopt;
  int second = 0;
  microseconds subsecond(0);
  if (skip(text, ':')) {
    const auto s = digits(text, 2);
    if (!s) return std::nullopt;
    second = *s;
    if (skip(text, '.')) {
      const auto f = fraction(text);
      if (!f) return std::nullopt;
      subsecond = *f;
    }
  }
  const auto by = offset(text);
  const auto local =
      join(*y, static_cast<unsigned>(*m), static_cast<unsigned>(*d), *hour, *minute, second);
  if (!by || !text.empty() || !local) return std::nullopt;
  return *local + subsecond - *by;
}

std::optional<Time> parse_basic(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  const auto y = digits(text, 4);
  const auto m = digits(text, 2);
  const auto d = digits(text, 2);
  if (!y || !m || !d || !skip(text, 'T')) return std::nullopt;
  const auto hour = digits(text, 2);
  const auto minute = digits(text, 2);
  const auto second = digits(text, 2);
  if (!hour || !minute || !second || text != "Z") return std::nullopt;
  return join(*y, static_cast<unsigned>(*m), static_cast<unsigned>(*d), *hour, *minute, *second);
}

std::optional<Time> parse_http_date(std::string_view text) {
  const auto comma = text.find(", ");
  if (comma != 3 || !text.ends_with(" GMT")) return std::nullopt;
  text = text.substr(5, text.size() - 9);
  const auto d = digits(text, 2);
  if (!d || !skip(text, ' ') || text.size() < 4) return std::nullopt;
  unsigned m = 0;
  while (m < 12 && months[m] != text.substr(0, 3)) ++m;
  text.remove_prefix(3);
  if (m == 12 || !skip(text, ' ')) return std::nullopt;
  const auto y = digits(text, 4);
  if (!y || !skip(text, ' ')) return std::nullopt;
  const auto hour = digits(text, 2);
  if (!hour || !skip(text, ':')) return std::nullopt;
  const auto minute = digits(text, 2);
  if (!minute || !skip(text, ':')) return std::nullopt;
  const auto second = digits(text, 2);
  if (!second || !text.empty()) return std::nullopt;
  return join(*y, m + 1, static_cast<unsigned>(*d), *hour, *minute, *second);
}

}  // namespace larder
