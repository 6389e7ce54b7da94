#include "policy/widen.h"

#include <optional>
#include <span>
#include <string_view>

#include "policy/match.h"

namespace larder::policy {

namespace {

constexpr std::size_t readable_patterns = 5;

/// Where the last component of an ARN begins; 0 for what is none.
std::size_t last_component(std::string_view arn) {
  std::size_t at = 0;
  for (int colon = 0; colon < 5; ++colon) {
    at = arn.find(':', at);
    if (at == std::string_view::npos) return 0;
    ++at;
  }
  return at;
}

/// The widest folder that a resource may be taken into: its bucket, or its type. nullopt: it stays
/// as it is.
std::optional<std::string_view> root_of(std::string_view arn, Width width) {
  const bool object = arn.starts_with("arn:aws:s3:::");
  if (!object && width < Width::types) return std::nullopt;
  const std::size_t slash = arn.find('/', last_component(arn));
  if (slash == std::string_view::npos) return std::nullopt;
  return arn.substr(0, slash + 1);
}

/// Covers `inside`, of which all begin with `folder`, with at most `most` scopes. A folder is
/// covered as a whole only if what is below it needs more.
std::vector<Scope> cover(std::string_view folder, std::span<const Scope> inside, std::size_t most) {
  if (inside.size() <= most) return {inside.begin(), inside.end()};
  std::vector<Scope> covered;
  while (!inside.empty()) {
    const std::string_view text = inside.front().text;
    const std::size_t slash = text.find('/', folder.size());
    if (slash == std::string_view::npos) {
      covered.push_back(inside.front());
      inside = inside.subspan(1);
      continue;
    }
    const std::string_view below = text.substr(0, slash + 1);
    std::size_t count = 1;
    while (count < inside.size() && inside[count].text.starts_with(below)) ++count;
    for (Scope& scope : cover(below, inside.first(count), most))
      covered.push_back(std::move(scope));
    inside = inside.subspan(count);
  }
  if (covered.size() <= most) return covered;
  return {Scope{std::string(folder), true}};
}

}  // namespace

std::string pattern_of(const Scope& scope) {
  if (scope.text.empty() || scope.text == "*") return "*";
  const std::size_t variable_part = last_component(scope.text);
  std::string pattern = scope.text.substr(0, variable_part);
  for (const char c : std::string_view(scope.text).substr(variable_part)) {
    if (c == '*' || c == '?' || c == '$')
      pattern.append("${").append(1, c).append("}");
    else
      pattern += c;
  }
  return scope.folder ? pattern + "*" : pattern;
}

std::vector<Scope> widen(const std::vector<Scope>& scopes, Width width) {
  if (width == Width::everything) return {Scope{"", true}};
  const std::size_t most = width == Width::folders ? readable_patterns : 1;
  std::vector<Scope> widened;
  std::span<const Scope> rest = scopes;
  while (!rest.empty()) {
    const auto root = root_of(rest.front().text, width);
    std::size_t count = 1;
    while (root && count < rest.size() && rest[count].text.starts_with(*root)) ++count;
    if (!root) {
      widened.push_back(rest.front());
    } else if (width >= Width::buckets) {
      widened.push_back({std::string(*root), true});
    } else {
      for (Scope& scope : cover(*root, rest.first(count), most))
        widened.push_back(std::move(scope));
    }
    rest = rest.subspan(count);
  }
  return widened;
}

}  // namespace larder::policy
