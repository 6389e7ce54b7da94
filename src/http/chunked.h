// The chunked transfer coding, decoded (RFC 9112 §7.1). Extensions and trailers are bounded and
// dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace larder::http {

/// A state machine over bytes; it holds none of them.
class ChunkedDecoder {
 public:
  /// Of the bytes given, the front `consumed` are done with, and the last of those are `data`, a
  /// part of the body (a view into the input; may be empty).
  struct Step {
    std::size_t consumed;
    std::string_view data;
  };

  /// Takes from the front of `input` until a piece of data (at most `data_max` bytes of it), the
  /// end, or the end of `input`. Bytes after the coding's end are not consumed. Fails with
  /// malformed_body; then it is not to be used again.
  Result<Step> step(std::string_view input, std::size_t data_max);

  /// The last chunk and its trailer have been consumed.
  bool done() const { return state_ == State::done; }

  /// So many bytes of data come next, before any framing: they may be taken around the decoder,
  /// which is then told by took().
  std::uint64_t data_next() const { return state_ == State::data ? remaining_ : 0; }
  void took(std::uint64_t count);

 private:
  enum class State {
    size_first,
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_first,
    trailer,
    trailer_lf,
    end_lf,
    done
  };

  Result<void> framing(unsigned char c);
  Result<void> size_line(unsigned char c);
  Result<void> trailer_line(unsigned char c);

  State state_ = State::size_first;
  std::uint64_t remaining_ = 0;  // of the chunk; while in its size line, the size so far
  std::size_t line_ = 0;         // bytes of the size line, then of the trailer section
};

}  // namespace larder::http
