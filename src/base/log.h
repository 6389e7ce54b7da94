// The program's log: one line an event, on stderr, for the operator. Never a secret, never a
// request's content.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/clock.h"

namespace larder::log {

enum class Level { debug, info, warning, error };
enum class Format { text, json };

/// "debug", "info", "warning", "error"; else nullopt.
std::optional<Level> parse_level(std::string_view name);
/// "text", "json"; else nullopt.
std::optional<Format> parse_format(std::string_view name);

/// Lines below `level` are dropped. Set once, before threads start.
void set_level(Level level);
/// Set once, before threads start.
void set_format(Format format);
bool enabled(Level level);

/// A value with a name of its own beside the line's text: `status=200`, or a member of the object.
struct Field {
  std::string_view name;
  std::variant<std::string_view, std::uint64_t, double> value;
};

void write(Level level, std::string_view text, std::span<const Field> fields = {});

/// The line, with its newline, that write() writes at `time`. It is one line of valid UTF-8 (JSON)
/// or of what `text` is made of, without controls (text), whatever a stranger got into it.
std::string render(Format format, Level level, Time time, std::string_view text,
                   std::span<const Field> fields);

/// The request that a line is about: its id is in the answer and in the audit log as well.
struct Request {
  std::string_view id;
};

template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::info)) write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(Level::warning))
    write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(Request request, fmt::format_string<Args...> format, Args&&... args) {
  const Field fields[] = {{"request_id", request.id}};
  write(Level::error, fmt::format(format, std::forward<Args>(args)...), fields);
}

}  // namespace larder::log
