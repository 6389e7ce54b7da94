#include "http/response.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace larder::http {
namespace {

// The server's own; what a service gives under these names is left out.
bool is_ours(std::string_view name) {
  for (const std::string_view ours :
       {"Content-Length", "Transfer-Encoding", "Date", "Connection", "Keep-Alive"}) {
    if (equal_ignoring_case(name, ours)) return true;
  }
  return false;
}

Error short_body() { return {incomplete_body, "the response's body is not as long as announced"}; }

// Returns a streaming buffer to its core.
class LentBuffer {
 public:
  explicit LentBuffer(StreamBuffers& from) : from_(from), bytes_(from.take()) {}
  LentBuffer(const LentBuffer&) = delete;
  LentBuffer& operator=(const LentBuffer&) = delete;
  ~LentBuffer() { from_.give(std::move(bytes_)); }
  std::span<char> span() { return {bytes_.get(), StreamBuffers::size}; }

 private:
  StreamBuffers& from_;
  std::unique_ptr<char[]> bytes_;
};

// Fills the front of `into`; fewer bytes than asked for only at the end of the source.
Task<Result<std::size_t>> read_full(ByteSource& source, std::span<char> into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    CO_TRY(const std::size_t count, co_await source.read(into.subspan(filled)));
    if (count == 0) break;
    filled += count;
  }
  co_return filled;
}

// A source is believed only after it has said that it is at its end.
Task<Result<void>> expect_end(ByteSource& source) {
  char surplus = 0;
  const std::span<char> into(&surplus, 1);
  CO_TRY(const std::size_t count, co_await source.read(into));
  if (count > 0) co_return fail(short_body());
  co_return Result<void>();
}

}  // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
      // clang-format off
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
      // clang-format on
  }
}

Response::Response(Core& core, Wire& wire, RequestBody& body, const RequestHead& head)
    : core_(core),
      wire_(wire),
      request_body_(body),
      is_head_(head.method == "HEAD"),
      minor_version_(head.minor_version),
      keep_alive_(head.keep_alive) {}

bool Response::bodiless(int status) const { return is_head_ || status == 204 || status == 304; }

Result<void> Response::check(int status, const Headers& headers) const {
  if (started_) return fail(codes::internal_error, "a response has been sent already");
  if (status < 200 || status > 599) return fail(codes::invalid_argument, "no final status");
  for (const auto& header : headers) {
    if (!is_valid_header(header.name, header.value)) {
      return fail(codes::invalid_argument,
                  fmt::format("the response header `{}` holds a control character", header.name));
    }
  }
  return {};
}

std::string Response::make_head(int status, const Headers& headers, std::uint64_t length) {
  keep_alive_ = keep_alive_ && !core_.stopping && request_body_.drainable() &&
                !has_token(headers, "Connection", "close");
  std::string head;
  head.reserve(512);
  auto out = std::back_inserter(head);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\n", status, reason_phrase(status));
  for (const auto& header : headers) {
    if (is_ours(header.name)) continue;
    head.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  const auto given = headers.find("Content-Length");
  if (is_head_ && given) {
    head.append("Content-Length: ").append(*given).append("\r\n");
  } else if (status != 204 && (status != 304 || length > 0)) {
    fmt::format_to(out, "Content-Length: {}\r\n", length);
  }
  head.append("Date: ").append(core_.date.now()).append("\r\n");
  if (!core_.options.server_name.empty() && !headers.contains("Server")) {
    head.append("Server: ").append(core_.options.server_name).append("\r\n");
  }
  if (!keep_alive_) {
    head += "Connection: close\r\n";
  } else if (minor_version_ == 0) {
    head += "Connection: keep-alive\r\n";
  }
  head += "\r\n";
  return head;
}

Task<Result<void>> Response::write(std::string_view first, std::string_view second) {
  started_ = true;
  request_body_.forget_expectation();
  const auto outcome = co_await wire_.write(first, second, core_.options.body_stall_deadline);
  if (outcome != Wire::Outcome::ok) {
    co_return fail(connection_lost, outcome == Wire::Outcome::expired
                                        ? "the client takes no more of the response"
                                        : "the connection was lost");
  }
  co_return Result<void>();
}

Task<Result<void>> Response::send(int status, Headers headers, std::string body) {
  CO_TRY_VOID(check(status, headers));
  const std::string head = make_head(status, headers, body.size());
  const std::string_view payload = bodiless(status) ? std::string_view() : std::string_view(body);
  CO_TRY_VOID(co_await write(head, payload));
  complete_ = true;
  co_return Result<void>();
}

Task<Result<void>> Response::send(int status, Headers headers, ByteSource& body,
                                  std::uint64_t length) {
  CO_TRY_VOID(check(status, headers));
  if (bodiless(status)) {
    const std::string head = make_head(status, headers, length);
    CO_TRY_VOID(co_await write(head, ""));
    complete_ = true;
    co_return Result<void>();
  }
  LentBuffer buffer(core_.stream_buffers);
  if (length > buffer.span().size()) {
    std::string head = make_head(status, headers, length);
    co_return co_await stream(std::move(head), body, length, buffer.span());
  }
  const std::span<char> whole = buffer.span().first(static_cast<std::size_t>(length));
  CO_TRY(const std::size_t count, co_await read_full(body, whole));
  if (count < length) co_return fail(short_body());
  CO_TRY_VOID(co_await expect_end(body));
  const std::string head = make_head(status, headers, length);
  CO_TRY_VOID(co_await write(head, std::string_view(whole.data(), whole.size())));
  complete_ = true;
  co_return Result<void>();
}

Task<Result<void>> Response::stream(std::string head, ByteSource& body, std::uint64_t length,
                                    std::span<char> buffer) {
  for (std::uint64_t left = length; left > 0;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size()));
    const std::span<char> into = buffer.first(wanted);
    CO_TRY(const std::size_t count, co_await body.read(into));
    if (count == 0) co_return fail(short_body());
    left -= count;
    if (left == 0) CO_TRY_VOID(co_await expect_end(body));
    CO_TRY_VOID(co_await write(head, std::string_view(buffer.data(), count)));
    head.clear();
  }
  complete_ = true;
  co_return Result<void>();
}

}  // namespace larder::http
