// What goes wrong, as AWS names it. A failure is a value: classified where it is born, carried in a
// Result, turned into bytes by the protocol of the service that was asked.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace larder {

/// A wire code with its HTTP status. Values are constants with static storage, named after the code
/// (`codes::access_denied`).
struct ErrorCode {
  std::string_view name;
  int http_status;
  friend constexpr bool operator==(const ErrorCode& a, const ErrorCode& b) {
    return a.name == b.name;
  }
};

/// `message` is for the person at the client and never holds a secret. `fields` are AWS's extra
/// elements of an error
/// (`BucketName`, `Region`), in the order in which they are written.
struct Error {
  ErrorCode code;
  std::string message;
  std::vector<std::pair<std::string, std::string>> fields{};
};

/// Codes that more than one module raises. A module's own codes stand beside what raises them.
namespace codes {
inline constexpr ErrorCode access_denied{"AccessDenied", 403};
inline constexpr ErrorCode internal_error{"InternalError", 500};
inline constexpr ErrorCode invalid_argument{"InvalidArgument", 400};
inline constexpr ErrorCode not_implemented{"NotImplemented", 501};
inline constexpr ErrorCode service_unavailable{"ServiceUnavailable", 503};
inline constexpr ErrorCode slow_down{"SlowDown", 503};
}  // namespace codes

}  // namespace larder
