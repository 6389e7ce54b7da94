#include "policy/action_table.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "policy/context.h"
#include "policy/json_reader.h"

namespace larder::policy {

/// The text of actions.json: CMakeLists.txt makes the file that defines it.
extern const std::string_view actions_json;

namespace {

using Names = std::vector<std::string>;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool before(std::string_view a, std::string_view b) {
  const auto [left, right] = std::ranges::mismatch(a, b, {}, lower, lower);
  if (left == a.end() || right == b.end()) return right != b.end();
  return lower(*left) < lower(*right);
}

/// In a list that is sorted by `before`.
template <class T>
const T* find(const std::vector<T>& sorted, std::string_view name, std::string T::* member) {
  const auto found = std::ranges::lower_bound(sorted, name, before, member);
  return found != sorted.end() && equal_ignoring_case((*found).*member, name) ? &*found : nullptr;
}

/// `open` has one `*`, which stands for at least one character.
bool matches_open(std::string_view open, std::string_view name) {
  const std::size_t star = open.find('*');
  const std::string_view head = open.substr(0, star);
  const std::string_view tail = open.substr(star + 1);
  return name.size() >= open.size() && equal_ignoring_case(name.substr(0, head.size()), head) &&
         equal_ignoring_case(name.substr(name.size() - tail.size()), tail);
}

/// Null when the object has no such member.
const Json* member(const Json& object, std::string_view name) {
  const auto found = std::ranges::find(object.names, name);
  if (found == object.names.end()) return nullptr;
  return &object.elements[static_cast<std::size_t>(found - object.names.begin())];
}

const Json& required(const Json& object, std::string_view name) {
  const Json* found = member(object, name);
  CHECK(found != nullptr);
  return *found;
}

bool flag(const Json& object, std::string_view name, bool otherwise) {
  const Json* found = member(object, name);
  if (found == nullptr) return otherwise;
  CHECK(found->is(Json::Type::boolean));
  return found->text == "true";
}

/// Calls visit(name, value) for each member of the object `name` of `parent`; it may be absent.
template <class Visit>
void each_in(const Json& parent, std::string_view name, Visit&& visit) {
  const Json* object = member(parent, name);
  if (object == nullptr) return;
  CHECK(object->is(Json::Type::object));
  for (std::size_t i = 0; i < object->names.size(); ++i)
    visit(object->names[i], object->elements[i]);
}

/// Adds what it does not have yet.
void add(Names& names, std::string_view name) {
  if (std::ranges::find(names, name) == names.end()) names.emplace_back(name);
}

/// Adds the list `name` of `object`, which may be absent, with the members of groups in their
/// places.
void add_list(Names& names, const Json& object, std::string_view name, const Json* groups) {
  const Json* list = member(object, name);
  if (list == nullptr) return;
  CHECK(list->is(Json::Type::array));
  for (const Json& element : list->elements) {
    if (!element.text.starts_with('@')) {
      add(names, element.text);
      continue;
    }
    CHECK(groups != nullptr);
    for (const Json& one : required(*groups, element.text).elements) add(names, one.text);
  }
}

KeyType read_type(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, KeyType>, 7> types{
      {{"string", KeyType::string},
       {"numeric", KeyType::numeric},
       {"date", KeyType::date},
       {"boolean", KeyType::boolean},
       {"binary", KeyType::binary},
       {"ip_address", KeyType::ip_address},
       {"arn", KeyType::arn}}};
  const auto* found = std::ranges::find(types, name, &std::pair<std::string_view, KeyType>::first);
  CHECK(found != types.end());
  return found->second;
}

ConditionKey read_key(const std::string& name, const Json& value) {
  return {.name = name,
          .type = read_type(required(value, "type").text),
          .multi_valued = flag(value, "multi_valued", false),
          .global = flag(value, "global", false),
          .supplied = flag(value, "supplied", true)};
}

Service read_service(const std::string& prefix, const Json& value) {
  Service service{
      .prefix = prefix, .actions = {}, .resources = {}, .complete = flag(value, "complete", true)};
  const Json* groups = member(value, "groups");
  each_in(value, "resources", [&](const std::string& name, const Json& resource) {
    service.resources.push_back({.name = name, .pattern = required(resource, "arn").text});
  });
  each_in(value, "actions", [&](const std::string& name, const Json& json) {
    Action action{.name = prefix + ":" + name,
                  .resources = {},
                  .condition_keys = {},
                  .permission_only = flag(json, "permission_only", false)};
    add_list(action.resources, json, "resources", groups);
    add_list(action.condition_keys, json, "keys", groups);
    for (const std::string& resource : action.resources)
      add_list(action.condition_keys, required(required(value, "resources"), resource), "keys",
               groups);
    service.actions.push_back(std::move(action));
  });
  std::ranges::sort(service.resources, before, &ResourceType::name);
  std::ranges::sort(service.actions, before, &Action::name);
  return service;
}

}  // namespace

ActionTable::ActionTable(std::string_view json) {
  const auto root = read_json(json);
  CHECK(root.has_value());
  each_in(*root, "condition_keys", [&](const std::string& name, const Json& value) {
    keys_.push_back(read_key(name, value));
  });
  each_in(*root, "services", [&](const std::string& prefix, const Json& value) {
    services_.push_back(read_service(prefix, value));
  });
  std::ranges::sort(keys_, before, &ConditionKey::name);
  std::ranges::sort(services_, before, &Service::prefix);
  for (std::size_t i = 0; i < keys_.size(); ++i)
    if (keys_[i].name.contains('*')) open_keys_.push_back(i);
}

const Service* ActionTable::service(std::string_view prefix) const {
  return find(services_, prefix, &Service::prefix);
}

const Action* ActionTable::action(std::string_view name) const {
  const Service* owner = service(name.substr(0, name.find(':')));
  return owner == nullptr ? nullptr : find(owner->actions, name, &Action::name);
}

const ResourceType* ActionTable::resource(const Service& service, std::string_view name) const {
  return find(service.resources, name, &ResourceType::name);
}

const ConditionKey* ActionTable::condition_key(std::string_view name) const {
  if (const ConditionKey* exact = find(keys_, name, &ConditionKey::name)) return exact;
  for (const std::size_t i : open_keys_)
    if (matches_open(keys_[i].name, name)) return &keys_[i];
  return nullptr;
}

bool ActionTable::supplies(const Action& action, const ConditionKey& key) const {
  if (key.global) return true;
  if (std::ranges::find(action.condition_keys, key.name) != action.condition_keys.end())
    return true;
  const Service* owner = service(std::string_view(action.name).substr(0, action.name.find(':')));
  const bool unknown = action.resources.empty() && action.condition_keys.empty();
  return owner != nullptr && !owner->complete && unknown;
}

const ActionTable& action_table() {
  static const ActionTable table(actions_json);
  return table;
}

}  // namespace larder::policy
