#include "policy/nearest.h"

#include <algorithm>
#include <array>
#include <vector>

namespace larder::policy {

namespace {

constexpr std::size_t length_max = 128;  // of names that are compared

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// How many characters must be put in, left out, replaced, or swapped with their neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::array<std::vector<std::size_t>, 3> rows;  // of a's prefixes; the last three
  for (auto& row : rows) row.resize(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i - 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], rows[(i - 2) % 3][j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

Nearest::Nearest(std::string_view wanted)
    : wanted_(lower(wanted)), distance_(std::clamp<std::size_t>(wanted.size() / 4, 1, 3) + 1) {}

void Nearest::consider(std::string_view name, std::string_view compared) {
  const auto [shorter, longer] = std::minmax({wanted_.size(), compared.size()});
  if (longer > length_max || longer - shorter >= distance_) return;
  const std::size_t distance = edit_distance(wanted_, lower(compared));
  if (distance >= distance_) return;
  distance_ = distance;
  found_ = name;
}

std::string did_you_mean(std::string_view name) {
  return name.empty() ? std::string() : " Did you mean " + std::string(name) + "?";
}

}  // namespace larder::policy
