#include "http/chunked.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "http/characters.h"
#include "http/message.h"

namespace larder::http {
namespace {

std::unexpected<Error> malformed(const char* what) { return fail(malformed_body, what); }

}  // namespace

Result<ChunkedDecoder::Step> ChunkedDecoder::step(std::string_view input, std::size_t data_max) {
  std::size_t at = 0;
  while (at < input.size() && state_ != State::done) {
    if (state_ == State::data) {
      const auto count = static_cast<std::size_t>(
          std::min<std::uint64_t>({remaining_, input.size() - at, data_max}));
      took(count);
      return Step{at + count, input.substr(at, count)};
    }
    TRY_VOID(framing(static_cast<unsigned char>(input[at++])));
  }
  return Step{at, {}};
}

void ChunkedDecoder::took(std::uint64_t count) {
  CHECK(state_ == State::data && count <= remaining_);
  remaining_ -= count;
  if (remaining_ == 0) state_ = State::data_cr;
}

Result<void> ChunkedDecoder::framing(unsigned char c) {
  switch (state_) {
    case State::size_first:
    case State::size:
    case State::extension:
    case State::size_lf:
      return size_line(c);
    case State::data_cr:
      if (c != '\r') return malformed("a chunk is longer than its size");
      state_ = State::data_lf;
      return {};
    case State::data_lf:
      if (c != '\n') return malformed("a chunk does not end in CRLF");
      state_ = State::size_first;
      line_ = 0;
      return {};
    case State::trailer_first:
    case State::trailer:
    case State::trailer_lf:
    case State::end_lf:
      return trailer_line(c);
    case State::data:
    case State::done:
      break;
  }
  CHECK(false);
}

Result<void> ChunkedDecoder::size_line(unsigned char c) {
  if (++line_ > limits::http_chunk_line) return malformed("a chunk's size line is too long");
  if (state_ == State::size_lf) {
    if (c != '\n') return malformed("a chunk's size line does not end in CRLF");
    state_ = remaining_ == 0 ? State::trailer_first : State::data;
    line_ = 0;
    return {};
  }
  if (state_ == State::extension) {
    if (c == '\r') {
      state_ = State::size_lf;
    } else if (!is_value_char(c)) {
      return malformed("a chunk extension holds a control character");
    }
    return {};
  }
  if (const int digit = hex_digit(c); digit >= 0) {
    if (remaining_ > (INT64_MAX >> 4)) return malformed("a chunk's size is too large");
    remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(digit);
    state_ = State::size;
    return {};
  }
  if (state_ == State::size_first) return malformed("a chunk has no size");
  if (c == '\r') {
    state_ = State::size_lf;
  } else if (c == ';') {
    state_ = State::extension;
  } else {
    return malformed("a chunk's size is not hexadecimal");
  }
  return {};
}

Result<void> ChunkedDecoder::trailer_line(unsigned char c) {
  if (++line_ > limits::http_trailer) return malformed("the trailer is too large");
  switch (state_) {
    case State::trailer_first:
      if (c == '\r') {
        state_ = State::end_lf;
        return {};
      }
      if (!is_token_char(c)) return malformed("a trailer line has no name");
      state_ = State::trailer;
      return {};
    case State::trailer:
      if (c == '\r') {
        state_ = State::trailer_lf;
      } else if (!is_value_char(c)) {
        return malformed("the trailer holds a control character");
      }
      return {};
    default:
      if (c != '\n') return malformed("a trailer line does not end in CRLF");
      state_ = state_ == State::end_lf ? State::done : State::trailer_first;
      return {};
  }
}

}  // namespace larder::http
