#include "policy/match.h"

#include <algorithm>
#include <span>

#include "base/check.h"
#include "policy/frontier.h"

namespace larder::policy {

namespace {

/// A variable as it is written: `${key}`, `${key, 'default'}`, or an escaped character.
struct Variable {
  std::size_t length = 0;  // of the whole text, braces included; 0: not a variable
  char escaped = 0;
  bool has_default = false;
  std::string_view key{};
  std::string_view fallback{};
};

bool is_key_text(std::string_view text) {
  return !text.empty() && text.find_first_of("{}$,'*?") == std::string_view::npos;
}

Variable read_variable(std::string_view text) {
  if (!text.starts_with("${")) return {};
  const std::size_t end = text.find_first_of(",}", 2);
  if (end == std::string_view::npos) return {};
  Variable variable;
  variable.key = text.substr(2, end - 2);
  if (text[end] == '}') {
    variable.length = end + 1;
    if (variable.key == "*" || variable.key == "?" || variable.key == "$") {
      variable.escaped = variable.key[0];
      return variable;
    }
    return is_key_text(variable.key) ? variable : Variable{};
  }
  if (!is_key_text(variable.key)) return {};
  const std::size_t quote = text.find_first_not_of(' ', end + 1);
  if (quote == std::string_view::npos || text[quote] != '\'') return {};
  const std::size_t close = text.find("'}", quote + 1);
  if (close == std::string_view::npos) return {};
  variable.has_default = true;
  variable.fallback = text.substr(quote + 1, close - quote - 1);
  variable.length = close + 2;
  return variable;
}

/// The bytes of the first character of a text that is not empty.
std::size_t character_length(std::string_view text) {
  std::size_t length = 1;
  while (length < std::min<std::size_t>(text.size(), 4) && continues_character(text[length]))
    ++length;
  return length;
}

}  // namespace

std::size_t variable_length(std::string_view text) { return read_variable(text).length; }

Slice PatternTable::store(std::string_view text) {
  CHECK(text_.size() + text.size() <= UINT32_MAX);
  const Slice slice{static_cast<std::uint32_t>(text_.size()),
                    static_cast<std::uint32_t>(text.size())};
  text_.append(text);
  return slice;
}

void PatternTable::add_token(Pattern& pattern, Token token) {
  if (pattern.tokens_count == 0) pattern.tokens_begin = static_cast<std::uint32_t>(tokens_.size());
  ++pattern.tokens_count;
  tokens_.push_back(token);
}

void PatternTable::add_literal(Pattern& pattern, std::string_view text) {
  // What was stored last grows: a literal is in pieces only around an escape such as `${*}`.
  const auto grow = [&](Slice& slice) {
    if (slice.size == 0) slice.begin = static_cast<std::uint32_t>(text_.size());
    slice.size += store(text).size;
  };
  if (pattern.tokens_count == 0) return grow(pattern.head);
  if (tokens_.back().kind == Kind::literal) return grow(tokens_.back().text);
  add_token(pattern, {.kind = Kind::literal, .text = store(text)});
}

Pattern PatternTable::compile(std::string_view text, PatternOptions options) {
  Pattern pattern{.ignore_case = options.ignore_case};
  const auto is_plain = [&](char c) { return c != '$' && !(options.wildcards && is_wildcard(c)); };
  while (!text.empty()) {
    const Variable variable = options.variables ? read_variable(text) : Variable{};
    std::size_t length = std::max<std::size_t>(variable.length, 1);
    if (variable.escaped != 0) {
      add_literal(pattern, variable.key);
    } else if (variable.length != 0) {
      pattern.has_variables = true;
      add_token(pattern, {.kind = Kind::variable,
                          .has_default = variable.has_default,
                          .key_hash = hash_ignoring_case(variable.key),
                          .key = store(variable.key),
                          .text = store(variable.fallback)});
    } else if (options.wildcards && text[0] == '*') {
      const bool again = pattern.tokens_count != 0 && tokens_.back().kind == Kind::any_run;
      if (!again) add_token(pattern, {.kind = Kind::any_run});  // `**` is `*`
    } else if (options.wildcards && text[0] == '?') {
      add_token(pattern, {.kind = Kind::any_one});
    } else {
      while (length < text.size() && is_plain(text[length])) ++length;
      add_literal(pattern, text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  if (pattern.tokens_count == 1 && tokens_.back().kind == Kind::any_run)
    pattern.shape = Pattern::Shape::prefix;
  else if (pattern.tokens_count != 0)
    pattern.shape = Pattern::Shape::general;
  return pattern;
}

/// The tokens of a pattern against one text.
class PatternTable::Tail {
 public:
  Tail(const PatternTable& table, const Pattern& pattern, const Context& context)
      : table_(table),
        context_(context),
        tokens_(table.tokens_.data() + pattern.tokens_begin, pattern.tokens_count),
        ignore_case_(pattern.ignore_case) {}

  /// The fewest bytes that it can match; nullopt when a variable has no value.
  std::optional<std::size_t> least_length() const {
    std::size_t length = 0;
    for (const Token& token : tokens_) {
      if (token.kind == Kind::any_one) ++length;
      if (token.kind == Kind::literal) length += token.text.size;
      if (token.kind != Kind::variable) continue;
      const auto value = value_of(token);
      if (!value) return std::nullopt;
      length += value->size();
    }
    return length;
  }

  /// One position after the other.
  bool matches(std::string_view text) const {
    // Only the last run seen may grow: an earlier one has already taken the least it can, so it
    // never needs another try. Its start only moves forward, which bounds the work.
    constexpr std::size_t no_run = static_cast<std::size_t>(-1);
    std::size_t token = 0;
    std::size_t position = 0;
    std::size_t run_token = no_run;
    std::size_t run_position = 0;
    while (true) {
      if (token < tokens_.size() && tokens_[token].kind == Kind::any_run) {
        run_token = token++;
        run_position = position;
        if (token == tokens_.size()) return true;
        continue;
      }
      if (token < tokens_.size()) {
        if (const auto taken = step(tokens_[token], text.substr(position))) {
          position += *taken;
          ++token;
          continue;
        }
      } else if (position == text.size()) {
        return true;
      }
      if (run_token == no_run || run_position >= text.size()) return false;
      run_position += character_length(text.substr(run_position));
      position = run_position;
      token = run_token + 1;
    }
  }

  /// All positions at once.
  bool matches_long(std::string_view text) const {
    Frontier frontier(text, ignore_case_);
    for (const Token& token : tokens_) {
      if (token.kind == Kind::any_one) {
        frontier.pass_one();
      } else if (token.kind == Kind::any_run) {
        frontier.pass_run();
      } else {
        for (const char c : text_of(token)) frontier.pass(c);
      }
      if (frontier.empty()) return false;
    }
    return frontier.at_end();
  }

 private:
  std::optional<std::string_view> value_of(const Token& variable) const {
    const std::string_view key = table_.text(variable.key);
    if (const auto found = context_.single(variable.key_hash, key)) return found;
    // For an absent key, not for one with several values: who sends two tags is not who sends none.
    if (variable.has_default && !context_.contains(key)) return table_.text(variable.text);
    return std::nullopt;
  }

  /// What a literal or a variable stands for, once least_length() has found them all.
  std::string_view text_of(const Token& token) const {
    return token.kind == Kind::variable ? *value_of(token) : table_.text(token.text);
  }

  /// How many bytes of `rest` the token takes; nullopt when it does not fit. Not for any_run.
  std::optional<std::size_t> step(const Token& token, std::string_view rest) const {
    if (token.kind == Kind::any_one) {
      if (rest.empty()) return std::nullopt;
      return character_length(rest);
    }
    const std::string_view wanted = text_of(token);
    if (!rest.starts_with(wanted) &&
        !(ignore_case_ && equal_ignoring_case(rest.substr(0, wanted.size()), wanted)))
      return std::nullopt;
    return wanted.size();
  }

  const PatternTable& table_;
  const Context& context_;
  const std::span<const Token> tokens_;
  const bool ignore_case_;
};

bool PatternTable::matches_without_context(const Pattern& pattern, std::string_view text) const {
  static const Context none;
  return general_matches(pattern, text, none);
}

bool PatternTable::general_matches(const Pattern& pattern, std::string_view text,
                                   const Context& context) const {
  if (text.size() < pattern.head.size || !begins_with_head(pattern, text)) return false;
  text.remove_prefix(pattern.head.size);
  const Tail tail(*this, pattern, context);
  const auto least = tail.least_length();
  if (!least || *least > text.size()) return false;
  // Below this, looking at one position after the other is quicker.
  constexpr std::size_t few_steps = 32'768;
  if (*least * (text.size() - *least) > few_steps && text.size() <= limits::policy_value)
    return tail.matches_long(text);
  return tail.matches(text);
}

Wildcard::Wildcard(std::string_view pattern, bool ignore_case)
    : pattern_(table_.compile(
          pattern, {.wildcards = true, .variables = false, .ignore_case = ignore_case})) {}

}  // namespace larder::policy
