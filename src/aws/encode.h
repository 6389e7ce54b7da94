// Shapes written as XML (every AWS protocol) and as JSON (Larder's own).
#pragma once

#include <span>
#include <string_view>

#include "aws/shape.h"

namespace larder {
class XmlWriter;
}
namespace boost::json {
class object;
}

namespace larder::aws {

struct XmlStyle {
  std::string_view
      item;  // around each member of a list that names none: "member" in Query, "item" in EC2
};

/// The fields with Place::body, in order; absent optionals are left out. An empty list is an empty
/// element, as AWS writes it.
void encode_xml(XmlWriter& xml, std::span<const Field> fields, const void* object, XmlStyle style);

/// All fields, by their names in the model; numbers and booleans as such.
void encode_json(boost::json::object& json, std::span<const Field> fields, const void* object);

}  // namespace larder::aws
