// Result<T>: a value or an Error. Absence is std::optional; a broken invariant is CHECK.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/error.h"

namespace larder {

template <class T>
using Result = std::expected<T, Error>;

/// `return fail(codes::access_denied, "...")` from any function that yields a Result.
[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected<Error>(Error{code, std::move(message)});
}
[[nodiscard]] inline std::unexpected<Error> fail(Error error) {
  return std::unexpected<Error>(std::move(error));
}

}  // namespace larder

/// In a function that yields a Result: `TRY(auto x, parse(text));` binds the value or returns the
/// error. CO_TRY is the same in a coroutine.
#define LARDER_CONCAT_(a, b) a##b
#define LARDER_CONCAT(a, b) LARDER_CONCAT_(a, b)
#define LARDER_TRY_(keyword, temporary, declaration, ...)               \
  auto temporary = (__VA_ARGS__);                                       \
  if (!temporary) keyword ::larder::fail(std::move(temporary).error()); \
  declaration = *std::move(temporary)
#define TRY(declaration, ...) \
  LARDER_TRY_(return, LARDER_CONCAT(try_result_, __LINE__), declaration, __VA_ARGS__)
#define CO_TRY(declaration, ...) \
  LARDER_TRY_(co_return, LARDER_CONCAT(try_result_, __LINE__), declaration, __VA_ARGS__)

/// The same where there is no value to bind (Result<void>).
#define TRY_VOID(...) \
  if (auto r_ = (__VA_ARGS__); !r_) return ::larder::fail(std::move(r_).error())
#define CO_TRY_VOID(...) \
  if (auto r_ = (__VA_ARGS__); !r_) co_return ::larder::fail(std::move(r_).error())
