// Writes one JSON object on one line. Whatever bytes the texts have, the line is valid JSON in
// UTF-8, and no reader sees more than one line in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace larder::audit {

/// Bytes of a text that are kept; what is cut off is marked with an ellipsis. An S3 key has at most
/// 1,024.
inline constexpr std::size_t text_max = 2048;

/// Members appear in the order of the calls. A text that is not UTF-8 has U+FFFD for each bad byte;
/// controls, line separators and what turns the direction of writing are escaped.
class JsonLine {
 public:
  JsonLine() {
    out_.reserve(usual_bytes);
    out_ += '{';
  }

  void text(std::string_view name, std::string_view value, std::size_t limit = text_max);
  void text_unless_empty(std::string_view name, std::string_view value);
  void number(std::string_view name, std::uint64_t value);
  void flag(std::string_view name, bool value);
  void null(std::string_view name);

  /// An object, until close(). Without a name: an element of the list.
  void open(std::string_view name);
  void open_element();
  void close() { out_ += '}'; }
  void open_list(std::string_view name);
  void close_list() { out_ += ']'; }

  std::size_t size() const { return out_.size(); }
  /// Without a newline. Once; everything that was opened is closed.
  std::string finish();

 private:
  // Nearly all lines are shorter, with the newline that follows.
  static constexpr std::size_t usual_bytes = 2000;

  void separate();
  void quote(std::string_view text, std::size_t limit);
  void begin_member(std::string_view name);

  std::string out_;
};

}  // namespace larder::audit
