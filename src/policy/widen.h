// From resources that were seen to patterns that cover them: how far beyond what was seen, and
// where.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace larder::policy {

/// One resource, or all whose ARNs begin with a text.
struct Scope {
  std::string text;
  bool folder = false;  // `text` is the beginning; empty: of every ARN, and of `*`

  bool covers(const Scope& other) const {
    return folder ? other.text.starts_with(text) : *this == other;
  }
  friend auto operator<=>(const Scope&, const Scope&) = default;
};

/// As a Resource element has it: characters of the resource that a pattern would read as its own
/// are escaped.
std::string pattern_of(const Scope& scope);

/// From the least to the most.
enum class Width : std::uint8_t {
  folders,     // of a bucket's objects: folders that would have more than five patterns
  one_folder,  // the longest common folder of a bucket's objects
  buckets,     // all objects of a bucket
  types,       // all resources of a type: arn:aws:iam::111122223333:role/*
  everything   // `*`
};

/// The scopes that cover all of `scopes`. Both are sorted and without repetition. Five resources
/// and fewer that share a folder stay as they are up to Width::folders.
std::vector<Scope> widen(const std::vector<Scope>& scopes, Width width);

}  // namespace larder::policy
