// Strings that AWS's models constrain: the constraint is the type, and is written once.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/result.h"

namespace larder::aws {

namespace codes {
/// What IAM, STS and others say of a member that breaks its constraint.
inline constexpr ErrorCode validation_error{"ValidationError", 400};
}  // namespace codes

/// The end of AWS's sentence "Value '…' at '…' failed to satisfy constraint: …".
std::string length_at_least(std::size_t minimum);
std::string length_at_most(std::size_t maximum);
std::string must_match(std::string_view pattern);
std::string must_be_one_of(std::string_view listed);

/// `Rule` has `min`, `max` (characters), `allowed(unsigned char)` and `pattern`, the regular
/// expression that AWS's model gives.
template <class Rule>
class Text {
 public:
  Text() = default;

  /// On failure the message is the constraint.
  static Result<Text> parse(std::string_view text) {
    if (text.size() < Rule::min) return fail(codes::validation_error, length_at_least(Rule::min));
    if (text.size() > Rule::max) return fail(codes::validation_error, length_at_most(Rule::max));
    if (!std::ranges::all_of(text,
                             [](char c) { return Rule::allowed(static_cast<unsigned char>(c)); }))
      return fail(codes::validation_error, must_match(Rule::pattern));
    Text value;
    value.text_ = text;
    return value;
  }

  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }
  friend bool operator==(const Text&, const Text&) = default;

 private:
  std::string text_;
};

constexpr bool is_alphanumeric(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
/// [\w+=,.@-]
constexpr bool is_name_character(unsigned char c) {
  return is_alphanumeric(c) ||
         std::string_view("_+=,.@-").find(static_cast<char>(c)) != std::string_view::npos;
}
constexpr bool is_graphic(unsigned char c) { return c >= 0x21 && c <= 0x7e; }
/// Of policy documents: U+0009, U+000A, U+000D, U+0020 to U+00FF; other characters are found by the
/// parser.
constexpr bool is_document_character(unsigned char c) {
  return c >= 0x20 || c == '\t' || c == '\n' || c == '\r';
}

/// A string literal as a template argument.
template <std::size_t Size>
struct Literal {
  char text[Size]{};
  constexpr Literal(const char (&from)[Size]) { std::copy_n(from, Size, text); }
  constexpr std::string_view view() const { return {text, Size - 1}; }
};

/// One of a few words, case-sensitive. The default is the first.
template <Literal First, Literal... Others>
class OneOf {
 public:
  OneOf() = default;
  OneOf(const char* word) : word_(word) {}

  static Result<OneOf> parse(std::string_view text) {
    for (const auto word : {First.view(), Others.view()...}) {
      if (text != word) continue;
      OneOf value;
      value.word_ = word;
      return value;
    }
    std::string listed(First.view());
    ((listed.append(", ") += Others.view()), ...);
    return fail(codes::validation_error, must_be_one_of(listed));
  }

  std::string str() const { return std::string(word_); }
  bool operator==(std::string_view word) const { return word_ == word; }

 private:
  std::string_view word_ = First.view();
};

}  // namespace larder::aws
