// Patterns of policies: actions, ARNs, values of string conditions. What a variable stands for is
// compared as it is and never read as a pattern. A document has many patterns and a decision looks
// at many of them: they are compiled once into small values over one table, so that they lie close
// together.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/context.h"

namespace larder::policy {

struct PatternOptions {
  bool wildcards = true;     // `*` any run, `?` one character
  bool variables = true;     // `${key}`, `${key, 'default'}`, and the escapes `${*}` `${?}` `${$}`
  bool ignore_case = false;  // ASCII letters
};

/// Of UTF-8.
inline bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0u) == 0x80u; }

inline bool is_wildcard(char c) { return c == '*' || c == '?'; }
inline bool has_wildcard(std::string_view text) { return std::ranges::any_of(text, is_wildcard); }

/// A part of a PatternTable's text.
struct Slice {
  std::uint32_t begin = 0;
  std::uint32_t size = 0;
};

/// Means something only to the table that compiled it.
struct Pattern {
  enum class Shape : std::uint8_t {
    exact,   // `head` and nothing else
    prefix,  // `head` and any run
    general  // `head`, then the tokens
  };
  Slice head{};
  std::uint32_t tokens_begin = 0;
  std::uint32_t tokens_count = 0;
  Shape shape = Shape::exact;
  bool ignore_case = false;
  bool has_variables = false;
};

/// For ARNs, compared component by component: a wildcard never spans the first five colons. `*`
/// alone matches any text, also what is no ARN. What a resource lacks of six components is `*`, as
/// AWS fills it up ("arn:aws:logs:*"); in a condition such a pattern matches nothing, unless it has
/// a variable, which may stand for several components: then it is compared as a whole.
struct ArnPattern {
  enum class Form : std::uint8_t {
    nothing,
    whole,  // the first five components stand as they are (or there are none): `last` is for all
    parts   // five patterns from `parts` on, `last` for the sixth component
  };
  enum class Use : std::uint8_t {
    resource,  // variables stand only after the fifth colon; before it, the pattern matches nothing
    condition
  };
  Form form = Form::nothing;
  std::uint32_t parts = 0;
  Pattern last{};
};

/// The length of the variable or escape that `text` begins with (`${...}`), 0 when there is none.
std::size_t variable_length(std::string_view text);

/// The six components of an ARN: the last is all that follows the fifth colon. nullopt when there
/// are fewer or the first is not "arn".
using ArnParts = std::array<std::string_view, 6>;
std::optional<ArnParts> split_arn(std::string_view arn);

/// Compiles patterns and matches them. A value. A match takes at most (length of pattern) x (length
/// of text) steps, a sixty-fourth of that where both are long, and does not allocate.
class PatternTable {
 public:
  void reserve(std::size_t text_size) { text_.reserve(text_size); }
  Slice store(std::string_view text);
  std::string_view text(Slice slice) const { return {text_.data() + slice.begin, slice.size}; }

  Pattern compile(std::string_view text, PatternOptions options);
  ArnPattern compile_arn(std::string_view text, bool variables, ArnPattern::Use use);

  /// False also when a variable's key has several values in `context`, or none and no default.
  bool matches(const Pattern& pattern, std::string_view text, const Context& context) const {
    if (pattern.shape == Pattern::Shape::general) return general_matches(pattern, text, context);
    return plain_matches(pattern, text);
  }
  /// For a pattern without variables.
  bool matches(const Pattern& pattern, std::string_view text) const {
    if (pattern.shape == Pattern::Shape::general) return matches_without_context(pattern, text);
    return plain_matches(pattern, text);
  }

  /// `parts` is split_arn(arn), which callers may need more than once.
  bool matches(const ArnPattern& pattern, std::string_view arn,
               const std::optional<ArnParts>& parts, const Context& context) const {
    if (pattern.form == ArnPattern::Form::whole) return matches(pattern.last, arn, context);
    return pattern.form == ArnPattern::Form::parts && parts &&
           parts_match(pattern, *parts, context);
  }

 private:
  enum class Kind : std::uint8_t { literal, any_one, any_run, variable };
  struct Token {
    Kind kind;
    bool has_default = false;
    std::uint32_t key_hash = 0;  // of a variable
    Slice key{};
    Slice text{};  // the literal, or the variable's default
  };
  class Tail;

  [[gnu::always_inline]] bool plain_matches(const Pattern& pattern, std::string_view text) const {
    const std::size_t size = pattern.head.size;
    if (pattern.shape == Pattern::Shape::exact ? text.size() != size : text.size() < size)
      return false;
    return begins_with_head(pattern, text);
  }
  /// `text` is at least as long as the head.
  bool begins_with_head(const Pattern& pattern, std::string_view text) const {
    const std::string_view head = this->text(pattern.head);
    if (same_bytes(text.data(), head.data(), head.size())) return true;
    return pattern.ignore_case && equal_ignoring_case(text.substr(0, head.size()), head);
  }
  bool general_matches(const Pattern& pattern, std::string_view text, const Context& context) const;
  bool matches_without_context(const Pattern& pattern, std::string_view text) const;
  bool is_instance_variable(const Token& token) const;
  bool parts_match(const ArnPattern& pattern, const ArnParts& parts, const Context& context) const;
  void add_literal(Pattern& pattern, std::string_view text);
  void add_token(Pattern& pattern, Token token);

  std::string text_;
  std::vector<Token> tokens_;
  std::vector<Pattern> parts_;
};

/// One pattern by itself, without variables: for those who match few texts and keep nothing.
class Wildcard {
 public:
  Wildcard(std::string_view pattern, bool ignore_case);
  bool matches(std::string_view text) const { return table_.matches(pattern_, text); }

 private:
  PatternTable table_;
  Pattern pattern_;
};

}  // namespace larder::policy
