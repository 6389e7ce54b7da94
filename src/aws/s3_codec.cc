#include "aws/s3_codec.h"

#include <fmt/format.h>

#include <pugixml.hpp>

#include "aws/encode.h"
#include "codec/xml.h"

namespace larder::aws {
namespace {

std::unexpected<Error> malformed() {
  return fail(
      larder::codes::malformed_xml,
      "The XML you provided was not well-formed or did not validate against our published schema");
}

std::unexpected<Error> invalid(std::string_view name, std::string_view value,
                               std::string_view why) {
  return fail(Error{larder::codes::invalid_argument,
                    std::string(why),
                    {{"ArgumentName", std::string(name)}, {"ArgumentValue", std::string(value)}}});
}

void* engaged(const Type& type, void* member) { return type.engage ? type.engage(member) : member; }

Result<void> read_xml(const pugi::xml_node& node, std::span<const Field> fields, void* object);

Result<void> read_xml_value(const pugi::xml_node& node, const Type& type, void* value) {
  if (type.kind == Type::Kind::structure) return read_xml(node, type.fields(), value);
  if (!type.parse(value, text_of(node))) return malformed();
  return {};
}

Result<void> read_xml_list(const pugi::xml_node& parent, const Field& field, const Type& type,
                           void* list) {
  const auto item = field.flat           ? field.wire_name()
                    : field.item.empty() ? std::string_view("member")
                                         : field.item;
  for (const auto& child : parent.children()) {
    if (local_name(child.name()) != item) continue;
    if (field.limit != 0 && type.size(list) == field.limit) return malformed();
    TRY_VOID(read_xml_value(child, type.element(), type.append(list)));
  }
  return {};
}

pugi::xml_node child_named(const pugi::xml_node& node, std::string_view name) {
  for (const auto& child : node.children())
    if (local_name(child.name()) == name) return child;
  return {};
}

Result<void> read_xml(const pugi::xml_node& node, std::span<const Field> fields, void* object) {
  for (const auto& field : fields) {
    const Type& type = field.type();
    void* member = field.member(object);
    const auto child = child_named(node, field.wire_name());
    if (!child) {
      if (field.required) return malformed();
      continue;
    }
    if (type.kind == Type::Kind::list) {
      TRY_VOID(read_xml_list(field.flat ? node : child, field, type, engaged(type, member)));
    } else {
      TRY_VOID(read_xml_value(child, type, engaged(type, member)));
    }
  }
  return {};
}

Result<void> read_payload(const std::string& payload, const Field& field, void* member) {
  const Type& type = field.type();
  if (payload.empty() && !field.required) return {};
  if (field.wire.empty()) {
    if (!type.parse(engaged(type, member), payload)) return malformed();
    return {};
  }
  TRY(const auto document, parse_xml(payload));
  const auto root = document->document_element();
  if (local_name(root.name()) != field.wire) return malformed();
  return read_xml_value(root, type, engaged(type, member));
}

void read_prefixed(const http::Headers& headers, std::string_view prefix, void* member) {
  auto& list = *static_cast<std::vector<NameValue>*>(member);
  for (const auto& header : headers) {
    if (header.name.size() <= prefix.size() ||
        !http::equal_ignoring_case(std::string_view(header.name).substr(0, prefix.size()), prefix))
      continue;
    std::string name = header.name.substr(prefix.size());
    for (auto& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    list.push_back({std::move(name), header.value});
  }
}

std::optional<std::string_view> find_text(const S3Parts& parts, const Field& field) {
  if (field.place == Place::bucket) return parts.bucket;
  if (field.place == Place::key) return parts.key;
  if (field.place == Place::header) return parts.headers.find(field.wire_name());
  for (const auto& [name, value] : parts.query)
    if (name == field.wire_name()) return value;
  return std::nullopt;
}

Result<void> read_text(const S3Parts& parts, const Field& field, void* member) {
  const Type& type = field.type();
  const auto text = find_text(parts, field);
  if (!text) {
    if (field.required)
      return invalid(field.wire_name(), "", fmt::format("{} is required.", field.wire_name()));
    return {};
  }
  const auto parsed = type.parse(engaged(type, member), *text);
  if (parsed) return {};
  if (type.is_number)
    return invalid(
        field.wire_name(), *text,
        fmt::format("Provided {} not an integer or within integer range", field.wire_name()));
  return invalid(field.wire_name(), *text, parsed.error().message);
}

void write_payload(Answer& answer, const Field& field, const Type& type, const void* value) {
  if (type.kind == Type::Kind::scalar && field.wire.empty()) {
    answer.headers.set("Content-Type", "application/json");  // S3 has policies only of this kind
    answer.body = type.print(value);
    return;
  }
  XmlWriter xml(field.wire, s3_xmlns);
  if (type.kind == Type::Kind::scalar) {
    xml.text(type.print(value));
  } else {
    encode_xml(xml, type.fields(), value, {.item = "member"});
  }
  answer.headers.set("Content-Type", "application/xml");
  answer.body = xml.finish();
}

}  // namespace

Result<void> decode_s3(const S3Parts& parts, std::span<const Field> fields, void* input) {
  for (const auto& field : fields) {
    void* member = field.member(input);
    switch (field.place) {
      case Place::payload:
        TRY_VOID(read_payload(parts.payload, field, member));
        break;
      case Place::header_prefix:
        read_prefixed(parts.headers, field.wire_name(), member);
        break;
      case Place::stream:
      case Place::body:
        break;
      default:
        TRY_VOID(read_text(parts, field, member));
    }
  }
  return {};
}

Result<Answer> encode_s3(std::span<const Field> fields, const void* output) {
  Answer answer;
  for (const auto& field : fields) {
    const Type& type = field.type();
    const void* member = field.member_of(output);
    const void* value = type.value ? type.value(member) : member;
    if (value == nullptr) continue;
    if (field.place == Place::header)
      answer.headers.add(std::string(field.wire_name()), type.print(value));
    if (field.place == Place::payload) write_payload(answer, field, type, value);
    if (field.place == Place::header_prefix)
      for (const auto& entry : *static_cast<const std::vector<NameValue>*>(value))
        answer.headers.add(std::string(field.wire_name()) + entry.name, entry.value);
  }
  return answer;
}

}  // namespace larder::aws
