#include "bench/s3/response_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace larder::bench {
namespace {

constexpr std::size_t head_max = 64 << 10;
constexpr std::size_t complaint_max = 2 << 10;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view a, std::string_view lower_case) {
  return std::ranges::equal(a, lower_case, [](char x, char y) { return lower(x) == y; });
}

bool names(std::string_view list, std::string_view lower_case) {
  return !std::ranges::search(list, lower_case, [](char x, char y) {
            return lower(x) == y;
          }).empty();
}

std::unexpected<Error> malformed(std::string_view what) {
  return fail(codes::internal_error, "not an HTTP/1.1 response: " + std::string(what));
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

void ResponseReader::start(std::string* body) {
  state_ = State::head;
  status_ = 0;
  keep_alive_ = true;
  length_.reset();
  remaining_ = body_size_ = 0;
  head_.clear();
  complaint_.clear();
  body_ = body;
}

Result<std::size_t> ResponseReader::take(std::string_view bytes) {
  std::size_t taken = 0;
  while (state_ != State::done && taken < bytes.size()) {
    const auto rest = bytes.substr(taken);
    TRY(const std::size_t count, state_ == State::head ? take_head(rest) : take_body(rest));
    taken += count;
  }
  return taken;
}

Result<std::size_t> ResponseReader::take_head(std::string_view bytes) {
  const std::size_t before = head_.size();
  std::string_view text = bytes;
  if (before > 0) {
    head_.append(bytes);
    text = head_;
  }
  const auto end = text.find("\r\n\r\n", before < 3 ? 0 : before - 3);
  if (end == text.npos) {
    if (text.size() > head_max) return malformed("a head that does not end");
    if (before == 0) head_ = bytes;
    return bytes.size();
  }
  TRY_VOID(parse_head(text.substr(0, end + 2)));
  head_.clear();
  return end + 4 - before;
}

Result<void> ResponseReader::parse_head(std::string_view head) {
  const auto line = head.substr(0, head.find("\r\n"));
  const auto status = number<int>(line.substr(std::min<std::size_t>(line.size(), 9), 3));
  if (!line.starts_with("HTTP/1.") || line.size() < 12 || !status) return malformed(line);
  keep_alive_ = line[7] == '1';
  framing_ = Framing::until_close;
  length_.reset();
  head.remove_prefix(line.size() + 2);
  while (!head.empty()) {
    const auto field = head.substr(0, head.find("\r\n"));
    head.remove_prefix(field.size() + 2);
    const auto colon = field.find(':');
    if (colon == field.npos) return malformed("a field without a colon");
    auto value = field.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    TRY_VOID(parse_field(field.substr(0, colon), value.substr(0, value.find_last_not_of(' ') + 1)));
  }
  if (*status < 200) return {};  // the final one follows
  status_ = *status;
  state_ = State::body;
  if (framing_ != Framing::chunked && length_) {
    framing_ = Framing::length;
    remaining_ = *length_;
  }
  const bool without_body = status_ == 204 || status_ == 304;
  if (without_body || (framing_ == Framing::length && remaining_ == 0)) state_ = State::done;
  if (until_close()) keep_alive_ = false;
  return {};
}

Result<void> ResponseReader::parse_field(std::string_view name, std::string_view value) {
  if (same(name, "content-length")) {
    length_ = number<std::uint64_t>(value);
    if (!length_) return malformed("a Content-Length that is no number");
  } else if (same(name, "transfer-encoding")) {
    if (!same(value, "chunked")) return malformed("an unknown transfer coding");
    framing_ = Framing::chunked;
    chunks_ = http::ChunkedDecoder();
  } else if (same(name, "connection")) {
    if (names(value, "close")) keep_alive_ = false;
    if (names(value, "keep-alive")) keep_alive_ = true;
  }
  return {};
}

Result<std::size_t> ResponseReader::take_body(std::string_view bytes) {
  if (framing_ == Framing::chunked) {
    TRY(const auto step, chunks_.step(bytes, std::numeric_limits<std::size_t>::max()));
    keep(step.data);
    if (chunks_.done()) state_ = State::done;
    return step.consumed;
  }
  if (framing_ == Framing::until_close) {
    keep(bytes);
    return bytes.size();
  }
  const auto data = bytes.substr(0, std::min<std::uint64_t>(bytes.size(), remaining_));
  keep(data);
  remaining_ -= data.size();
  if (remaining_ == 0) state_ = State::done;
  return data.size();
}

void ResponseReader::keep(std::string_view data) {
  body_size_ += data.size();
  if (body_ != nullptr) body_->append(data);
  if (status_ >= 300)
    complaint_.append(data.substr(0, complaint_max - std::min(complaint_max, complaint_.size())));
}

std::uint64_t ResponseReader::unwanted_next() const {
  if (state_ != State::body || body_ != nullptr || status_ >= 300) return 0;
  if (framing_ == Framing::length) return remaining_;
  return framing_ == Framing::chunked ? chunks_.data_next() : 0;
}

void ResponseReader::dropped(std::uint64_t count) {
  body_size_ += count;
  if (framing_ == Framing::chunked) {
    chunks_.took(count);
    return;
  }
  remaining_ -= count;
  if (remaining_ == 0) state_ = State::done;
}

bool ResponseReader::ended() {
  if (until_close()) state_ = State::done;
  return done();
}

}  // namespace larder::bench
