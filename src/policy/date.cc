// read_date of literals.h.
#include <algorithm>
#include <chrono>
#include <optional>

#include "policy/literals.h"

namespace larder::policy {

namespace {

/// Reads a text from its front. Every reader leaves it where it was when it does not fit.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Exactly `count` digits.
  std::optional<int> number(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return std::nullopt;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  /// Digits after a decimal point, as microseconds; what is finer is dropped.
  std::optional<std::int64_t> fraction() {
    std::int64_t value = 0;
    std::int64_t unit = 100'000;
    std::size_t count = 0;
    while (count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') {
      value += (rest_[count] - '0') * unit;
      unit /= 10;
      ++count;
    }
    if (count == 0) return std::nullopt;
    rest_.remove_prefix(count);
    return value;
  }

 private:
  std::string_view rest_;
};

constexpr std::int64_t second_us = 1'000'000;

/// `hh:mm[:ss[.f]]`, in microseconds of the day.
std::optional<std::int64_t> read_time_of_day(Cursor& in) {
  const auto hour = in.number(2);
  if (!hour || *hour > 23 || !in.take(':')) return std::nullopt;
  const auto minute = in.number(2);
  if (!minute || *minute > 59) return std::nullopt;
  std::int64_t time = (*hour * 3600 + *minute * 60) * second_us;
  if (!in.take(':')) return time;
  const auto second = in.number(2);
  if (!second || *second > 60) return std::nullopt;
  time += *second * second_us;
  if (!in.take('.')) return time;
  const auto fraction = in.fraction();
  if (!fraction) return std::nullopt;
  return time + *fraction;
}

/// `Z`, `+hh:mm`, `-hh:mm`, or nothing, which is UTC: microseconds ahead of UTC.
std::optional<std::int64_t> read_zone(Cursor& in) {
  if (in.at_end() || in.take('Z') || in.take('z')) return 0;
  std::int64_t sign = 1;
  if (in.take('-'))
    sign = -1;
  else if (!in.take('+'))
    return std::nullopt;
  const auto hour = in.number(2);
  if (!hour || *hour > 23) return std::nullopt;
  in.take(':');
  const auto minute = in.at_end() ? std::optional<int>(0) : in.number(2);
  if (!minute || *minute > 59) return std::nullopt;
  return sign * (*hour * 3600 + *minute * 60) * second_us;
}

std::optional<Instant> read_calendar(std::string_view text) {
  namespace chr = std::chrono;
  Cursor in(text);
  const auto year = in.number(4);
  if (!year) return std::nullopt;
  int month = 1;
  int day = 1;
  bool has_day = false;
  if (in.take('-')) {
    const auto m = in.number(2);
    if (!m) return std::nullopt;
    month = *m;
    if (in.take('-')) {
      const auto d = in.number(2);
      if (!d) return std::nullopt;
      day = *d;
      has_day = true;
    }
  }
  const chr::year_month_day date(chr::year(*year), chr::month(static_cast<unsigned>(month)),
                                 chr::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = chr::sys_days(date).time_since_epoch().count();
  std::int64_t time = days * 86'400 * second_us;
  if (has_day && (in.take('T') || in.take('t'))) {
    const auto of_day = read_time_of_day(in);
    if (!of_day) return std::nullopt;
    const auto zone = read_zone(in);
    if (!zone) return std::nullopt;
    time += *of_day - *zone;
  } else {
    in.take('Z');
  }
  if (!in.at_end()) return std::nullopt;
  return Instant{time};
}

std::optional<Instant> read_epoch(std::string_view text) {
  const auto number = read_decimal(text);
  if (!number || number->whole.size() > 12) return std::nullopt;
  std::int64_t seconds = 0;
  for (const char c : number->whole) seconds = seconds * 10 + (c - '0');
  std::int64_t micros = seconds * second_us;
  if (!number->fraction.empty()) micros += Cursor(number->fraction).fraction().value_or(0);
  return Instant{number->negative ? -micros : micros};
}

}  // namespace

std::optional<Instant> read_date(std::string_view text) {
  const bool is_year =
      text.size() == 4 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (is_year || text.find('-', 1) != std::string_view::npos) return read_calendar(text);
  return read_epoch(text);
}

}  // namespace larder::policy
