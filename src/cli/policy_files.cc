#include "cli/policy_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace larder::cli {
namespace {

// A request with sixteen documents of the 131,072 characters that IAM takes.
constexpr std::size_t file_max = 2 * 1024 * 1024;

/// "3145728 bytes", or of a pipe "more than 2097152 bytes".
std::string size_of(int file) {
  struct stat found{};
  const bool known = ::fstat(file, &found) == 0 && S_ISREG(found.st_mode);
  return known ? fmt::format("{} bytes", found.st_size)
               : fmt::format("more than {} bytes", file_max);
}

Result<std::string> read_all(int file, const std::string& name) {
  std::string text;
  std::array<char, 64 * 1024> piece;
  for (;;) {
    const ssize_t count = ::read(file, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      return fail(codes::invalid_argument,
                  fmt::format("{} cannot be read: {}", name, std::strerror(errno)));
    if (count == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(count));
    if (text.size() > file_max)
      return fail(codes::invalid_argument,
                  fmt::format("{} has {}; the most that is read is {}, more than any policy has",
                              name, size_of(file), file_max));
  }
}

}  // namespace

Result<std::string> read_policy_file(const std::string& path) {
  if (path == "-") return read_all(STDIN_FILENO, "standard input");
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return fail(codes::invalid_argument,
                fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
  auto text = read_all(file, path);
  ::close(file);
  return text;
}

}  // namespace larder::cli
