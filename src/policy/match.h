// Patterns of policies: actions, parts of ARNs, values of string conditions. A pattern is compiled
// once into tokens; what a variable stands for is compared as it is and never read as a pattern.
#pragma once

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

/// A value. A match takes at most (length of pattern) x (length of text) steps and does not
/// allocate.
class Pattern {
 public:
  Pattern() = default;
  static Pattern compile(std::string_view text, PatternOptions options);

  /// False also when a variable has no single value in `context` and no default.
  bool matches(std::string_view text, const Context& context) const;

  bool has_variables() const { return has_variables_; }
  bool has_wildcards() const { return has_wildcards_; }
  /// Matches every text: `*`.
  bool matches_everything() const { return everything_; }

 private:
  enum class Kind : std::uint8_t { literal, any_one, any_run, variable };
  struct Token {
    Kind kind;
    bool has_default = false;
    std::string text{};  // the literal, or the variable's key
    std::string fallback{};
  };
  class Resolved;

  void add_literal(std::string_view text);
  void add_special(Kind kind);
  void finish();
  std::optional<std::size_t> step(std::size_t token, std::string_view rest,
                                  const Resolved& variables) const;

  std::vector<Token> tokens_;
  bool ignore_case_ = false;
  bool has_variables_ = false;
  bool has_wildcards_ = false;
  bool everything_ = false;
};

/// The length of the variable or escape that `text` begins with (`${...}`), 0 when there is none.
std::size_t variable_length(std::string_view text);

/// The six components of an ARN: the last is all that follows the fifth colon. nullopt when there
/// are fewer or the first is not "arn".
using ArnParts = std::array<std::string_view, 6>;
std::optional<ArnParts> split_arn(std::string_view arn);

/// A pattern for ARNs, compared component by component: a wildcard never spans the first five
/// colons. `*` alone matches any text, also what is no ARN. A pattern of fewer than six components
/// is compared as a whole.
class ArnPattern {
 public:
  enum class Use : std::uint8_t {
    resource,  // variables stand only after the fifth colon; before it, the pattern matches nothing
    condition
  };

  ArnPattern() = default;
  static ArnPattern compile(std::string_view text, bool variables, Use use);

  bool matches(std::string_view arn, const Context& context) const;
  /// The same for a text that was split already (nullopt: not an ARN).
  bool matches(std::string_view arn, const std::optional<ArnParts>& parts,
               const Context& context) const;

 private:
  enum class Form : std::uint8_t { everything, nothing, whole, parts };
  Form form_ = Form::nothing;
  std::vector<Pattern> parts_;  // six, or one for `whole`
};

}  // namespace larder::policy
