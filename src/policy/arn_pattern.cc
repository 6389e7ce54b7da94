// What match.h says of ARNs.
#include <algorithm>
#include <ranges>
#include <span>
#include <string>

#include "policy/match.h"

namespace larder::policy {

namespace {

/// The pattern's components: split at its first five colons, those within variables not counted.
struct PatternParts {
  std::vector<std::string_view> parts{};
  bool early_variable = false;  // one stands before the fifth colon
};

PatternParts split_pattern(std::string_view text, bool variables) {
  PatternParts split;
  std::size_t begin = 0;
  std::size_t i = 0;
  while (i < text.size() && split.parts.size() < 5) {
    const std::size_t skipped = variables ? variable_length(text.substr(i)) : 0;
    if (skipped != 0) {
      split.early_variable = true;
      i += skipped;
      continue;
    }
    if (text[i] == ':') {
      split.parts.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    }
    ++i;
  }
  split.parts.push_back(text.substr(begin));
  return split;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (; times > 0; --times) all += text;
  return all;
}

bool is_all_stars(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c == '*'; });
}

}  // namespace

std::optional<ArnParts> split_arn(std::string_view arn) {
  if (!arn.starts_with("arn:")) return std::nullopt;
  ArnParts parts;
  for (std::size_t i = 0; i < 5; ++i) {
    const std::size_t colon = arn.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    parts[i] = arn.substr(0, colon);
    arn.remove_prefix(colon + 1);
  }
  parts[5] = arn;
  return parts;
}

/// "You can't use the ec2:SourceInstanceARN key as a variable in the Resource element" (EC2 User
/// Guide).
bool PatternTable::is_instance_variable(const Token& token) const {
  return token.kind == Kind::variable &&
         equal_ignoring_case(text(token.key), "ec2:SourceInstanceARN");
}

ArnPattern PatternTable::compile_arn(std::string_view text, bool variables, ArnPattern::Use use) {
  ArnPattern pattern;
  const PatternParts split = split_pattern(text, variables);
  const bool resource = use == ArnPattern::Use::resource;
  if (resource && split.early_variable) return pattern;
  const std::size_t count = split.parts.size();
  if (resource && count < 6 && text.starts_with("arn:"))
    return compile_arn(std::string(text) + repeated(":*", 6 - count), variables, use);
  const auto stands_as_it_is = [&](std::string_view part) { return !has_wildcard(part); };
  const std::span early(split.parts.data(), split.parts.size() - 1);
  const bool is_arn = count == 6;
  if (!is_arn && !split.early_variable && !is_all_stars(text)) return pattern;
  const bool literal = is_arn && !split.early_variable && early[0] == "arn" &&
                       std::ranges::all_of(early, stands_as_it_is);
  const PatternOptions options{.wildcards = true, .variables = variables};
  const auto is_instance = [&](const Token& token) { return is_instance_variable(token); };
  const std::size_t before = tokens_.size();
  pattern.last = compile(is_arn && !literal ? split.parts[5] : text, options);
  if (resource && std::ranges::any_of(tokens_ | std::views::drop(before), is_instance))
    return pattern;
  if (!is_arn || literal) {
    pattern.form = ArnPattern::Form::whole;
    return pattern;
  }
  pattern.form = ArnPattern::Form::parts;
  pattern.parts = static_cast<std::uint32_t>(parts_.size());
  for (std::size_t i = 0; i < early.size(); ++i) {
    // A resource names its service exactly.
    const bool exact = resource && i == 2;
    parts_.push_back(compile(early[i], {.wildcards = !exact, .variables = variables}));
  }
  return pattern;
}

bool PatternTable::parts_match(const ArnPattern& pattern, const ArnParts& parts,
                               const Context& context) const {
  if (!matches(pattern.last, parts[5], context)) return false;
  for (std::size_t i = 0; i < 5; ++i)
    if (!matches(parts_[pattern.parts + i], parts[i], context)) return false;
  return true;
}

}  // namespace larder::policy
