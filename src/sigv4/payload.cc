#include "sigv4/payload.h"

#include <algorithm>

namespace larder::sigv4 {

Result<Payload> parse_payload(std::string_view content_sha256) {
  using Form = Payload::Form;
  const std::string text(content_sha256);
  if (text == "UNSIGNED-PAYLOAD") return Payload{Form::unsigned_payload, text};
  if (text == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") return Payload{Form::chunked_unsigned, text};
  if (text == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") return Payload{Form::chunked_signed, text};
  if (text == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
    return Payload{Form::chunked_signed_trailer, text};
  if (text == "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")
    return Payload{Form::chunked_signed, text, Algorithm::ecdsa};
  if (text == "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER")
    return Payload{Form::chunked_signed_trailer, text, Algorithm::ecdsa};
  const bool hexadecimal =
      text.size() == 64 && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
      });
  if (hexadecimal) return Payload{Form::digest, text};
  return fail(
      Error{larder::codes::invalid_argument,
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, or a "
            "valid sha256 "
            "value.",
            {{"ArgumentName", "x-amz-content-sha256"}, {"ArgumentValue", text}}});
}

}  // namespace larder::sigv4
