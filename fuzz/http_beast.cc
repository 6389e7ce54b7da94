// Our head parser against Boost.Beast's: what both accept, both read the same way. Ours may refuse
// more; a request read in two ways is a request smuggled.
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "http/parser.h"

namespace {

namespace beast = boost::beast::http;
using namespace larder::http;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

void check_agreement(std::string_view bytes, const RequestHead& ours) {
  beast::request_parser<beast::empty_body> theirs;
  theirs.header_limit(1 << 20);
  theirs.body_limit(boost::none);
  theirs.eager(false);
  boost::beast::error_code error;
  const std::string_view whole = bytes.substr(0, ours.size);
  const std::size_t used = theirs.put(boost::asio::buffer(whole.data(), whole.size()), error);
  if (error || !theirs.is_header_done()) return;
  const auto& message = theirs.get();
  CHECK(used == ours.size);
  CHECK(view(message.method_string()) == ours.method);
  if (view(message.target()).starts_with('/')) CHECK(view(message.target()) == ours.target);
  CHECK(message.version() == 10u + static_cast<unsigned>(ours.minor_version));
  CHECK(theirs.chunked() == (ours.framing == Framing::chunked));
  CHECK(theirs.content_length().value_or(0) == ours.content_length);
  std::size_t count = 0;
  for (const auto& field : message) {
    CHECK(ours.headers.contains(view(field.name_string())));
    ++count;
  }
  CHECK(count == ours.headers.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto head = parse_request_head(bytes);
  if (head && *head) check_agreement(bytes, **head);
  return 0;
}
