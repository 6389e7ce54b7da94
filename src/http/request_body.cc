#include "http/request_body.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace larder::http {
namespace {

// Below this a read of its own costs more than the copy it saves.
constexpr std::size_t direct_read_min = 16 * 1024;
constexpr std::size_t chunk_buffer = 64 * 1024;
constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

std::optional<std::uint64_t> length_of(const RequestHead& head) {
  if (head.framing == Framing::chunked) return std::nullopt;
  return head.content_length;
}

}  // namespace

RequestBody::RequestBody(Wire& wire, const ServerOptions& options, const RequestHead& head)
    : wire_(wire),
      options_(options),
      length_(length_of(head)),
      remaining_(head.content_length),
      finished_(length_ == 0),
      expected_(head.expects_continue) {}

std::optional<std::uint64_t> RequestBody::length() const { return length_; }

Task<Result<std::size_t>> RequestBody::read(std::span<char> into) {
  if (failure_) co_return fail(*failure_);
  if (finished_) co_return 0;
  if (expected_ && !expectation_dropped_) {
    expected_ = false;
    // A client that did not wait needs no invitation.
    if (wire_.buffer().empty()) {
      const auto sent = co_await wire_.write(continue_line, "", options_.body_stall_deadline);
      if (sent != Wire::Outcome::ok) failure_ = body_failure(sent);
    }
  }
  if (failure_) co_return fail(*failure_);
  Result<std::size_t> count = 0;
  if (length_) {
    count = co_await read_length(into);
  } else {
    count = co_await read_chunked(into);
  }
  if (count) {
    received_ += *count;
    if (received_ > options_.body_max) count = fail(body_too_large, "the body is too large");
  }
  if (!count) failure_ = count.error();
  co_return count;
}

// From the buffer if it holds anything, else straight off the wire; never 0.
Task<Result<std::size_t>> RequestBody::take(std::span<char> into) {
  const std::string_view held = wire_.buffer().view();
  if (!held.empty()) {
    const std::size_t count = std::min(held.size(), into.size());
    std::memcpy(into.data(), held.data(), count);
    wire_.buffer().consume(count);
    co_return count;
  }
  const Wire::Read read = co_await wire_.read(into, deadline());
  if (read.outcome != Wire::Outcome::ok) co_return fail(body_failure(read.outcome));
  co_return read.count;
}

Task<Result<std::size_t>> RequestBody::read_length(std::span<char> into) {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), remaining_));
  CO_TRY(const std::size_t count, co_await take(into.first(wanted)));
  remaining_ -= count;
  finished_ = remaining_ == 0;
  co_return count;
}

Task<Result<std::size_t>> RequestBody::read_chunked(std::span<char> into) {
  for (;;) {
    const auto direct =
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), chunks_.data_next()));
    if (direct >= direct_read_min || (direct > 0 && !wire_.buffer().empty())) {
      CO_TRY(const std::size_t count, co_await take(into.first(direct)));
      chunks_.took(count);
      co_return count;
    }
    if (wire_.buffer().empty()) {
      const Wire::Read read = co_await wire_.fill(chunk_buffer, deadline());
      if (read.outcome != Wire::Outcome::ok) co_return fail(body_failure(read.outcome));
    }
    CO_TRY(const auto step, chunks_.step(wire_.buffer().view(), into.size()));
    if (!step.data.empty()) std::memcpy(into.data(), step.data.data(), step.data.size());
    wire_.buffer().consume(step.consumed);
    if (chunks_.done()) {
      finished_ = true;
      co_return 0;
    }
    if (!step.data.empty()) co_return step.data.size();
  }
}

bool RequestBody::drainable() const {
  if (finished_) return true;
  if (failure_ || expected_) return false;
  return !length_ || remaining_ <= options_.drain_max;
}

Task<bool> RequestBody::drain() {
  std::array<char, 16 * 1024> dropped;
  for (std::size_t left = options_.drain_max; drainable();) {
    if (finished_) co_return true;
    const std::span<char> into(dropped);
    const auto count = co_await read(into);
    if (!count || *count > left) co_return false;
    left -= *count;
  }
  co_return false;
}

}  // namespace larder::http
