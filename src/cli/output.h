// What the commands write: all of it or a failure, and nothing that deceives who reads it.
#pragma once

#include <string>
#include <string_view>

namespace larder::cli {

/// Writes all of `text` to standard output, now. Yields the exit status: 0, or 1 for a failure,
/// which it has told on stderr.
[[nodiscard]] int print(std::string_view text);

/// `larder: MESSAGE` on stderr, printable; yields 1.
int explain(std::string_view message);

/// A text that people are shown, on one line: what deceives a reader (is_deceptive() in
/// codec/utf8.h: controls, line separators, what turns the direction of writing, what has no width)
/// is written as JSON writes it, `\u202e`. A byte that is not UTF-8 is U+FFFD. A line of JSON stays
/// JSON with the same content.
std::string printable(std::string_view text);

}  // namespace larder::cli
