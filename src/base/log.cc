#include "base/log.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iterator>

namespace larder::log {
namespace {

Level lowest = Level::info;
Format form = Format::text;
constexpr std::string_view level_names[] = {"debug", "info", "warning", "error"};
constexpr std::string_view format_names[] = {"text", "json"};

template <class Name>
std::optional<Name> parse(std::span<const std::string_view> names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Name>(found - names.begin());
}

std::string iso8601(Time time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  const std::time_t since = seconds.count();
  tm utc{};
  gmtime_r(&since, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                     (milliseconds - seconds).count());
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// A line holds one event: what a stranger sent cannot start a second one.
void append_one_line(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (is_control(c)) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
}

/// Bytes of the character of UTF-8 that `text`, not empty, begins with; 0: it begins with none.
std::size_t character_length(std::string_view text) {
  const auto at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const std::size_t length = lead < 0xe0 ? 2 : (lead < 0xf0 ? 3 : 4);
  if (text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((at(i) & 0xc0) != 0x80) return 0;
  // Longer than need be, half of a pair of UTF-16, beyond the last character.
  const unsigned second = at(1);
  const bool bad = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                   (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
  return bad ? 0 : length;
}

void append_json(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto length = character_length(text);
    if (length == 0) {
      out += "\xef\xbf\xbd";  // U+FFFD
    } else if (is_control(text[0])) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(text[0]));
    } else {
      if (text[0] == '"' || text[0] == '\\') out += '\\';
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

/// A value that could be taken for something else stands in quotes.
void append_text_value(std::string& out, std::string_view value) {
  const bool plain = !value.empty() && std::ranges::none_of(value, [](char c) {
    return c == ' ' || c == '"' || c == '=' || c == '\\' || is_control(c);
  });
  if (plain) {
    out += value;
  } else {
    append_json(out, value);
  }
}

void append_value(std::string& out, const Field& field, Format format) {
  if (const auto* number = std::get_if<std::uint64_t>(&field.value)) {
    out += fmt::to_string(*number);
  } else if (const auto* real = std::get_if<double>(&field.value)) {
    out += fmt::to_string(*real);
  } else if (format == Format::json) {
    append_json(out, std::get<std::string_view>(field.value));
  } else {
    append_text_value(out, std::get<std::string_view>(field.value));
  }
}

}  // namespace

std::optional<Level> parse_level(std::string_view name) { return parse<Level>(level_names, name); }
std::optional<Format> parse_format(std::string_view name) {
  return parse<Format>(format_names, name);
}

void set_level(Level level) { lowest = level; }
void set_format(Format format) { form = format; }
bool enabled(Level level) { return level >= lowest; }

std::string render(Format format, Level level, Time time, std::string_view text,
                   std::span<const Field> fields) {
  const auto name = level_names[static_cast<int>(level)];
  std::string line;
  if (format == Format::text) {
    line = fmt::format("{} {} ", iso8601(time), name);
    append_one_line(line, text);
    for (const auto& field : fields) {
      line += fmt::format(" {}=", field.name);
      append_value(line, field, format);
    }
  } else {
    line = fmt::format(R"({{"time":"{}","level":"{}","message":)", iso8601(time), name);
    append_json(line, text);
    for (const auto& field : fields) {
      line += fmt::format(R"(,"{}":)", field.name);
      append_value(line, field, format);
    }
    line += '}';
  }
  line += '\n';
  return line;
}

void write(Level level, std::string_view text, std::span<const Field> fields) {
  const std::string line = render(form, level, SystemClock().now(), text, fields);
  // One write, so that lines of several threads do not mix.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace larder::log
