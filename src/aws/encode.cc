#include "aws/encode.h"

#include <boost/json.hpp>

#include "codec/xml.h"

namespace larder::aws {
namespace {

void write(XmlWriter& xml, std::string_view name, const Type& type, const void* value,
           const Field& field, XmlStyle style);

void write_list(XmlWriter& xml, std::string_view name, const Type& type, const void* list,
                const Field& field, XmlStyle style) {
  const auto item = field.flat ? name : !field.item.empty() ? field.item : style.item;
  if (!field.flat) xml.open(name);
  for (std::size_t i = 0; i < type.size(list); ++i)
    write(xml, item, type.element(), type.at(list, i), field, style);
  if (!field.flat) xml.close();
}

void write(XmlWriter& xml, std::string_view name, const Type& type, const void* value,
           const Field& field, XmlStyle style) {
  switch (type.kind) {
    case Type::Kind::scalar:
      return xml.element(name, type.print(value));
    case Type::Kind::list:
      return write_list(xml, name, type, value, field, style);
    case Type::Kind::structure:
      xml.open(name);
      encode_xml(xml, type.fields(), value, style);
      xml.close();
  }
}

boost::json::value to_json(const Type& type, const void* value) {
  if (type.kind == Type::Kind::structure) {
    boost::json::object object;
    encode_json(object, type.fields(), value);
    return object;
  }
  if (type.kind == Type::Kind::list) {
    boost::json::array array;
    for (std::size_t i = 0; i < type.size(value); ++i)
      array.push_back(to_json(type.element(), type.at(value, i)));
    return array;
  }
  const std::string text = type.print(value);
  if (type.is_boolean) return text == "true";
  if (type.is_number) return std::stoll(text);
  return boost::json::value(text);
}

}  // namespace

void encode_xml(XmlWriter& xml, std::span<const Field> fields, const void* object, XmlStyle style) {
  for (const auto& field : fields) {
    if (field.place != Place::body) continue;
    const Type& type = field.type();
    const void* member = field.member_of(object);
    const void* value = type.value ? type.value(member) : member;
    if (value != nullptr) write(xml, field.wire_name(), type, value, field, style);
  }
}

void encode_json(boost::json::object& json, std::span<const Field> fields, const void* object) {
  for (const auto& field : fields) {
    const Type& type = field.type();
    const void* member = field.member_of(object);
    const void* value = type.value ? type.value(member) : member;
    if (value != nullptr) json[field.name] = to_json(type, value);
  }
}

}  // namespace larder::aws
