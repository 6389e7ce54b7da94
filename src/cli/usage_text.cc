#include "cli/usage_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <iterator>
#include <limits>
#include <vector>

#include "cli/output.h"

namespace larder::cli {
namespace {

using boost::json::array;
using boost::json::object;

constexpr const char* numbers[] = {"Objects", "Bytes", "Uploads", "UploadBytes"};
using Row = std::array<std::string, 1 + std::size(numbers)>;

const object* account_in(const array& usage, const boost::json::value& id) {
  for (const auto& account : usage)
    if (account.at("AccountId") == id) return &account.as_object();
  return nullptr;
}

std::string text_of(const boost::json::value& value) {
  return value.is_string() ? printable(value.as_string()) : boost::json::serialize(value);
}

Row row_of(std::string name, const object& counted) {
  Row row{std::move(name)};
  for (std::size_t i = 0; i < std::size(numbers); ++i) row[i + 1] = text_of(counted.at(numbers[i]));
  return row;
}

}  // namespace

array usage_of(const array& accounts, const array& usage, std::string_view only) {
  array all;
  for (const auto& account : accounts) {
    const auto& id = account.at("AccountId");
    if (!only.empty() && id.as_string() != only) continue;
    object shown{{"AccountId", id}, {"AccountName", account.at("AccountName")}};
    if (const auto* limit = account.as_object().if_contains("MaxBytes")) shown["MaxBytes"] = *limit;
    const auto* held = account_in(usage, id);
    for (const auto* number : numbers)
      shown[number] = held ? held->at(number) : boost::json::value(0);
    shown["Buckets"] = held ? held->at("Buckets") : boost::json::value(array());
    all.push_back(std::move(shown));
  }
  return all;
}

std::string usage_text(const array& usage) {
  std::vector<Row> rows{{"", "OBJECTS", "BYTES", "UPLOADS", "UPLOAD BYTES"}};
  for (const auto& account : usage) {
    const auto* limit = account.as_object().if_contains("MaxBytes");
    auto name =
        fmt::format("{} {}", text_of(account.at("AccountId")), text_of(account.at("AccountName")));
    if (limit) name += fmt::format(" (of {} bytes)", text_of(*limit));
    rows.push_back(row_of(std::move(name), account.as_object()));
    for (const auto& bucket : account.at("Buckets").as_array())
      rows.push_back(row_of("  " + text_of(bucket.at("Name")), bucket.as_object()));
  }
  std::array<std::size_t, std::tuple_size_v<Row>> widths{};
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const auto& row : rows) {
    text += fmt::format("{:<{}}", row[0], widths[0]);
    for (std::size_t i = 1; i < row.size(); ++i) text += fmt::format("  {:>{}}", row[i], widths[i]);
    text += '\n';
  }
  return text;
}

std::optional<std::int64_t> parse_bytes(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  auto unit = std::string(end, text.data() + text.size());
  if (unit.starts_with(' ')) unit.erase(0, 1);
  std::ranges::transform(unit, unit.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  constexpr std::string_view powers = "kmgt";
  std::uint64_t scale = 1;
  if (!unit.empty() && unit != "b") {
    const auto power = powers.find(unit[0]);
    const auto rest = unit.substr(1);
    if (power == powers.npos || (rest != "b" && rest != "ib")) return std::nullopt;
    for (std::size_t i = 0; i <= power; ++i) scale *= rest == "ib" ? 1024 : 1000;
  }
  std::int64_t bytes = 0;
  if (__builtin_mul_overflow(number, scale, &bytes)) return std::nullopt;
  return bytes;
}

}  // namespace larder::cli
