// Shapes read from and written to S3's requests and answers: fields in the path, the query, headers
// and XML bodies.
#pragma once

#include <span>
#include <string_view>

#include "aws/operation.h"
#include "aws/shape.h"
#include "codec/uri.h"
#include "http/message.h"

namespace larder::aws {

inline constexpr std::string_view s3_xmlns = "http://s3.amazonaws.com/doc/2006-03-01/";

struct S3Parts {
  const http::Headers& headers;
  const Parameters& query;
  const std::string& bucket;
  const std::string& key;
  const std::string& payload;
};

/// InvalidArgument with ArgumentName and ArgumentValue for a header or parameter; MalformedXML for
/// a body.
Result<void> decode_s3(const S3Parts& parts, std::span<const Field> fields, void* input);
Result<Answer> encode_s3(std::span<const Field> fields, const void* output);

}  // namespace larder::aws
