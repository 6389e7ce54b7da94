#include "http/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "http/characters.h"

namespace larder::http {
namespace {

constexpr std::string_view crlf = "\r\n";

// Takes the next line, without its CRLF. The head ends in an empty line, so there always is one.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find(crlf);
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + crlf.size());
  return line;
}

Result<void> parse_header_line(std::string_view line, Headers& headers) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return fail(bad_request, "a header line has no colon");
  const std::string_view name = line.substr(0, colon);
  // Covers the space before the colon, the folded line and the empty name.
  if (!is_token(name)) return fail(bad_request, "a header name is not a token");
  const std::string_view value = trim_blanks(line.substr(colon + 1));
  for (const char c : value) {
    if (!is_value_char(static_cast<unsigned char>(c))) {
      return fail(bad_request, "a header value holds a control character");
    }
  }
  headers.add(std::string(name), std::string(value));
  return {};
}

// `lines` are whole lines up to and including the empty one.
Result<Headers> parse_headers(std::string_view lines, const HeadLimits& limits) {
  Headers headers;
  headers.reserve(16);
  for (std::string_view line = take_line(lines); !line.empty(); line = take_line(lines)) {
    if (headers.size() == limits.headers_count_max) {
      return fail(head_too_large,
                  fmt::format("more than {} header fields", limits.headers_count_max));
    }
    TRY_VOID(parse_header_line(line, headers));
  }
  return headers;
}

// "HTTP/1.1" or "HTTP/1.0".
Result<int> parse_version(std::string_view text) {
  const bool shaped = text.size() == 8 && text.starts_with("HTTP/") && text[6] == '.' &&
                      text[5] >= '0' && text[5] <= '9' && text[7] >= '0' && text[7] <= '9';
  if (!shaped) return fail(bad_request, "the request line does not end in an HTTP version");
  if (text[5] != '1' || text[7] > '1') {
    return fail(version_not_supported, "this server speaks HTTP/1.1 and HTTP/1.0");
  }
  return text[7] - '0';
}

bool is_alphanumeric(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// A name or an IPv4 address, or an IPv6 address in brackets (RFC 3986 §3.2.2). The comma, which a
// name may hold, is refused: it is what two Host headers become when somebody joins them.
bool is_host(std::string_view text) {
  if (text.starts_with('[')) {
    if (text.size() < 4 || !text.ends_with(']')) return false;
    return std::ranges::all_of(text.substr(1, text.size() - 2), [](unsigned char c) {
      return hex_digit(c) >= 0 || c == ':' || c == '.';
    });
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](std::size_t at) {
      return at < text.size() && hex_digit(static_cast<unsigned char>(text[at])) >= 0;
    };
    if (text[i] == '%' && !(digit(i + 1) && digit(i + 2))) return false;
    if (is_alphanumeric(static_cast<unsigned char>(text[i])) || text[i] == '%') continue;
    if (!std::string_view("-._~!$&'()*+;=").contains(text[i])) return false;
  }
  return !text.empty();
}

// A host, and after a colon a port, which may be empty (RFC 3986 §3.2.3).
bool is_authority(std::string_view text) {
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (!is_host(text.substr(0, colon))) return false;
  if (colon == std::string_view::npos || colon + 1 == text.size()) return true;
  const auto port = parse_decimal(text.substr(colon + 1));
  return port && *port <= 65'535;
}

// Sets `target` in origin form (or "*"), and `authority` if the target was in absolute form.
Result<void> parse_target(std::string_view raw, RequestHead& head,
                          std::optional<std::string_view>& authority) {
  if (raw.empty()) return fail(bad_request, "the request target is empty");
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7f) {
      return fail(bad_request, "the request target holds a control character");
    }
  }
  if (raw.front() == '/' || (raw == "*" && head.method == "OPTIONS")) {
    head.target = raw;
    return {};
  }
  const std::size_t scheme_end = raw.find("://");
  const std::string_view scheme = raw.substr(0, scheme_end);
  if (scheme_end == std::string_view::npos ||
      !(equal_ignoring_case(scheme, "http") || equal_ignoring_case(scheme, "https"))) {
    return fail(bad_request, "the request target is neither a path nor an http URL");
  }
  const std::string_view rest = raw.substr(scheme_end + 3);
  const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
  authority = rest.substr(0, authority_end);
  if (!is_authority(*authority)) {
    return fail(bad_request, "the request target names no valid host");
  }
  const std::string_view path = rest.substr(authority_end);
  head.target = path.starts_with('/') ? "" : "/";
  head.target += path;
  return {};
}

Result<void> parse_request_line(std::string_view line, RequestHead& head,
                                std::optional<std::string_view>& authority) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return fail(bad_request, "the request line is not method, target and version");
  }
  const std::string_view method = line.substr(0, first);
  if (!is_token(method)) return fail(bad_request, "the request method is not a token");
  head.method = method;
  TRY(head.minor_version, parse_version(line.substr(last + 1)));
  return parse_target(line.substr(first + 1, last - first - 1), head, authority);
}

Result<void> check_host(const RequestHead& head, std::optional<std::string_view> authority) {
  const std::size_t hosts = head.headers.count("Host");
  if (hosts > 1) return fail(bad_request, "more than one Host header");
  if (hosts == 0) {
    if (head.minor_version == 0) return {};
    return fail(bad_request, "an HTTP/1.1 request needs a Host header");
  }
  const std::string_view host = *head.headers.find("Host");
  // Empty where the target has no authority (RFC 9112 §3.2).
  if (!host.empty() && !is_authority(host)) {
    return fail(bad_request, "the Host header is not a host, with a port of 0 to 65535 or none");
  }
  if (authority && !equal_ignoring_case(*authority, host)) {
    return fail(bad_request, "the Host header differs from the request target");
  }
  return {};
}

// Every element of the comma-separated lists in the fields `name`; false from `visit` ends it.
template <class Visit>
void for_each_element(const Headers& headers, std::string_view name, Visit visit) {
  for (const auto& field : headers) {
    if (!equal_ignoring_case(field.name, name)) continue;
    for (std::string_view rest = field.value;;) {
      const std::size_t comma = rest.find(',');
      if (!visit(trim_blanks(rest.substr(0, comma)))) return;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
}

// Only "chunked", once, is understood.
Result<void> check_transfer_encoding(const Headers& headers) {
  int chunked = 0;
  bool empty = false;
  bool unknown = false;
  for_each_element(headers, "Transfer-Encoding", [&](std::string_view coding) {
    if (coding.empty()) {
      empty = true;
    } else if (equal_ignoring_case(coding, "chunked")) {
      ++chunked;
    } else {
      unknown = true;
    }
    return true;
  });
  if (empty) return fail(bad_request, "an empty transfer coding");
  if (unknown) return fail(coding_not_implemented, "the only transfer coding known is chunked");
  if (chunked != 1) return fail(bad_request, "the chunked coding is applied more than once");
  return {};
}

// Sets framing and content_length of either kind of head; without either header they stay.
template <class Head>
Result<void> parse_framing(Head& head) {
  const std::size_t lengths = head.headers.count("Content-Length");
  if (head.headers.contains("Transfer-Encoding")) {
    if (lengths > 0) return fail(bad_request, "both Content-Length and Transfer-Encoding");
    if (head.minor_version == 0) return fail(bad_request, "Transfer-Encoding in HTTP/1.0");
    TRY_VOID(check_transfer_encoding(head.headers));
    head.framing = Framing::chunked;
    return {};
  }
  if (lengths == 0) return {};
  if (lengths > 1) return fail(bad_request, "more than one Content-Length header");
  const auto length = parse_decimal(*head.headers.find("Content-Length"));
  if (!length) return fail(bad_request, "the Content-Length is not a number of bytes");
  head.framing = *length == 0 ? Framing::none : Framing::length;
  head.content_length = *length;
  return {};
}

Result<void> parse_connection(RequestHead& head) {
  head.keep_alive = head.minor_version == 1 ? !has_token(head.headers, "Connection", "close")
                                            : has_token(head.headers, "Connection", "keep-alive") &&
                                                  !has_token(head.headers, "Connection", "close");
  if (head.minor_version == 0) return {};
  const auto expected = head.headers.find("Expect");
  if (!expected) return {};
  if (head.headers.count("Expect") > 1 || !equal_ignoring_case(*expected, "100-continue")) {
    return fail(expectation_failed, "the only expectation known is 100-continue");
  }
  head.expects_continue = head.framing != Framing::none;
  return {};
}

// One empty line before the request line is passed over, as RFC 9112 §2.2 asks.
std::size_t leading_crlf(std::string_view bytes) { return bytes.starts_with(crlf) ? 2 : 0; }

Result<RequestHead> parse_whole_request(std::string_view bytes, const HeadLimits& limits) {
  RequestHead head;
  head.size = bytes.size();
  std::string_view rest = bytes.substr(leading_crlf(bytes));
  std::optional<std::string_view> authority;
  const std::string_view line = take_line(rest);
  TRY_VOID(parse_request_line(line, head, authority));
  TRY(head.headers, parse_headers(rest, limits));
  TRY_VOID(check_host(head, authority));
  TRY_VOID(parse_framing(head));
  TRY_VOID(parse_connection(head));
  return head;
}

Result<ResponseHead> parse_whole_response(std::string_view bytes, const HeadLimits& limits) {
  ResponseHead head;
  head.size = bytes.size();
  const std::string_view line = take_line(bytes);
  if (line.size() < 12 || line[8] != ' ' || (line.size() > 12 && line[12] != ' ')) {
    return fail(bad_request, "the status line is not version, status and reason");
  }
  TRY(head.minor_version, parse_version(line.substr(0, 8)));
  const auto status = parse_decimal(line.substr(9, 3));
  if (!status || *status < 100) return fail(bad_request, "the status is not a number");
  head.status = static_cast<int>(*status);
  TRY(head.headers, parse_headers(bytes, limits));
  TRY_VOID(parse_framing(head));
  const bool bodiless = head.status < 200 || head.status == 204 || head.status == 304;
  if (bodiless) head.framing = Framing::none;
  return head;
}

// The first half both parsers share: the bytes of the whole head, or nothing yet.
Result<std::optional<std::string_view>> whole_head(std::string_view bytes,
                                                   const HeadLimits& limits) {
  std::size_t scanned = 0;
  TRY(const auto end, find_head_end(bytes, scanned, limits));
  if (!end) return std::nullopt;
  return bytes.substr(0, *end);
}

}  // namespace

Result<std::optional<std::size_t>> find_head_end(std::string_view bytes, std::size_t& scanned,
                                                 const HeadLimits& limits) {
  const std::string_view window = bytes.substr(0, limits.head_max);
  const std::size_t skipped = leading_crlf(bytes);
  for (;;) {
    const std::size_t from = std::max(scanned, skipped);
    const std::size_t lf = window.find('\n', from);
    if (lf == std::string_view::npos) break;
    if (lf == 0 || window[lf - 1] != '\r') return fail(bad_request, "a line does not end in CRLF");
    scanned = lf + 1;
    // The empty line: CRLF CRLF, not the one that was passed over in front.
    const bool empty_line = lf >= skipped + 3 && window[lf - 2] == '\n';
    if (lf == skipped + 1) return fail(bad_request, "the head has no first line");
    if (empty_line) return scanned;
  }
  scanned = window.size();
  if (bytes.size() < limits.head_max) return std::nullopt;
  const bool first_line_done = window.find('\n', skipped) != std::string_view::npos;
  if (!first_line_done) return fail(target_too_long, "the request target is too long");
  return fail(head_too_large, fmt::format("the head is larger than {} bytes", limits.head_max));
}

Result<std::optional<RequestHead>> parse_request_head(std::string_view bytes,
                                                      const HeadLimits& limits) {
  TRY(const auto whole, whole_head(bytes, limits));
  if (!whole) return std::nullopt;
  return parse_whole_request(*whole, limits);
}

Result<std::optional<ResponseHead>> parse_response_head(std::string_view bytes,
                                                        const HeadLimits& limits) {
  TRY(const auto whole, whole_head(bytes, limits));
  if (!whole) return std::nullopt;
  if (whole->starts_with(crlf)) return fail(bad_request, "a response starts with its status line");
  return parse_whole_response(*whole, limits);
}

bool has_token(const Headers& headers, std::string_view name, std::string_view token) {
  bool found = false;
  for_each_element(headers, name, [&](std::string_view element) {
    found = equal_ignoring_case(element, token);
    return !found;
  });
  return found;
}

bool is_valid_header(std::string_view name, std::string_view value) {
  if (!is_token(name)) return false;
  for (const char c : value) {
    if (!is_value_char(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

}  // namespace larder::http
