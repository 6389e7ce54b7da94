#include "bench/s3/cell.h"

#include <algorithm>
#include <array>
#include <utility>

namespace larder::bench {
namespace {

constexpr std::array<std::pair<Kind, std::string_view>, 5> names{{{Kind::put, "put"},
                                                                  {Kind::get, "get"},
                                                                  {Kind::mixed, "mixed"},
                                                                  {Kind::list, "list"},
                                                                  {Kind::remove, "delete"}}};

}  // namespace

std::string_view name_of(Kind kind) {
  return std::ranges::find(names, kind, &std::pair<Kind, std::string_view>::first)->second;
}

std::optional<Kind> parse_kind(std::string_view name) {
  const auto at = std::ranges::find(names, name, &std::pair<Kind, std::string_view>::second);
  return at == names.end() ? std::nullopt : std::optional(at->first);
}

std::vector<Cell> matrix(const std::vector<Kind>& kinds, const std::vector<std::uint64_t>& sizes,
                         const std::vector<std::size_t>& connections) {
  std::vector<Cell> cells;
  for (const Kind kind : kinds) {
    const bool by_size = kind != Kind::list && kind != Kind::remove;
    const auto of_kind = by_size ? sizes : std::vector{*std::ranges::min_element(sizes)};
    for (const std::uint64_t size : of_kind)
      for (const std::size_t count : connections) cells.push_back({kind, size, count});
  }
  return cells;
}

}  // namespace larder::bench
