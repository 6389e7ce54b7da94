#include "codec/xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>

#include "base/limits.h"

namespace larder {
namespace {

/// How many bytes at the start of `text` are one character that XML can carry; 0: none.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return first == 0 ? 0 : 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  std::uint32_t point = first & (0x7f >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    point = point << 6 | (byte(i) & 0x3f);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  return overlong || surrogate || point > 0x10ffff || point == 0xfffe || point == 0xffff ? 0
                                                                                         : length;
}

/// How much of it stands for itself: nearly all there is.
std::size_t plain_length(std::string_view text) {
  const auto is_special = [](char c) {
    return c < ' ' || c > '~' || c == '&' || c == '<' || c == '>' || c == '"';
  };
  return static_cast<std::size_t>(std::ranges::find_if(text, is_special) - text.begin());
}

// What is no character becomes U+FFFD. Control characters are written as references, as S3 does:
// who has such keys asks for encoding-type=url.
void escape(std::string& out, std::string_view text) {
  for (;;) {
    const std::size_t plain = plain_length(text);
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    const std::size_t length = character_length(text);
    const char c = text.front();
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        if (length == 0) {
          out += "\xEF\xBF\xBD";
        } else if (length == 1 && static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') {
          out += fmt::format("&#x{:x};", static_cast<unsigned>(c));
        } else {
          out += text.substr(0, length);
        }
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

bool too_deep(const pugi::xml_node& root) {
  struct Walker : pugi::xml_tree_walker {
    bool for_each(pugi::xml_node&) override {
      return depth() < static_cast<int>(limits::nesting_depth);
    }
  } walker;
  return !const_cast<pugi::xml_node&>(root).traverse(walker);
}

/// After '&': one of the five entities that XML has by itself, or a reference to a character that
/// XML can carry.
bool is_reference(std::string_view text) {
  const auto end = text.find(';');
  if (end == text.npos || end > 10) return false;
  const auto name = text.substr(0, end);
  for (const auto known : {"amp", "lt", "gt", "quot", "apos"})
    if (name == known) return true;
  if (!name.starts_with('#')) return false;
  const bool hexadecimal = name.size() > 1 && name[1] == 'x';
  const auto digits = name.substr(hexadecimal ? 2 : 1);
  std::uint32_t point = 0;
  const auto [stop, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), point, hexadecimal ? 16 : 10);
  if (error != std::errc() || stop != digits.data() + digits.size()) return false;
  return point != 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
}

/// pugixml leaves what it does not know as it is, and ends a text at a NUL: neither may change what
/// a name says.
bool references_are_good(std::string_view text) {
  if (text.find('\0') != text.npos) return false;
  while (!text.empty()) {
    const auto at = text.find_first_of("&<");
    if (at == text.npos) return true;
    text.remove_prefix(at);
    for (const auto& [open, close] : {std::pair("<![CDATA[", "]]>"), std::pair("<!--", "-->")}) {
      if (!text.starts_with(open)) continue;
      const auto end = text.find(close);
      if (end == text.npos) return false;
      text.remove_prefix(end);
    }
    if (text.starts_with('&') && !is_reference(text.substr(1))) return false;
    text.remove_prefix(1);
  }
  return true;
}

/// Exactly one element, and nothing but white space and comments around it.
bool has_one_root(const pugi::xml_document& document) {
  int elements = 0;
  for (const auto& node : document.children()) {
    if (node.type() == pugi::node_element) ++elements;
    const bool text = node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata;
    if (text &&
        std::string_view(node.value()).find_first_not_of(" \t\r\n") != std::string_view::npos)
      return false;
    if (node.type() == pugi::node_doctype) return false;
  }
  return elements == 1;
}

}  // namespace

XmlWriter::XmlWriter(std::string_view root, std::string_view xmlns)
    : out_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") {
  out_ += '<';
  out_ += root;
  if (!xmlns.empty()) out_ += fmt::format(" xmlns=\"{}\"", xmlns);
  out_ += '>';
  open_.emplace_back(root);
}

void XmlWriter::open(std::string_view name) {
  out_ += '<';
  out_ += name;
  out_ += '>';
  open_.emplace_back(name);
}

void XmlWriter::close() {
  out_ += "</";
  out_ += open_.back();
  out_ += '>';
  open_.pop_back();
}

void XmlWriter::element(std::string_view name, std::string_view text) {
  open(name);
  escape(out_, text);
  close();
}

void XmlWriter::number(std::string_view name, std::uint64_t value) {
  element(name, fmt::format("{}", value));
}

void XmlWriter::boolean(std::string_view name, bool value) {
  element(name, value ? "true" : "false");
}

void XmlWriter::text(std::string_view text) { escape(out_, text); }

std::string XmlWriter::finish() {
  while (!open_.empty()) close();
  return std::move(out_);
}

void XmlFree::operator()(pugi::xml_document* document) const { delete document; }

Result<XmlDocument> parse_xml(std::string_view text) {
  auto malformed = [] {
    return fail(
        codes::malformed_xml,
        "The XML you provided was not well-formed or did not validate against our published "
        "schema");
  };
  if (!references_are_good(text)) return malformed();
  XmlDocument document(new pugi::xml_document);
  const auto parsed = document->load_buffer(text.data(), text.size(),
                                            pugi::parse_default | pugi::parse_doctype |
                                                pugi::parse_fragment | pugi::parse_ws_pcdata_single,
                                            pugi::encoding_utf8);
  if (!parsed || !has_one_root(*document)) return malformed();
  if (too_deep(*document)) return malformed();
  return document;
}

std::string text_of(const pugi::xml_node& node) {
  std::string text;
  for (const auto& child : node.children())
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata)
      text += child.value();
  return text;
}

std::string_view local_name(std::string_view qualified) {
  const auto colon = qualified.rfind(':');
  return colon == qualified.npos ? qualified : qualified.substr(colon + 1);
}

}  // namespace larder
