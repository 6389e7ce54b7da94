#include "codec/iso8601.h"

#include <array>
#include <charconv>
#include <string>

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

// By hand: each request formats several times, and a formatter takes ten times as long.
void append_number(std::string& out, long value, std::size_t width) {
  std::array<char, 20> digits{};
  std::size_t at = digits.size();
  const bool negative = value < 0;
  auto left = negative ? 0 - static_cast<unsigned long>(value) : static_cast<unsigned long>(value);
  for (; left > 0; left /= 10) digits[--at] = static_cast<char>('0' + left % 10);
  while (digits.size() - at + (negative ? 1 : 0) < width) digits[--at] = '0';
  if (negative) out += '-';
  out.append(digits.data() + at, digits.size() - at);
}

std::string date_of(const Parts& p, std::string_view separator) {
  std::string out;
  out.reserve(24);
  append_number(out, p.year, 4);
  out += separator;
  append_number(out, p.month, 2);
  out += separator;
  append_number(out, p.day, 2);
  return out;
}

void append_clock(std::string& out, const Parts& p, std::string_view separator) {
  append_number(out, p.hour, 2);
  out += separator;
  append_number(out, p.minute, 2);
  out += separator;
  append_number(out, p.second, 2);
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
  std::string out = date_of(p, "-");
  out += 'T';
  append_clock(out, p, ":");
  out += 'Z';
  return out;
}

std::string format_iso8601_millis(Time time) {
  const Parts p = split(time);
  std::string out = date_of(p, "-");
  out += 'T';
  append_clock(out, p, ":");
  out += '.';
  append_number(out, p.microsecond / 1000, 3);
  out += 'Z';
  return out;
}

std::string format_basic(Time time) {
  const Parts p = split(time);
  std::string out = date_of(p, "");
  out += 'T';
  append_clock(out, p, "");
  out += 'Z';
  return out;
}

std::string format_http_date(Time time) {
  const Parts p = split(time);
  std::string out(weekdays[p.weekday]);
  out += ", ";
  append_number(out, p.day, 2);
  ((out += ' ') += months[p.month - 1]) += ' ';
  append_number(out, p.year, 4);
  out += ' ';
  append_clock(out, p, ":");
  out += " GMT";
  return out;
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
