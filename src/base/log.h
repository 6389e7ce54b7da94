// The program's log: one line an event, on stderr, for the operator. Never a secret, never a
// request's content.
#pragma once

#include <fmt/format.h>

#include <string_view>

namespace larder::log {

enum class Level { debug, info, warning, error };

/// Lines below `level` are dropped. Set once, before threads start.
void set_level(Level level);
void write(Level level, std::string_view text);
bool enabled(Level level);

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

}  // namespace larder::log
