// From resources that were seen to patterns that cover them: how far beyond what was seen, where,
// and never over what was refused.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace larder::policy {

/// One resource, or all whose ARNs begin with a text.
struct Scope {
  std::string text;
  bool folder = false;  // `text` is the beginning, at least up to an ARN's fifth colon

  bool covers(const Scope& other) const {
    return folder ? other.text.starts_with(text) : *this == other;
  }
  friend auto operator<=>(const Scope&, const Scope&) = default;
};

using ResourceSet = std::set<std::string, std::less<>>;

/// As a Resource element has it: characters of the resource that a pattern would read as its own
/// are escaped.
std::string pattern_of(const Scope& scope);

/// From the least to the most.
enum class Width : std::uint8_t {
  folders,     // of a bucket's objects: folders that would have more than five patterns
  beginnings,  // and, in folders that are not free, what their names begin with: photos/2026/IMG_*
  one_folder,  // the longest common folder of a bucket's objects
  buckets,     // all objects of a bucket
  types,       // all resources of a type: arn:aws:iam::111122223333:role/*
  services     // all resources of a service (and region and account): arn:aws:s3:::*
};

/// The scopes that cover all of `scopes`, sorted and apart from one another, as `scopes` have to
/// be. None that is wider than one of `scopes` covers a resource of `refused`: what is below it is
/// widened instead, as far as that is free. Five resources and fewer that share a folder stay as
/// they are up to Width::beginnings.
std::vector<Scope> widen(const std::vector<Scope>& scopes, Width width, const ResourceSet& refused);

}  // namespace larder::policy
