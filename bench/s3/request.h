// Requests, ready to be sent: built and signed before anything is timed, because a signature is
// good for fifteen minutes and the load shares its machine with the server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "http/url.h"
#include "sigv4/sign.h"

namespace larder::bench {

/// A value; `body` is a view of what its maker's caller keeps.
struct Request {
  std::string head;  // the request line and all fields
  std::string_view body{};
  /// How long the answer's body must be, if that is known.
  std::optional<std::uint64_t> answer_size{};
};

/// Makes the requests to one endpoint, in path style.
class RequestMaker {
 public:
  /// Without credentials nothing is signed.
  RequestMaker(const http::Url& endpoint, std::optional<sigv4::Credentials> credentials,
               std::string region);

  /// Of what is made from now on.
  void set_time(Time now) { now_ = now; }

  /// `payload_hash` is the body's SHA-256 in hexadecimal, or UNSIGNED-PAYLOAD.
  Request put(std::string_view path, std::string_view body, std::string_view payload_hash) const;
  Request get(std::string_view path, std::uint64_t size) const;
  Request remove(std::string_view path) const;
  /// One of no body; `query` is without '?', empty for none.
  Request simple(std::string_view method, std::string_view path, std::string_view query = {}) const;

 private:
  std::string head(std::string_view method, std::string_view path, std::string_view query,
                   std::string_view payload_hash, std::optional<std::size_t> length) const;

  std::string host_;
  std::optional<sigv4::Credentials> credentials_;
  std::string region_;
  Time now_{};
};

}  // namespace larder::bench
