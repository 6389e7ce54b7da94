// JSON, strictly: no duplicate names, no trailing text, valid UTF-8, bounded depth. Boost.JSON
// keeps the last of duplicate names silently, and keeps neither the text of numbers nor positions;
// policy documents need all three.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace larder::policy {

struct Json {
  enum class Type : std::uint8_t { null, boolean, number, string, array, object };
  Type type = Type::null;
  std::size_t offset = 0;            // of its first byte in the text
  std::size_t end = 0;               // one past its last byte
  std::string text{};                // of a string: unescaped; of a number or boolean: as written
  std::vector<std::string> names{};  // of an object, beside `elements`
  std::vector<std::size_t> name_offsets{};  // of the names' first bytes
  std::vector<Json> elements;

  bool is(Type t) const { return type == t; }
};

struct JsonError {
  std::size_t offset;     // where it is wrong: of a name that appears twice, the second
  std::string_view what;  // static
};

/// Nests at most limits::nesting_depth deep.
std::expected<Json, JsonError> read_json(std::string_view text);

}  // namespace larder::policy
