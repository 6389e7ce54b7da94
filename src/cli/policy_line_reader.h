// Lines of a file or a pipe, of bounded length, as they come.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace larder::cli {

/// Holds one buffer of at most `line_max` and what one read adds to it. `file` is not closed.
class LineReader {
 public:
  struct Line {
    std::string_view text;  // without its newline; good until the next call
    bool too_long = false;  // then `text` is empty, and the line was passed over to its end
  };

  LineReader(int file, std::size_t line_max) : file_(file), line_max_(line_max) {}

  /// nullopt at the end, or when reading fails. The last line need not end with a newline. Waits.
  std::optional<Line> next();
  /// The next line can be had without waiting for input.
  bool has_next() const { return buffer_.find('\n', at_) != std::string::npos; }
  /// errno of the read that failed; 0: none did.
  int error() const { return error_; }

 private:
  bool read_more();

  const int file_;
  const std::size_t line_max_;
  std::string buffer_{};
  std::size_t at_ = 0;  // of the first byte that was not handed out
  bool at_end_ = false;
  int error_ = 0;
};

}  // namespace larder::cli
