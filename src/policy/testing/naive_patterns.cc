#include "policy/testing/naive_patterns.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "base/check.h"

namespace larder::policy::test {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr char32_t any_one = 0x110000;
constexpr char32_t any_run = 0x110001;

char32_t take_code_point(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  char32_t point = size == 1 ? first : first & (0xffu >> (size + 1));
  CHECK(size <= text.size());
  for (std::size_t i = 1; i < size; ++i)
    point = (point << 6) | (static_cast<unsigned char>(text[i]) & 0x3fu);
  text.remove_prefix(size);
  return point;
}

/// `${key}`, `${key, 'default'}` or an escaped character.
struct Variable {
  std::size_t size = 0;  // of all of it in the text
  std::string_view key{};
  std::optional<std::string_view> fallback{};
};

/// What the text begins with; nullopt also for what only looks like a variable, and is itself.
std::optional<Variable> variable_at(std::string_view text) {
  if (!text.starts_with("${")) return std::nullopt;
  const std::size_t end = text.find_first_of(",}", 2);
  if (end == std::string_view::npos) return std::nullopt;
  Variable variable{.size = end + 1, .key = text.substr(2, end - 2)};
  const bool escape = variable.key == "*" || variable.key == "?" || variable.key == "$";
  if (text[end] == '}' && escape) return variable;
  if (variable.key.empty() || variable.key.find_first_of("{$'*?") != std::string_view::npos)
    return std::nullopt;
  if (text[end] == '}') return variable;
  std::size_t quote = end + 1;
  while (quote < text.size() && text[quote] == ' ') ++quote;
  const std::size_t close = text.find("'}", quote + 1);
  if (quote == text.size() || text[quote] != '\'' || close == std::string_view::npos)
    return std::nullopt;
  variable.fallback = text.substr(quote + 1, close - quote - 1);
  variable.size = close + 2;
  return variable;
}

std::optional<std::string_view> value_of(const Variable& variable, Reading reading,
                                         const NaiveContext& context) {
  if (variable.key == "*" || variable.key == "?" || variable.key == "$") return variable.key;
  // Of use in conditions only.
  if (reading.of_resource && same_but_for_case(variable.key, "ec2:SourceInstanceARN"))
    return variable.fallback;
  const NaiveValues* values = find(context, variable.key);
  if (values == nullptr) return variable.fallback;
  if (values->is_list) return std::nullopt;
  return values->values.front();
}

/// The end of the variable that the text begins with; 0 when it begins with none.
std::size_t variable_end(std::string_view text, bool variables) {
  const auto variable = variables ? variable_at(text) : std::nullopt;
  return variable ? variable->size : 0;
}

using Symbols = std::u32string;

/// nullopt: a variable has no value, so that the text matches nothing.
std::optional<Symbols> expand(std::string_view text, Reading reading, const NaiveContext& context) {
  Symbols symbols;
  symbols.reserve(text.size());
  while (!text.empty()) {
    if (const auto variable = reading.variables ? variable_at(text) : std::nullopt) {
      auto value = value_of(*variable, reading, context);
      if (!value) return std::nullopt;
      while (!value->empty()) symbols += take_code_point(*value);
      text.remove_prefix(variable->size);
      continue;
    }
    const char32_t point = take_code_point(text);
    const bool wild = reading.wildcards && (point == U'*' || point == U'?');
    symbols += !wild ? point : point == U'*' ? any_run : any_one;
  }
  return symbols;
}

char32_t folded(char32_t c) { return c >= U'A' && c <= U'Z' ? c + (U'a' - U'A') : c; }

bool matches(std::u32string_view pattern, std::string_view text, bool ignore_case) {
  if (pattern.empty()) return text.empty();
  const char32_t wanted = pattern.front();
  if (wanted == any_run && matches(pattern.substr(1), text, ignore_case)) return true;
  if (text.empty()) return false;
  const char32_t point = take_code_point(text);
  if (wanted == any_run) return matches(pattern, text, ignore_case);
  const bool same = wanted == point || (ignore_case && folded(wanted) == folded(point));
  return (wanted == any_one || same) && matches(pattern.substr(1), text, ignore_case);
}

/// Up to six parts, split at the colons that are not inside of a variable.
std::vector<std::string_view> split(std::string_view text, bool variables) {
  std::vector<std::string_view> parts;
  parts.reserve(6);
  std::size_t at = 0;
  while (at < text.size() && parts.size() < 5) {
    if (const std::size_t end = variable_end(text.substr(at), variables); end != 0) {
      at += end;
    } else if (text[at] == ':') {
      parts.push_back(text.substr(0, at));
      text.remove_prefix(at + 1);
      at = 0;
    } else {
      ++at;
    }
  }
  parts.push_back(text);
  return parts;
}

bool has_variable(std::string_view text) {
  for (; !text.empty(); text.remove_prefix(1))
    if (variable_end(text, true) != 0) return true;
  return false;
}

}  // namespace

bool same_but_for_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

const NaiveValues* find(const NaiveContext& context, std::string_view key) {
  for (const auto& [name, values] : context)
    if (same_but_for_case(name, key)) return &values;
  return nullptr;
}

bool text_matches(std::string_view pattern, std::string_view text, Reading reading,
                  const NaiveContext& context) {
  const auto symbols = expand(pattern, reading, context);
  return symbols && matches(*symbols, text, reading.ignore_case);
}

namespace {

bool matches_by_parts(std::string_view pattern, std::string_view arn, Reading reading,
                      const NaiveContext& context) {
  if (pattern.starts_with('*') && pattern.find_first_not_of('*') == std::string_view::npos)
    return true;
  const auto wanted = split(pattern, reading.variables);
  if (wanted.size() < 6 && reading.of_resource && pattern.starts_with("arn:"))
    return matches_by_parts(std::string(pattern) + ":*", arn, reading, context);
  if (wanted.size() < 6)
    return reading.variables && has_variable(pattern) &&
           text_matches(pattern, arn, reading, context);
  const auto parts = split(arn, false);
  if (parts.size() < 6 || parts[0] != "arn") return false;
  for (std::size_t i = 0; i < 6; ++i) {
    reading.wildcards = i != 2 || !reading.of_resource;
    if (!text_matches(wanted[i], parts[i], reading, context)) return false;
  }
  return true;
}

}  // namespace

bool arn_matches(std::string_view pattern, std::string_view arn, bool variables,
                 const NaiveContext& context) {
  return matches_by_parts(pattern, arn, {.variables = variables}, context);
}

bool resource_matches(std::string_view pattern, std::string_view resource, bool variables,
                      const NaiveContext& context) {
  const auto parts = split(pattern, variables);
  for (std::size_t i = 0; variables && i < std::min<std::size_t>(parts.size(), 5); ++i)
    if (has_variable(parts[i])) return false;
  return matches_by_parts(pattern, resource, {.variables = variables, .of_resource = true},
                          context);
}

}  // namespace larder::policy::test
