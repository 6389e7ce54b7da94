// XML of AWS's protocols: a small writer, and a reader with limits over pugixml.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pugi {
class xml_document;
class xml_node;
}  // namespace pugi

namespace larder {

/// Writes elements in order; text is escaped (characters that XML 1.0 cannot carry are written as
/// references, as S3 does).
class XmlWriter {
 public:
  /// With the XML declaration and a root element, in `xmlns` unless empty.
  XmlWriter(std::string_view root, std::string_view xmlns);
  /// A fragment, to be placed by raw().
  XmlWriter() = default;

  void open(std::string_view name);
  void close();
  void element(std::string_view name, std::string_view text);
  void number(std::string_view name, std::uint64_t value);
  void boolean(std::string_view name, bool value);
  /// `name` is open and the next call is its attribute-free content: raw, already escaped text.
  void raw(std::string_view xml) { out_ += xml; }
  void text(std::string_view text);
  /// Closes what is open and yields the document.
  std::string finish();

 private:
  std::string out_;
  std::vector<std::string> open_;
};

struct XmlFree {
  void operator()(pugi::xml_document* document) const;
};
using XmlDocument = std::unique_ptr<pugi::xml_document, XmlFree>;

/// Refuses a document type declaration (so no entities are defined), unknown references, text
/// around the root, nesting beyond limits::nesting_depth and what is not well formed: code
/// `MalformedXML`, 400, with S3's message. Namespaces are not resolved: names are compared as
/// local_name().
Result<XmlDocument> parse_xml(std::string_view text);

/// All the text directly inside an element: of a text that comments or CDATA sections divide, the
/// whole.
std::string text_of(const pugi::xml_node& node);

/// `s3:Key` → `Key`.
std::string_view local_name(std::string_view qualified);

namespace codes {
inline constexpr ErrorCode malformed_xml{"MalformedXML", 400};
}

}  // namespace larder
