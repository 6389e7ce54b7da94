#include "policy/places.h"

#include <optional>

namespace larder::policy {

namespace {

struct Member {
  std::size_t name_offset;
  const Json* value;
};

std::optional<Member> find(const Json& object, std::string_view name) {
  for (std::size_t i = 0; i < object.names.size(); ++i)
    if (object.names[i] == name) return Member{object.name_offsets[i], &object.elements[i]};
  return std::nullopt;
}

/// "Action", or else "NotAction".
std::optional<Member> find_either(const Json& statement, std::string_view name) {
  if (const auto found = find(statement, name)) return found;
  return find(statement, "Not" + std::string(name));
}

const Json* statement_at(const Json& root, std::size_t index) {
  const Json* statements = member(root, "Statement");
  if (statements == nullptr || statements->is(Json::Type::object)) return statements;
  return index < statements->elements.size() ? &statements->elements[index] : nullptr;
}

/// Of a string or a list of strings.
const Json* entry_at(const Json& value, std::size_t index) {
  if (!value.is(Json::Type::array)) return index == 0 ? &value : nullptr;
  return index < value.elements.size() ? &value.elements[index] : nullptr;
}

std::size_t entry_count(const Json& value) {
  return value.is(Json::Type::array) ? value.elements.size() : 1;
}

/// Principals are counted over all kinds ("AWS", "Service", …).
const Json* principal_at(const Json& value, std::size_t index) {
  if (!value.is(Json::Type::object)) return entry_at(value, index);
  for (const Json& entries : value.elements) {
    if (index < entry_count(entries)) return entry_at(entries, index);
    index -= entry_count(entries);
  }
  return nullptr;
}

/// Conditions are counted over all operators.
std::size_t offset_in_condition(const Json& condition, const Place& place) {
  std::size_t before = 0;
  for (std::size_t i = 0; i < condition.elements.size(); ++i) {
    const Json& keys = condition.elements[i];
    const std::size_t key = place.index - before;
    before += keys.names.size();
    if (place.index >= before) continue;
    if (place.part == Place::Part::condition_operator) return condition.name_offsets[i];
    if (place.part == Place::Part::condition_key) return keys.name_offsets[key];
    const Json* value = entry_at(keys.elements[key], place.value);
    return value != nullptr ? value->offset : keys.name_offsets[key];
  }
  return condition.offset;
}

std::size_t offset_in_statement(const Json& json, const Place& place) {
  using enum Place::Part;
  std::optional<Member> found;
  switch (place.part) {
    case sid:
      found = find(json, "Sid");
      return found ? found->value->offset : json.offset;
    case effect:
      found = find(json, "Effect");
      return found ? found->value->offset : json.offset;
    case principal_name:
    case principal:
      found = find_either(json, "Principal");
      break;
    case action_name:
    case action:
      found = find_either(json, "Action");
      break;
    case resource_name:
    case resource:
      found = find_either(json, "Resource");
      break;
    case condition_operator:
    case condition_key:
    case condition_value:
      found = find(json, "Condition");
      return found ? offset_in_condition(*found->value, place) : json.offset;
    case document:
    case version:
    case statement:
      return json.offset;
  }
  if (!found) return json.offset;
  const Json* entry = nullptr;
  if (place.part == principal) entry = principal_at(*found->value, place.index);
  if (place.part == action || place.part == resource) entry = entry_at(*found->value, place.index);
  return entry != nullptr ? entry->offset : found->name_offset;
}

}  // namespace

const Json* member(const Json& object, std::string_view name) {
  const auto found = find(object, name);
  return found ? found->value : nullptr;
}

std::size_t offset_of(const Json& root, const Place& place) {
  if (place.part == Place::Part::document) return root.offset;
  if (place.part == Place::Part::version) {
    const Json* version = member(root, "Version");
    return version != nullptr ? version->offset : root.offset;
  }
  const Json* statement = statement_at(root, place.statement);
  return statement != nullptr ? offset_in_statement(*statement, place) : root.offset;
}

}  // namespace larder::policy
