#include "policy/match.h"

#include <algorithm>

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

/// The bytes of the first character of a text that is not empty. A byte that begins no character
/// counts as one.
std::size_t character_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  std::size_t length = 1;
  if (lead >= 0xf0)
    length = 4;
  else if (lead >= 0xe0)
    length = 3;
  else if (lead >= 0xc0)
    length = 2;
  return std::min(length, text.size());
}

bool begins_with(std::string_view text, std::string_view prefix, bool ignore_case) {
  if (prefix.size() > text.size()) return false;
  const std::string_view head = text.substr(0, prefix.size());
  return ignore_case ? equal_ignoring_case(head, prefix) : head == prefix;
}

}  // namespace

/// What the variables of a pattern stand for, looked up once a match (the first few of them).
class Pattern::Resolved {
 public:
  Resolved(const Pattern& pattern, const Context& context) : pattern_(pattern), context_(context) {
    if (!pattern.has_variables_) return;
    const std::size_t count = std::min(pattern.tokens_.size(), kept_.size());
    for (std::size_t i = 0; i < count; ++i)
      if (pattern.tokens_[i].kind == Kind::variable) kept_[i] = look_up(i);
    for (std::size_t i = 0; i < pattern.tokens_.size(); ++i)
      if (pattern.tokens_[i].kind == Kind::variable && !value(i)) complete_ = false;
  }

  /// Every variable has a value.
  bool complete() const { return complete_; }
  std::optional<std::string_view> value(std::size_t token) const {
    return token < kept_.size() ? kept_[token] : look_up(token);
  }

 private:
  std::optional<std::string_view> look_up(std::size_t i) const {
    const Token& token = pattern_.tokens_[i];
    if (const auto found = context_.single(token.text)) return found;
    if (token.has_default) return std::string_view(token.fallback);
    return std::nullopt;
  }

  const Pattern& pattern_;
  const Context& context_;
  std::array<std::optional<std::string_view>, 16> kept_{};
  bool complete_ = true;
};

std::size_t variable_length(std::string_view text) { return read_variable(text).length; }

void Pattern::add_literal(std::string_view text) {
  if (!tokens_.empty() && tokens_.back().kind == Kind::literal)
    tokens_.back().text.append(text);
  else
    tokens_.push_back({Kind::literal, false, std::string(text), {}});
}

void Pattern::add_special(Kind kind) {
  has_wildcards_ = true;
  const bool again = !tokens_.empty() && tokens_.back().kind == Kind::any_run;
  if (kind == Kind::any_run && again) return;  // `**` is `*`
  tokens_.push_back({kind, false, {}, {}});
}

void Pattern::finish() { everything_ = tokens_.size() == 1 && tokens_[0].kind == Kind::any_run; }

Pattern Pattern::compile(std::string_view text, PatternOptions options) {
  Pattern pattern;
  pattern.ignore_case_ = options.ignore_case;
  while (!text.empty()) {
    const Variable variable = options.variables ? read_variable(text) : Variable{};
    if (variable.length != 0) {
      if (variable.escaped != 0) {
        pattern.add_literal(variable.key);
      } else {
        pattern.has_variables_ = true;
        pattern.tokens_.push_back({Kind::variable, variable.has_default, std::string(variable.key),
                                   std::string(variable.fallback)});
      }
      text.remove_prefix(variable.length);
      continue;
    }
    if (options.wildcards && text[0] == '*')
      pattern.add_special(Kind::any_run);
    else if (options.wildcards && text[0] == '?')
      pattern.add_special(Kind::any_one);
    else
      pattern.add_literal(text.substr(0, 1));
    text.remove_prefix(1);
  }
  pattern.finish();
  return pattern;
}

/// How many bytes of `rest` the token takes; nullopt when it does not fit. Not for any_run.
std::optional<std::size_t> Pattern::step(std::size_t token, std::string_view rest,
                                         const Resolved& variables) const {
  const Token& t = tokens_[token];
  if (t.kind == Kind::any_one) {
    if (rest.empty()) return std::nullopt;
    return character_length(rest);
  }
  const std::string_view wanted =
      t.kind == Kind::variable ? *variables.value(token) : std::string_view(t.text);
  if (!begins_with(rest, wanted, ignore_case_)) return std::nullopt;
  return wanted.size();
}

bool Pattern::matches(std::string_view text, const Context& context) const {
  if (everything_) return true;
  if (!has_variables_ && !has_wildcards_) {
    if (tokens_.empty()) return text.empty();
    return text.size() == tokens_[0].text.size() &&
           begins_with(text, tokens_[0].text, ignore_case_);
  }
  const Resolved variables(*this, context);
  if (!variables.complete()) return false;

  // Only the last run seen may grow: an earlier one has already taken the least it can, so it never
  // needs another try. Its start only moves forward, which bounds the work.
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
      if (const auto taken = step(token, text.substr(position), variables)) {
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

}  // namespace larder::policy
