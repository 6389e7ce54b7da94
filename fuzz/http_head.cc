// The head parser and the chunked decoder: whatever comes, what they accept keeps its promises, and
// how the bytes are cut into reads makes no difference.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/chunked.h"
#include "http/parser.h"

namespace {

using namespace larder;
using namespace larder::http;

void check_head(std::string_view bytes, const RequestHead& head) {
  CHECK(head.size > 0 && head.size <= bytes.size());
  CHECK(bytes.substr(0, head.size).ends_with("\r\n\r\n"));
  CHECK(!head.method.empty() && !head.target.empty());
  CHECK(head.target.front() == '/' || (head.target == "*" && head.method == "OPTIONS"));
  for (const char c : head.target) CHECK(static_cast<unsigned char>(c) > 0x20 && c != 0x7f);
  CHECK(head.headers.size() <= limits::http_headers_count);
  for (const auto& header : head.headers) CHECK(is_valid_header(header.name, header.value));
  CHECK(head.headers.count("Host") <= 1 && head.headers.count("Content-Length") <= 1);
  CHECK(head.framing != Framing::until_close);
  CHECK(!head.headers.contains("Transfer-Encoding") || head.framing == Framing::chunked);
  CHECK(head.framing == Framing::length || head.content_length == 0);
  CHECK(head.content_length <= INT64_MAX);
}

// Found piece by piece, it ends where it ends at once.
void check_pieces(std::string_view bytes, std::size_t piece) {
  const auto at_once = parse_request_head(bytes);
  std::size_t scanned = 0;
  for (std::size_t size = 0;;) {
    size = std::min(bytes.size(), size + piece);
    const auto end = find_head_end(bytes.substr(0, size), scanned);
    if (!end) {
      CHECK(!at_once);
      return;
    }
    if (*end) {
      CHECK(!at_once || (*at_once && (**at_once).size == **end));
      return;
    }
    if (size == bytes.size()) {
      CHECK(at_once && !*at_once);
      return;
    }
  }
}

struct Decoded {
  std::string data;
  std::size_t consumed = 0;
  bool done = false;
  bool failed = false;
  bool operator==(const Decoded&) const = default;
};

Decoded decode(std::string_view input, std::size_t piece, std::size_t data_max) {
  ChunkedDecoder decoder;
  Decoded out;
  while (out.consumed < input.size() && !decoder.done() && !out.failed) {
    const std::string_view window = input.substr(out.consumed, piece);
    const auto step = decoder.step(window, data_max);
    out.failed = !step;
    if (!step) break;
    CHECK(step->consumed > 0 && step->consumed <= window.size());
    CHECK(step->data.size() <= data_max);
    out.data += step->data;
    out.consumed += step->consumed;
  }
  out.done = decoder.done();
  // Where in its input it failed depends on how much it was given.
  if (out.failed) out.consumed = 0;
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0] % 16;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto head = parse_request_head(bytes);
  if (head && *head) check_head(bytes, **head);
  check_pieces(bytes, piece);
  (void)parse_response_head(bytes);

  const std::string_view body = head && *head ? bytes.substr((**head).size) : bytes;
  const Decoded whole = decode(body, body.size(), body.size() + 1);
  CHECK(whole == decode(body, piece, body.size() + 1));
  CHECK(whole == decode(body, 1, 1));
  return 0;
}
