#include "policy/testing/naive_literals.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace larder::policy::test {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

struct Number {
  bool negative = false;
  std::string whole{}, fraction{};
};

std::optional<Number> read_number(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  Number number;
  number.negative = text.starts_with('-');
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  number.whole = text.substr(0, point);
  if (point < text.size()) number.fraction = text.substr(point + 1);
  const std::string digits = number.whole + number.fraction;
  return all_digits(digits) ? std::optional(number) : std::nullopt;
}

/// Both with as many digits before the point and after it: then they compare as texts.
std::strong_ordering compare_magnitudes(Number& a, Number& b) {
  const std::size_t whole = std::max(a.whole.size(), b.whole.size());
  const std::size_t fraction = std::max(a.fraction.size(), b.fraction.size());
  for (Number* number : {&a, &b}) {
    number->whole.insert(0, whole - number->whole.size(), '0');
    number->fraction.append(fraction - number->fraction.size(), '0');
  }
  return a.whole + a.fraction <=> b.whole + b.fraction;
}

bool is_zero(const Number& number) {
  return (number.whole + number.fraction).find_first_not_of('0') == std::string::npos;
}

std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits || !all_digits(text.substr(0, digits))) return std::nullopt;
  int value = 0;
  std::from_chars(text.data(), text.data() + digits, value);
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

using std::chrono::microseconds;

/// "Z", "+02:00", or nothing, which is UTC.
std::optional<microseconds> read_zone(std::string_view text) {
  if (text == "Z" || text.empty()) return microseconds(0);
  const bool west = text.starts_with('-');
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const auto hours = take_number(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || !text.empty() || *hours > 23 || *minutes > 59) return std::nullopt;
  const microseconds offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return west ? -offset : offset;
}

/// What follows the T: "10:20Z", "10:20:30Z", "10:20:30.5+02:00".
std::optional<microseconds> read_time(std::string_view text) {
  const auto hours = take_number(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  microseconds time = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  if (take(text, ':')) {
    const auto seconds = take_number(text, 2);
    if (!seconds || *seconds > 59) return std::nullopt;
    time += std::chrono::seconds(*seconds);
    if (take(text, '.')) {
      microseconds unit(100000);
      if (text.empty() || !is_digit(text.front())) return std::nullopt;
      for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), unit /= 10)
        time += unit * (text.front() - '0');
    }
  }
  const auto zone = read_zone(text);
  if (!zone) return std::nullopt;
  return time - *zone;
}

/// Seconds since 1970, of at most twelve digits, and what follows the point.
std::optional<microseconds> read_epoch(std::string_view text) {
  const auto number = read_number(text);
  if (!number) return std::nullopt;
  const std::string digits = number->whole + (number->fraction + "000000").substr(0, 6);
  const std::size_t first = digits.find_first_not_of('0');
  if (first == std::string::npos) return microseconds(0);
  if (digits.size() - first > 18) return std::nullopt;
  const microseconds time(std::stoll(digits));
  return number->negative ? -time : time;
}

std::optional<microseconds> read_date(std::string_view text) {
  const bool year_alone = text.size() == 4 && all_digits(text);
  if (!year_alone && text.find('-', 1) == std::string_view::npos) return read_epoch(text);
  const auto year = take_number(text, 4);
  if (!year) return std::nullopt;
  int month = 1, day = 1;
  microseconds time(0);
  if (take(text, '-')) {
    month = take_number(text, 2).value_or(0);
    if (take(text, '-')) {
      day = take_number(text, 2).value_or(0);
      if (take(text, 'T')) {
        const auto read = read_time(text);
        if (!read) return std::nullopt;
        time = *read;
        text = {};
      }
    }
  }
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!text.empty() || !date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch() + time;
}

/// The bits of an address that count, '0' and '1', after the family: '4' or '6'.
std::optional<std::string> read_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  std::uint8_t bytes[16] = {};
  std::string bits;
  if (inet_pton(AF_INET, address.c_str(), bytes) == 1) {
    bits = "4";
  } else if (inet_pton(AF_INET6, address.c_str(), bytes) == 1) {
    bits = "6";
  } else {
    return std::nullopt;
  }
  const std::size_t most = bits == "4" ? 32 : 128;
  std::size_t length = most;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    if (!all_digits(digits) || digits.size() > 3) return std::nullopt;
    std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (length > most) return std::nullopt;
  }
  for (std::size_t i = 0; i < length; ++i) bits += (bytes[i / 8] >> (7 - i % 8)) & 1 ? '1' : '0';
  const std::string mapped = "6" + std::string(80, '0') + std::string(16, '1');
  if (bits.starts_with(mapped)) bits = "4" + bits.substr(mapped.size());
  return bits;
}

/// As bits. Padding may be left out.
std::optional<std::string> decode_base64(std::string_view text) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t whole = text.size();
  while (whole - text.size() < 2 && text.ends_with('=')) text.remove_suffix(1);
  const bool padded = text.size() != whole;
  if (text.size() % 4 == 1 || (padded && whole % 4 != 0)) return std::nullopt;
  std::string bits;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    for (int bit = 5; bit >= 0; --bit) bits += (value >> bit) & 1u ? '1' : '0';
  }
  bits.resize(bits.size() / 8 * 8);
  return bits;
}

}  // namespace

std::optional<std::strong_ordering> compare_numbers(std::string_view a, std::string_view b) {
  auto left = read_number(a);
  auto right = read_number(b);
  if (!left || !right) return std::nullopt;
  if (is_zero(*left)) left->negative = false;
  if (is_zero(*right)) right->negative = false;
  if (left->negative != right->negative)
    return left->negative ? std::strong_ordering::less : std::strong_ordering::greater;
  return left->negative ? compare_magnitudes(*right, *left) : compare_magnitudes(*left, *right);
}

std::optional<std::strong_ordering> compare_dates(std::string_view a, std::string_view b) {
  const auto left = read_date(a);
  const auto right = read_date(b);
  if (!left || !right) return std::nullopt;
  return left->count() <=> right->count();
}

bool in_address_range(std::string_view range, std::string_view inner) {
  const auto outer = read_range(range);
  const auto part = read_range(inner);
  return outer && part && part->starts_with(*outer);
}

bool same_bytes(std::string_view a, std::string_view b) {
  const auto left = decode_base64(a);
  const auto right = decode_base64(b);
  return left && left == right;
}

}  // namespace larder::policy::test
