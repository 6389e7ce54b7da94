#include "cli/policy_line_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>

namespace larder::cli {

namespace {
constexpr std::size_t read_bytes = 256 * 1024;
}

bool LineReader::read_more() {
  buffer_.erase(0, at_);
  at_ = 0;
  const std::size_t size = buffer_.size();
  buffer_.resize(size + read_bytes);
  const std::span<char> space = std::span(buffer_).subspan(size);
  ssize_t count = 0;
  do {
    count = ::read(file_, space.data(), space.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) error_ = errno;
  buffer_.resize(size + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  at_end_ = count <= 0;
  return !at_end_;
}

std::optional<LineReader::Line> LineReader::next() {
  bool too_long = false;
  std::size_t searched = at_;
  for (;;) {
    const std::size_t newline = buffer_.find('\n', searched);
    if (newline != std::string::npos) {
      const std::string_view text = std::string_view(buffer_).substr(at_, newline - at_);
      at_ = newline + 1;
      too_long = too_long || text.size() > line_max_;
      return Line{too_long ? std::string_view() : text, too_long};
    }
    if (buffer_.size() - at_ > line_max_) {
      too_long = true;
      at_ = buffer_.size();
    }
    const std::size_t kept = buffer_.size() - at_;
    if (at_end_ || !read_more()) break;
    searched = kept;
  }
  if (error_ != 0) return std::nullopt;
  const std::string_view rest = std::string_view(buffer_).substr(at_);
  at_ = buffer_.size();
  if (rest.empty() && !too_long) return std::nullopt;
  return Line{too_long ? std::string_view() : rest, too_long};
}

}  // namespace larder::cli
