#include "cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <iterator>

#include "codec/utf8.h"

namespace larder::cli {

int print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      return explain(fmt::format("standard output cannot be written: {}", std::strerror(errno)));
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

int explain(std::string_view message) {
  std::cerr << "larder: " << printable(message) << "\n";
  return 1;
}

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto [code, length] = first_character(text);
    if (is_deceptive(code))
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", code);
    else if (code == replacement_character)
      out += replacement_utf8;
    else
      out += text.substr(0, length);
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace larder::cli
