// Requests and responses as services see them. One request is served by one coroutine on one core;
// nothing here is shared between threads.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/async/stream.h"
#include "base/async/task.h"
#include "base/result.h"

namespace larder::http {

struct Header {
  std::string name, value;
  friend bool operator==(const Header&, const Header&) = default;
};

/// Header fields in the order received. Names compare without regard to ASCII case. A value:
/// copies, compares. Values carry no surrounding white space when they come from the parser.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> fields) : fields_(fields) {}

  /// The first field of that name; valid until the Headers change.
  std::optional<std::string_view> find(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name).has_value(); }
  std::size_t count(std::string_view name) const;

  /// Appends, whatever is there already.
  void add(std::string name, std::string value);
  /// Replaces every field of that name by one, in the place of the first.
  void set(std::string_view name, std::string value);
  /// Removes every field of that name.
  void erase(std::string_view name);

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }
  bool empty() const { return fields_.empty(); }
  void reserve(std::size_t count) { fields_.reserve(count); }

  friend bool operator==(const Headers&, const Headers&) = default;

 private:
  std::vector<Header> fields_;
};

/// ASCII only, as in header names and tokens.
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// Who is at the other end of a Unix socket, as the kernel recorded it when they connected.
struct UnixPeer {
  pid_t pid;
  uid_t uid;
  gid_t gid;
  friend bool operator==(const UnixPeer&, const UnixPeer&) = default;
};

/// The two ends of the connection. Addresses are numeric, without brackets; an IPv4 client of an
/// IPv6 socket is given in its IPv4 form. Over a Unix socket both addresses are empty and
/// `unix_peer` is set.
struct Peer {
  std::string address;
  std::uint16_t port = 0;
  std::string local_address;
  std::uint16_t local_port = 0;
  std::optional<UnixPeer> unix_peer;
  bool secure = false;  // came by TLS, or over a Unix socket, where no network can listen
};

/// What a service is asked. Lives, with all it refers to, until serve() is done.
struct Request {
  std::string method;  // as received: methods are case-sensitive
  /// Raw, as received: path and query, never decoded or normalized. Starts with '/', or is "*"
  /// (OPTIONS). Of an absolute-form target the scheme and host are gone (they equal Host).
  std::string target;
  int minor_version;  // HTTP/1.<minor_version>: 0 or 1
  Headers headers;
  Peer peer;
  /// The payload, chunked framing removed. Empty when the request has none. The first read sends
  /// 100 Continue if the client waits for it. Fails with incomplete_body, request_timeout,
  /// malformed_body, or body_too_large.
  ByteSource& body;
};

/// Exactly one response per request: the first send that gets past its checks is it.
class ResponseWriter {
 public:
  virtual ~ResponseWriter() = default;

  /// Whole response. Content-Length, Date and Server (if configured) are added; a Content-Length,
  /// Transfer-Encoding or Date in `headers` is replaced. For HEAD, 204 and 304 no body is sent; for
  /// HEAD a Content-Length in `headers` stays. `Connection: close` in `headers` closes after it.
  ///
  /// Fails with invalid_argument, nothing sent and started() false, for a header with a control
  /// character or a status outside 200..599; with internal_error when a response has started
  /// already; with connection_lost when the client is gone.
  virtual Task<Result<void>> send(int status, Headers headers, std::string body) = 0;

  /// Streams: `body` must yield exactly `length` bytes. It is asked for its end before the last
  /// bytes go out, so that a client cannot take for whole what failed verification.
  ///
  /// A failure before any byte was sent (of a short body: any failure) leaves started() false: the
  /// error of `body` is returned and another response may be sent. Later than that the connection
  /// is closed, which the client sees as truncation, and the error is returned. `body` is not read
  /// at all when no body is to be sent (HEAD, 204, 304).
  virtual Task<Result<void>> send(int status, Headers headers, ByteSource& body,
                                  std::uint64_t length) = 0;

  /// True once a byte of the response may have been sent.
  virtual bool started() const = 0;
};

/// One method, so that services compose without sockets.
class Service {
 public:
  virtual ~Service() = default;

  /// Answers through `response` before it is done; what of the body it leaves unread is dropped.
  /// Runs on the core of the connection, several at a time (each its own request). No response or
  /// an exception: the server answers 500, closes the connection and logs it.
  virtual Task<void> serve(Request& request, ResponseWriter& response) = 0;
};

// What this module raises. The status is what the server answers when the failure precedes the
// service, and what S3 gives its codes of the same name.
inline constexpr ErrorCode bad_request{"BadRequest", 400};
inline constexpr ErrorCode incomplete_body{"IncompleteBody", 400};
inline constexpr ErrorCode malformed_body{"MalformedBody", 400};  // of the chunked framing
inline constexpr ErrorCode request_timeout{"RequestTimeout", 400};
inline constexpr ErrorCode head_timeout{"RequestTimeout", 408};
inline constexpr ErrorCode body_too_large{"EntityTooLarge", 413};
inline constexpr ErrorCode target_too_long{"RequestTargetTooLong", 414};
inline constexpr ErrorCode expectation_failed{"ExpectationFailed", 417};
inline constexpr ErrorCode head_too_large{"RequestHeaderSectionTooLarge", 431};
inline constexpr ErrorCode coding_not_implemented{"TransferCodingNotImplemented", 501};
inline constexpr ErrorCode version_not_supported{"HttpVersionNotSupported", 505};
inline constexpr ErrorCode connection_lost{"ConnectionLost", 503};  // by either end, at any time
inline constexpr ErrorCode listen_failed{"ListenFailed", 500};
inline constexpr ErrorCode address_in_use{"AddressInUse", 500};

}  // namespace larder::http
