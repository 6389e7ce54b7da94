#include "storage/finding.h"

#include <fmt/format.h>

namespace larder::storage {

std::string printable(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    if (c >= ' ' && c <= '~' && c != '\\') {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string describe(const Finding& finding) {
  std::string text;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) text += fmt::format("{} {}, ", name, printable(value));
  };
  add("bucket", finding.bucket);
  add("key", finding.key);
  add("version", finding.version);
  if (finding.key.empty() && !finding.partition.empty()) {
    add("partition", finding.partition);
    add("record", finding.record);
  }
  if (finding.blob) add("blob", finding.blob->str());
  if (finding.bytes && finding.bytes->length > 0)
    text += fmt::format("bytes {}-{}, ", finding.bytes->offset,
                        finding.bytes->offset + finding.bytes->length - 1);
  if (text.ends_with(", ")) text.replace(text.size() - 2, 2, ": ");
  return text + finding.what;
}

}  // namespace larder::storage
