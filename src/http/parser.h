// Strict HTTP/1.1 head parsing (RFC 9112). What two parsers could read differently is refused: that
// is how requests are smuggled.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "http/message.h"

namespace larder::http {

struct HeadLimits {
  std::size_t head_max = limits::http_head;
  std::size_t headers_count_max = limits::http_headers_count;
};

/// How the body's end is found.
enum class Framing { none, length, chunked, until_close };

struct RequestHead {
  std::string method;
  std::string target;  // as Request::target
  int minor_version = 1;
  Headers headers;
  Framing framing = Framing::none;  // never until_close
  std::uint64_t content_length = 0;
  bool keep_alive = true;
  bool expects_continue = false;
  std::size_t size = 0;  // bytes of the input that were the head
};

struct ResponseHead {
  int status = 0;
  int minor_version = 1;
  Headers headers;
  Framing framing = Framing::until_close;  // as if the request was not HEAD
  std::uint64_t content_length = 0;
  std::size_t size = 0;
};

/// Where the head at the front of `bytes` ends: one past its empty line. nullopt: more is needed.
/// `scanned` bytes of the front were looked at before and need not be again; it is updated. Fails
/// on a line that does not end in CRLF and when the head exceeds its limit.
Result<std::optional<std::size_t>> find_head_end(std::string_view bytes, std::size_t& scanned,
                                                 const HeadLimits& limits = {});

/// The head at the front of `bytes`; nullopt: more is needed. Failures carry the status to answer:
/// 400, 414, 417, 431, 501, 505; the connection is to be closed. Pure.
Result<std::optional<RequestHead>> parse_request_head(std::string_view bytes,
                                                      const HeadLimits& limits = {});

/// The same for a response, as a client needs it.
Result<std::optional<ResponseHead>> parse_response_head(std::string_view bytes,
                                                        const HeadLimits& limits = {});

/// True when the comma-separated list in any field `name` holds `token` (without regard to case).
bool has_token(const Headers& headers, std::string_view name, std::string_view token);

/// Fit to be written: a token for a name, no control characters but tab in a value.
bool is_valid_header(std::string_view name, std::string_view value);

}  // namespace larder::http
