#include "policy/pattern_sets.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "policy/context.h"
#include "policy/match.h"

namespace larder::policy {

namespace {

struct Token {
  enum class Kind : std::uint8_t { character, any_one, run, run_without_slash };
  Kind kind;
  std::string_view character{};

  bool is_run() const { return kind == Kind::run || kind == Kind::run_without_slash; }
};
using Tokens = std::span<const Token>;

/// Of one comparison, which takes as many as the product of the lengths. Policies' patterns are far
/// below.
constexpr std::size_t steps_max = 1u << 22;

std::size_t character_length(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0u) == 0x80u)
    ++length;
  return length;
}

bool is_special(char c) { return is_wildcard(c) || c == '$'; }

bool same_letter(char a, char b, Letters letters) {
  if (a == b) return true;
  return letters == Letters::any_case && equal_ignoring_case({&a, 1}, {&b, 1});
}

/// They differ before the first wildcard or variable of either, so that no text matches both: true
/// of most pairs, and cheap to see.
bool differ_at_once(std::string_view a, std::string_view b, Letters letters, Effort& effort) {
  if (a.size() > b.size()) std::swap(a, b);
  std::size_t i = 0;
  while (i < a.size() && !is_special(a[i]) && same_letter(a[i], b[i], letters)) ++i;
  effort.spend(i + 4);
  if (i < a.size()) return !is_special(a[i]) && !is_special(b[i]);
  return i < b.size() && !is_special(b[i]);
}

std::vector<Token> tokens_of(std::string_view text, Effort& effort) {
  using Kind = Token::Kind;
  // What a `$` begins is looked for up to the end of the text.
  const auto dollars = static_cast<std::size_t>(std::ranges::count(text, '$'));
  effort.spend(text.size() * (4 + dollars));
  std::vector<Token> tokens;
  tokens.reserve(text.size());
  while (!text.empty()) {
    std::size_t length = variable_length(text);
    const bool escape = length == 4 && std::string_view("*?$").contains(text[2]);
    if (escape) {
      tokens.push_back({Kind::character, text.substr(2, 1)});
    } else if (length != 0 || text[0] == '*') {
      length = std::max<std::size_t>(length, 1);
      if (tokens.empty() || !tokens.back().is_run()) tokens.push_back({Kind::run});
    } else {
      length = character_length(text);
      if (text[0] == '?')
        tokens.push_back({Kind::any_one});
      else
        tokens.push_back({Kind::character, text.substr(0, length)});
    }
    text.remove_prefix(length);
  }
  return tokens;
}

bool same_character(const Token& a, const Token& b, Letters letters) {
  if (a.kind == Token::Kind::any_one || b.kind == Token::Kind::any_one) return true;
  return letters == Letters::any_case ? equal_ignoring_case(a.character, b.character)
                                      : a.character == b.character;
}

/// The run can take what the token stands for, or a part of it.
bool takes(const Token& run, const Token& token) {
  return run.kind == Token::Kind::run || token.character != "/";
}

/// Takes off the literal characters that both begin or end with. False: they differ there.
bool trim(Tokens& a, Tokens& b, Letters letters) {
  const auto is_character = [](const Token& token) { return token.kind == Token::Kind::character; };
  while (!a.empty() && !b.empty() && is_character(a.front()) && is_character(b.front())) {
    if (!same_character(a.front(), b.front(), letters)) return false;
    a = a.subspan(1);
    b = b.subspan(1);
  }
  while (!a.empty() && !b.empty() && is_character(a.back()) && is_character(b.back())) {
    if (!same_character(a.back(), b.back(), letters)) return false;
    a = a.first(a.size() - 1);
    b = b.first(b.size() - 1);
  }
  return true;
}

/// Whether a table of these sides may be filled.
bool affords(Tokens a, Tokens b, Effort& effort) {
  const std::size_t steps = (a.size() + 1) * (b.size() + 1);
  return steps <= steps_max && effort.spend(steps);
}

/// Tables of whether the rest of `a` from one token and the rest of `b` from another go together,
/// filled from the ends; only two rows are kept.
bool may_overlap(Tokens a, Tokens b, Letters letters, Effort& effort) {
  if (!trim(a, b, letters)) return false;
  if (!affords(a, b, effort)) return true;
  std::vector<char> below(b.size() + 1);
  std::vector<char> row(b.size() + 1);
  for (std::size_t i = a.size() + 1; i-- > 0;) {
    const Token* x = i < a.size() ? &a[i] : nullptr;
    for (std::size_t j = b.size() + 1; j-- > 0;) {
      const Token* y = j < b.size() ? &b[j] : nullptr;
      bool fits = x == nullptr && y == nullptr;
      // A run may end here, or take the other's next token. What two runs would both take, neither
      // needs to.
      if (x != nullptr && x->is_run()) {
        fits = fits || below[j] != 0;
        if (y != nullptr && !y->is_run()) fits = fits || (takes(*x, *y) && row[j + 1] != 0);
      }
      if (y != nullptr && y->is_run()) {
        fits = fits || row[j + 1] != 0;
        if (x != nullptr && !x->is_run()) fits = fits || (takes(*y, *x) && below[j] != 0);
      }
      if (x != nullptr && y != nullptr && !x->is_run() && !y->is_run())
        fits = same_character(*x, *y, letters) && below[j + 1] != 0;
      row[j] = fits ? 1 : 0;
    }
    std::swap(below, row);
  }
  return below[0] != 0;
}

/// A run of `inner` can only be taken by one of `outer`; then whatever it stands for is.
bool covers(Tokens outer, Tokens inner, Letters letters, Effort& effort) {
  if (!trim(outer, inner, letters) || !affords(outer, inner, effort)) return false;
  std::vector<char> below(inner.size() + 1);
  std::vector<char> row(inner.size() + 1);
  for (std::size_t i = outer.size() + 1; i-- > 0;) {
    for (std::size_t j = inner.size() + 1; j-- > 0;) {
      const bool at_end = j == inner.size();
      bool fits = false;
      if (i == outer.size())
        fits = at_end;
      else if (outer[i].is_run())
        fits = below[j] != 0 || (!at_end && row[j + 1] != 0);
      else if (!at_end && !inner[j].is_run() && below[j + 1] != 0)
        fits =
            outer[i].kind == Token::Kind::any_one || (inner[j].kind == Token::Kind::character &&
                                                      same_character(outer[i], inner[j], letters));
      row[j] = fits ? 1 : 0;
    }
    std::swap(below, row);
  }
  return below[0] != 0;
}

/// Split at the first five colons; nullopt when there are fewer.
std::optional<std::array<Tokens, 6>> components(Tokens tokens) {
  std::array<Tokens, 6> parts;
  for (std::size_t i = 0; i < 5; ++i) {
    const auto colon = std::ranges::find(tokens, std::string_view(":"), &Token::character);
    if (colon == tokens.end()) return std::nullopt;
    const auto length = static_cast<std::size_t>(colon - tokens.begin());
    parts[i] = tokens.first(length);
    tokens = tokens.subspan(length + 1);
  }
  parts[5] = tokens;
  return parts;
}

bool has_variable(std::string_view text) {
  for (std::size_t at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 1))
    if (variable_length(text.substr(at)) != 0) return true;
  return false;
}

bool arn_tokens_may_overlap(Tokens a, Tokens b, Effort& effort) {
  const auto x = components(a);
  const auto y = components(b);
  if (!x || !y) return may_overlap(a, b, Letters::exact, effort);
  for (std::size_t i = 0; i < x->size(); ++i)
    if (!may_overlap((*x)[i], (*y)[i], Letters::exact, effort)) return false;
  return true;
}

}  // namespace

bool may_overlap(std::string_view a, std::string_view b, Letters letters, Effort& effort) {
  if (effort.is_spent() || a == b) return true;
  if (differ_at_once(a, b, letters, effort)) return false;
  return may_overlap(tokens_of(a, effort), tokens_of(b, effort), letters, effort);
}

bool covers(std::string_view outer, std::string_view inner, Letters letters, Effort& effort) {
  if (effort.is_spent() || differ_at_once(outer, inner, letters, effort)) return false;
  if (has_variable(outer)) return false;
  if (outer == inner) return true;
  return covers(tokens_of(outer, effort), tokens_of(inner, effort), letters, effort);
}

bool arns_may_overlap(std::string_view a, std::string_view b, Effort& effort) {
  if (a == "*" || b == "*" || a == b || effort.is_spent()) return true;
  if (differ_at_once(a, b, Letters::exact, effort)) return false;
  return arn_tokens_may_overlap(tokens_of(a, effort), tokens_of(b, effort), effort);
}

bool arn_covers(std::string_view outer, std::string_view inner, Effort& effort) {
  if (outer == "*") return true;
  if (effort.is_spent() || differ_at_once(outer, inner, Letters::exact, effort)) return false;
  if (has_variable(outer)) return false;
  if (outer == inner) return true;
  const std::vector<Token> a = tokens_of(outer, effort);
  const std::vector<Token> b = tokens_of(inner, effort);
  const auto x = components(a);
  const auto y = components(b);
  if (!x || !y) return false;
  for (std::size_t i = 0; i < x->size(); ++i)
    if (!covers((*x)[i], (*y)[i], Letters::exact, effort)) return false;
  return true;
}

bool may_be_of_type(std::string_view arn, std::string_view type, Effort& effort) {
  if (arn == "*" || effort.is_spent()) return true;
  if (differ_at_once(arn, type, Letters::exact, effort)) return false;
  std::vector<Token> tokens = tokens_of(type, effort);
  const bool is_name = type.ends_with(":*");
  if (is_name && std::ranges::count(type, ':') == 5)
    tokens.back().kind = Token::Kind::run_without_slash;
  return arn_tokens_may_overlap(tokens_of(arn, effort), tokens, effort);
}

}  // namespace larder::policy
