// ArnPattern and split_arn of match.h.
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

ArnPattern ArnPattern::compile(std::string_view text, bool variables, Use use) {
  ArnPattern pattern;
  if (text == "*") {
    pattern.form_ = Form::everything;
    return pattern;
  }
  const PatternParts split = split_pattern(text, variables);
  if (use == Use::resource && split.early_variable) {
    pattern.form_ = Form::nothing;
    return pattern;
  }
  const PatternOptions options{.wildcards = true, .variables = variables};
  if (split.parts.size() < 6) {
    pattern.form_ = Form::whole;
    pattern.parts_.push_back(Pattern::compile(text, options));
    return pattern;
  }
  pattern.form_ = Form::parts;
  for (std::size_t i = 0; i < split.parts.size(); ++i) {
    PatternOptions part_options = options;
    // A resource names its service exactly.
    if (use == Use::resource && i == 2) part_options.wildcards = false;
    pattern.parts_.push_back(Pattern::compile(split.parts[i], part_options));
  }
  return pattern;
}

bool ArnPattern::matches(std::string_view arn, const Context& context) const {
  return matches(arn, form_ == Form::parts ? split_arn(arn) : std::nullopt, context);
}

bool ArnPattern::matches(std::string_view arn, const std::optional<ArnParts>& parts,
                         const Context& context) const {
  switch (form_) {
    case Form::everything:
      return true;
    case Form::nothing:
      return false;
    case Form::whole:
      return parts_[0].matches(arn, context);
    case Form::parts:
      break;
  }
  if (!parts) return false;
  for (std::size_t i = parts->size(); i-- > 0;)  // the last component tells most
    if (!parts_[i].matches((*parts)[i], context)) return false;
  return true;
}

}  // namespace larder::policy
