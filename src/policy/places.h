// Where the elements of a document stand in its text. A Document keeps no places: they are found
// again in the JSON it was built from, when something has to be said about an element.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "policy/json_reader.h"

namespace larder::policy {

/// One element of a document, counted as the Document that was built from it counts.
struct Place {
  enum class Part : std::uint8_t {
    document,
    version,
    statement,
    sid,
    effect,
    principal_name,  // "Principal" or "NotPrincipal"
    principal,       // one of its entries
    action_name,     // "Action" or "NotAction"
    action,
    resource_name,  // "Resource" or "NotResource"
    resource,
    condition_operator,
    condition_key,
    condition_value
  };
  Part part = Part::document;
  std::size_t statement = 0;
  std::size_t index = 0;  // of the principal's entry, the action, the resource or the condition
  std::size_t value = 0;  // of the condition
};

/// The offset of the element's first byte; of what would hold it, when it is not there (an empty
/// list, a missing element). `root` is the JSON of a document that parse() could build.
std::size_t offset_of(const Json& root, const Place& place);

/// The member of an object; null when there is none.
const Json* member(const Json& object, std::string_view name);

}  // namespace larder::policy
