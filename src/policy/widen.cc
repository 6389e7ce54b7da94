#include "policy/widen.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

#include "policy/match.h"

namespace larder::policy {

namespace {

constexpr std::size_t readable_patterns = 5;
constexpr std::string_view all_of_s3 = "arn:aws:s3:::";

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

/// The widest folder that a resource may be taken into: its bucket, its type, its service. nullopt:
/// it stays as it is.
std::optional<std::string_view> root_of(std::string_view arn, Width width) {
  const std::size_t last = last_component(arn);
  if (last == 0) return std::nullopt;
  if (width >= Width::services) return arn.substr(0, last);
  if (!arn.starts_with(all_of_s3) && width < Width::types) return std::nullopt;
  const std::size_t slash = arn.find('/', last);
  if (slash == std::string_view::npos) return std::nullopt;
  return arn.substr(0, slash + 1);
}

/// Up to which position two texts have the same characters.
std::size_t same_characters(std::string_view a, std::string_view b) {
  const auto [in_a, in_b] = std::ranges::mismatch(a, b);
  auto at = static_cast<std::size_t>(in_b - b.begin());
  while (at > 0 && at < b.size() && continues_character(b[at])) --at;
  return at;
}

std::size_t next_character(std::string_view text, std::size_t at) {
  do ++at;
  while (at < text.size() && continues_character(text[at]));
  return at;
}

std::size_t count_beginning(std::span<const Scope> scopes, std::string_view beginning) {
  std::size_t count = 0;
  while (count < scopes.size() && scopes[count].text.starts_with(beginning)) ++count;
  return count;
}

class Cover {
 public:
  Cover(Width width, const ResourceSet& refused)
      : width_(width),
        most_(width >= Width::buckets      ? 0
              : width >= Width::one_folder ? 1
                                           : readable_patterns),
        refused_(refused) {}

  /// Of `inside`, which all begin with `folder`. A folder is covered as a whole only if it is free
  /// and what is below it needs more than `most_` scopes.
  std::vector<Scope> of(std::string_view folder, std::span<const Scope> inside) const {
    if (inside.size() <= most_) return {inside.begin(), inside.end()};
    const bool free = is_free(folder);
    if (free && most_ == 0) return {whole(folder)};
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
      const std::size_t count = count_beginning(inside, below);
      for (Scope& scope : of(below, inside.first(count))) covered.push_back(std::move(scope));
      inside = inside.subspan(count);
    }
    if (covered.size() <= most_) return covered;
    if (free) return {whole(folder)};
    // What resources of a service begin with is more than a text: only S3's have no types.
    const bool names = folder.ends_with('/') || folder == all_of_s3;
    if (width_ < Width::beginnings || !names) return covered;
    std::vector<Scope> shortened;
    shorten(covered, shortened);
    return shortened;
  }

 private:
  static Scope whole(std::string_view folder) { return {std::string(folder), true}; }

  bool is_free(std::string_view beginning) const {
    const auto first = refused_.lower_bound(beginning);
    return first == refused_.end() || !first->starts_with(beginning);
  }

  /// Two and more scopes become what they begin with, where that is free.
  void shorten(std::span<const Scope> scopes, std::vector<Scope>& out) const {
    if (scopes.size() == 1) return out.push_back(scopes.front());
    const std::string_view first = scopes.front().text;
    const std::size_t shared = same_characters(first, scopes.back().text);
    if (is_free(first.substr(0, shared))) return out.push_back(whole(first.substr(0, shared)));
    while (!scopes.empty()) {
      const std::string_view text = scopes.front().text;
      const std::size_t count =
          text.size() == shared
              ? 1
              : count_beginning(scopes, text.substr(0, next_character(text, shared)));
      shorten(scopes.first(count), out);
      scopes = scopes.subspan(count);
    }
  }

  const Width width_;
  const std::size_t most_;
  const ResourceSet& refused_;
};

}  // namespace

std::string pattern_of(const Scope& scope) {
  if (scope.text == "*") return "*";
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

std::vector<Scope> widen(const std::vector<Scope>& scopes, Width width,
                         const ResourceSet& refused) {
  const Cover cover(width, refused);
  std::vector<Scope> widened;
  std::span<const Scope> rest = scopes;
  while (!rest.empty()) {
    const auto root = root_of(rest.front().text, width);
    const std::size_t count = root ? count_beginning(rest, *root) : 1;
    if (!root) {
      widened.push_back(rest.front());
    } else {
      for (Scope& scope : cover.of(*root, rest.first(count))) widened.push_back(std::move(scope));
    }
    rest = rest.subspan(count);
  }
  return widened;
}

}  // namespace larder::policy
