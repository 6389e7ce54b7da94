#include "policy/json_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/limits.h"

namespace larder::policy {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
/// Stands for itself in a string, by itself.
bool is_plain(char c) { return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f; }

/// The length of the UTF-8 character that `text` begins with; 0 when it is malformed.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  std::size_t length = 0;
  unsigned code = 0;
  unsigned least = 0;
  if (lead >= 0xc2 && lead < 0xe0) {
    length = 2;
    code = lead & 0x1fu;
    least = 0x80;
  } else if (lead >= 0xe0 && lead < 0xf0) {
    length = 3;
    code = lead & 0x0fu;
    least = 0x800;
  } else if (lead >= 0xf0 && lead < 0xf5) {
    length = 4;
    code = lead & 0x07u;
    least = 0x10000;
  }
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0u) != 0x80u) return 0;
    code = (code << 6) | (byte(i) & 0x3fu);
  }
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return code < least || code > 0x10ffff || surrogate ? 0 : length;
}

void append_utf8(std::string& out, unsigned code) {
  const auto put = [&](unsigned byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0u | (code >> 6));
    put(0x80u | (code & 0x3fu));
  } else if (code < 0x10000) {
    put(0xe0u | (code >> 12));
    put(0x80u | ((code >> 6) & 0x3fu));
    put(0x80u | (code & 0x3fu));
  } else {
    put(0xf0u | (code >> 18));
    put(0x80u | ((code >> 12) & 0x3fu));
    put(0x80u | ((code >> 6) & 0x3fu));
    put(0x80u | (code & 0x3fu));
  }
}

/// Recursive descent; every reader returns false once `error_` is set.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::expected<Json, JsonError> read() {
    Json root;
    skip_space();
    if (!read_value(root, 0)) return std::unexpected(*error_);
    skip_space();
    if (at_ != text_.size()) {
      fail("text after the end of the document");
      return std::unexpected(*error_);
    }
    return root;
  }

 private:
  bool fail(std::string_view what) {
    if (!error_) error_ = JsonError{at_, what};
    return false;
  }

  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }

  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void skip_space() {
    while (!at_end() && is_space(text_[at_])) ++at_;
  }

  bool read_value(Json& out, std::size_t depth) {
    if (depth > limits::nesting_depth) return fail("nested too deeply");
    out.offset = at_;
    if (!read_any(out, depth)) return false;
    out.end = at_;
    return true;
  }

  bool read_any(Json& out, std::size_t depth) {
    switch (peek()) {
      case '{':
        return read_object(out, depth);
      case '[':
        return read_array(out, depth);
      case '"':
        out.type = Json::Type::string;
        return read_string(out.text);
      case 't':
        return read_word(out, "true", Json::Type::boolean);
      case 'f':
        return read_word(out, "false", Json::Type::boolean);
      case 'n':
        return read_word(out, "null", Json::Type::null);
      default:
        return read_number(out);
    }
  }

  bool read_word(Json& out, std::string_view word, Json::Type type) {
    if (!text_.substr(at_).starts_with(word)) return fail("not a JSON value");
    at_ += word.size();
    out.type = type;
    out.text = word;
    return true;
  }

  bool read_number(Json& out) {
    const std::size_t begin = at_;
    take('-');
    if (!take('0') && !skip_digits()) return fail("not a JSON value");
    if (take('.') && !skip_digits()) return fail("a number without digits after its point");
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (!skip_digits()) return fail("a number without digits in its exponent");
    }
    out.type = Json::Type::number;
    out.text = text_.substr(begin, at_ - begin);
    return true;
  }

  bool skip_digits() {
    const std::size_t begin = at_;
    while (is_digit(peek())) ++at_;
    return at_ > begin;
  }

  bool read_array(Json& out, std::size_t depth) {
    out.type = Json::Type::array;
    take('[');
    skip_space();
    if (take(']')) return true;
    while (true) {
      skip_space();
      if (!read_value(out.elements.emplace_back(), depth + 1)) return false;
      skip_space();
      if (take(']')) return true;
      if (!take(',')) return fail("an array needs a comma or its end here");
    }
  }

  bool read_object(Json& out, std::size_t depth) {
    out.type = Json::Type::object;
    take('{');
    skip_space();
    if (take('}')) return true;
    constexpr std::size_t usual = 5;  // of a statement
    out.names.reserve(usual);
    out.name_offsets.reserve(usual);
    out.elements.reserve(usual);
    while (true) {
      skip_space();
      if (peek() != '"') return fail("an object needs a name here");
      out.name_offsets.push_back(at_);
      if (!read_string(out.names.emplace_back())) return false;
      skip_space();
      if (!take(':')) return fail("a name needs a colon after it");
      skip_space();
      if (!read_value(out.elements.emplace_back(), depth + 1)) return false;
      skip_space();
      if (take('}')) return check_names(out);
      if (!take(',')) return fail("an object needs a comma or its end here");
    }
  }

  bool check_names(const Json& object) {
    if (object.names.size() < 2) return true;
    std::vector<std::pair<std::string_view, std::size_t>> sorted;  // with the offsets
    for (std::size_t i = 0; i < object.names.size(); ++i)
      sorted.emplace_back(object.names[i], object.name_offsets[i]);
    std::ranges::sort(sorted);
    std::optional<std::size_t> repeated;  // the first name that stood before
    for (std::size_t i = 1; i < sorted.size(); ++i)
      if (sorted[i].first == sorted[i - 1].first)
        repeated = std::min(repeated.value_or(sorted[i].second), sorted[i].second);
    if (!repeated) return true;
    at_ = *repeated;
    return fail("a name appears twice in an object");
  }

  bool read_string(std::string& out) {
    take('"');
    while (true) {
      const std::size_t begin = at_;
      while (!at_end() && is_plain(text_[at_])) ++at_;
      out.append(text_, begin, at_ - begin);
      if (at_end()) return fail("a string without its end");
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return fail("a control character in a string");
      if (c == '\\') {
        if (!read_escape(out)) return false;
        continue;
      }
      const std::size_t length = utf8_length(text_.substr(at_));
      if (length == 0) return fail("not UTF-8");
      out.append(text_.substr(at_, length));
      at_ += length;
    }
  }

  bool read_escape(std::string& out) {
    ++at_;
    const char c = peek();
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    if (const std::size_t i = letters.find(c); i != std::string_view::npos) {
      out.push_back(meanings[i]);
      ++at_;
      return true;
    }
    if (!take('u')) return fail("an unknown escape");
    auto code = read_hex4();
    if (!code) return fail("an escape needs four hexadecimal digits");
    if (*code >= 0xd800 && *code < 0xdc00) {
      if (!take('\\') || !take('u')) return fail("half a surrogate pair");
      const auto low = read_hex4();
      if (!low || *low < 0xdc00 || *low > 0xdfff) return fail("half a surrogate pair");
      code = 0x10000u + ((*code - 0xd800u) << 10) + (*low - 0xdc00u);
    } else if (*code >= 0xdc00 && *code <= 0xdfff) {
      return fail("half a surrogate pair");
    }
    append_utf8(out, *code);
    return true;
  }

  std::optional<unsigned> read_hex4() {
    if (text_.size() - at_ < 4) return std::nullopt;
    unsigned code = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = text_[at_++];
      unsigned digit = 0;
      if (is_digit(c))
        digit = static_cast<unsigned>(c - '0');
      else if (c >= 'a' && c <= 'f')
        digit = static_cast<unsigned>(c - 'a') + 10;
      else if (c >= 'A' && c <= 'F')
        digit = static_cast<unsigned>(c - 'A') + 10;
      else
        return std::nullopt;
      code = code * 16 + digit;
    }
    return code;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<JsonError> error_{};
};

}  // namespace

std::expected<Json, JsonError> read_json(std::string_view text) { return Reader(text).read(); }

}  // namespace larder::policy
