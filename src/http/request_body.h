// The body of one request, as a stream off the wire.
#pragma once

#include <optional>

#include "base/async/stream.h"
#include "http/chunked.h"
#include "http/parser.h"
#include "http/server.h"
#include "http/wire.h"

namespace larder::http {

/// Refers to the wire and the options, which outlive it.
class RequestBody final : public ByteSource {
 public:
  RequestBody(Wire& wire, const ServerOptions& options, const RequestHead& head);

  Task<Result<std::size_t>> read(std::span<char> into) override;
  std::optional<std::uint64_t> length() const override;

  /// Nothing more of it comes: the next byte on the wire is of the next request.
  bool finished() const { return finished_; }
  /// Could the rest be dropped at no great cost, and does the client send it unasked?
  bool drainable() const;
  /// Reads on and drops. False: the rest was too long or did not come; the connection is done.
  Task<bool> drain();
  /// From here on no 100 Continue may be sent: a final response is under way.
  void forget_expectation() { expectation_dropped_ = expected_; }

 private:
  Task<Result<std::size_t>> read_length(std::span<char> into);
  Task<Result<std::size_t>> read_chunked(std::span<char> into);
  Task<Result<std::size_t>> take(std::span<char> into);
  Instant deadline() const { return wire_.now() + options_.body_stall_deadline; }

  Wire& wire_;
  const ServerOptions& options_;
  const std::optional<std::uint64_t> length_;  // none: chunked
  std::uint64_t remaining_ = 0;                // where the length is known
  std::uint64_t received_ = 0;
  ChunkedDecoder chunks_;
  bool finished_ = false;
  bool expected_;  // the client waits for 100 Continue
  bool expectation_dropped_ = false;
  std::optional<Error> failure_;
};

}  // namespace larder::http
