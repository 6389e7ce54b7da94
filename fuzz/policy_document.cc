// Documents of every kind: whatever the bytes, parse() answers, lint() answers, and what is taken
// can be written down again and means the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "policy/lint.h"
#include "policy/write.h"

using namespace larder::policy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Kind kind : {Kind::identity, Kind::trust, Kind::bucket}) {
    const auto document = parse(text, kind);
    if (!document) continue;
    const auto again = parse(write(*document), kind);
    CHECK(again.has_value());
    CHECK(write(*again) == write(*document));
  }
  for (const Finding& finding : lint(text)) CHECK(finding.line > 0 && finding.column > 0);
  return 0;
}
