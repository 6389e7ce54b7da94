// The forms that a signed S3 body comes in, by x-amz-content-sha256 ("Signature Calculations for
// the Authorization Header: Transferring Payload in Multiple Chunks", S3 API Reference).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "sigv4/canonical.h"

namespace larder::sigv4 {

struct Payload {
  enum class Form {
    unsigned_payload,        // UNSIGNED-PAYLOAD, and presigned URLs
    digest,                  // 64 hexadecimal digits
    chunked_unsigned,        // STREAMING-UNSIGNED-PAYLOAD-TRAILER
    chunked_signed,          // STREAMING-AWS4-HMAC-SHA256-PAYLOAD
    chunked_signed_trailer,  // STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER
  };
  Form form;
  std::string text;                       // as it stands in the canonical request
  Algorithm algorithm = Algorithm::hmac;  // of the signed chunk forms: it must be the request's own

  bool chunked() const { return form >= Form::chunked_unsigned; }
  bool has_trailer() const {
    return form == Form::chunked_unsigned || form == Form::chunked_signed_trailer;
  }
};

/// InvalidArgument for another word.
Result<Payload> parse_payload(std::string_view content_sha256);

}  // namespace larder::sigv4
