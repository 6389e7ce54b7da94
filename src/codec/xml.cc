#include "codec/xml.h"

#include <fmt/format.h>

#include <pugixml.hpp>

#include "base/limits.h"

namespace larder {
namespace {

void escape(std::string& out, std::string_view text) {
  for (const char c : text) {
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
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') {
          out += fmt::format("&#x{:x};", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
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
  XmlDocument document(new pugi::xml_document);
  const auto parsed = document->load_buffer(
      text.data(), text.size(),
      pugi::parse_default | pugi::parse_doctype | pugi::parse_ws_pcdata_single,
      pugi::encoding_utf8);
  if (!parsed || !document->document_element()) return malformed();
  for (const auto& node : document->children())
    if (node.type() == pugi::node_doctype) return malformed();
  if (too_deep(*document)) return malformed();
  return document;
}

std::string_view local_name(std::string_view qualified) {
  const auto colon = qualified.rfind(':');
  return colon == qualified.npos ? qualified : qualified.substr(colon + 1);
}

}  // namespace larder
