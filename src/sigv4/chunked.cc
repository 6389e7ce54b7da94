#include "sigv4/chunked.h"

#include <fmt/format.h>

#include <charconv>

#include "base/limits.h"
#include "codec/base64.h"
#include "sigv4/authorization.h"

namespace larder::sigv4 {
namespace {

constexpr std::uint64_t smallest_signed_chunk = 8192;

std::unexpected<Error> incomplete(std::string_view why) {
  return fail(
      codes::incomplete_body,
      fmt::format("The request body terminated unexpectedly or is not valid aws-chunked: {}.",
                  why));
}

/// SigV4A's signatures vary in length; clients fill them up with '*'.
std::string_view without_padding(std::string_view signature) {
  return signature.substr(0, signature.find_last_not_of('*') + 1);
}

std::unexpected<Error> mismatch() {
  return fail(codes::signature_does_not_match,
              "The request signature we calculated does not match the signature you provided. "
              "Check your key and "
              "signing method.");
}

}  // namespace

std::string chunk_string_to_sign(const ChunkSigning& signing, std::string_view previous,
                                 std::string_view chunk_sha256_hex) {
  return fmt::format("{}-PAYLOAD\n{}\n{}\n{}\n{}\n{}", algorithm_name(signing.key.algorithm),
                     signing.timestamp, signing.scope.str(), previous, empty_sha256_hex,
                     chunk_sha256_hex);
}

std::string trailer_string_to_sign(const ChunkSigning& signing, std::string_view previous,
                                   std::string_view trailer_text) {
  return fmt::format("{}-TRAILER\n{}\n{}\n{}\n{}", algorithm_name(signing.key.algorithm),
                     signing.timestamp, signing.scope.str(), previous, sha256_hex(trailer_text));
}

ChunkDecoder::ChunkDecoder(const Payload& payload, std::optional<ChunkSigning> signing,
                           std::uint64_t decoded_length, std::string trailer)
    : payload_(payload),
      signing_(std::move(signing)),
      decoded_length_(decoded_length),
      announced_trailer_(std::move(trailer)) {
  if (signing_) previous_signature_ = signing_->seed_signature;
}

Result<ChunkDecoder::Step> ChunkDecoder::feed(std::string_view input) {
  if (state_ == State::done) return incomplete("bytes follow the last chunk");
  if (state_ == State::data) {
    const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
    const auto piece = input.substr(0, take);
    if (chunk_hash_) chunk_hash_->update(piece);
    left_ -= take;
    if (left_ == 0) state_ = State::data_end;
    return Step{take, piece};
  }
  const auto newline = input.find('\n');
  const auto part = input.substr(0, newline);
  if (line_.size() + part.size() > limits::http_chunk_line) return incomplete("a line is too long");
  line_ += part;
  if (newline == input.npos) return Step{input.size(), {}};
  if (line_.ends_with('\r')) line_.pop_back();
  const std::string complete = std::exchange(line_, {});
  TRY_VOID(line(complete));
  return Step{newline + 1, {}};
}

Result<void> ChunkDecoder::line(std::string_view text) {
  switch (state_) {
    case State::size_line:
      return size_line(text);
    case State::data_end:
      if (!text.empty()) return incomplete("a chunk is longer than its size");
      state_ = State::size_line;
      return end_chunk();
    case State::trailer_line:
      return trailer_line(text);
    case State::data:
    case State::done:
      break;
  }
  return incomplete("out of order");
}

Result<void> ChunkDecoder::size_line(std::string_view text) {
  const auto semicolon = text.find(';');
  const auto digits = text.substr(0, semicolon);
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), size_, 16);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.empty())
    return incomplete("a chunk's size is not a number");
  if (size_ > decoded_length_ - total_)
    return incomplete("more bytes than x-amz-decoded-content-length");
  if (is_signed()) {
    constexpr std::string_view name = "chunk-signature=";
    const auto extension = semicolon == text.npos ? std::string_view() : text.substr(semicolon + 1);
    if (!extension.starts_with(name)) return incomplete("a chunk has no signature");
    chunk_signature_ = without_padding(extension.substr(name.size()));
    chunk_hash_.emplace(Hash::sha256);
    if (size_ != 0 && short_chunk_seen_)
      return fail(codes::invalid_chunk_size,
                  "Only the last chunk is allowed to have a size less than 8192 bytes");
    if (size_ < smallest_signed_chunk) short_chunk_seen_ = true;
  }
  total_ += size_;
  left_ = size_;
  if (size_ != 0) {
    state_ = State::data;
    return {};
  }
  TRY_VOID(end_chunk());
  if (total_ != decoded_length_) return incomplete("fewer bytes than x-amz-decoded-content-length");
  state_ = State::trailer_line;
  return {};
}

Result<void> ChunkDecoder::end_chunk() {
  if (!is_signed()) return {};
  const auto text =
      chunk_string_to_sign(*signing_, previous_signature_, hex_encode(chunk_hash_->finish()));
  chunk_hash_.reset();
  if (!verifies(signing_->key, text, chunk_signature_)) return mismatch();
  previous_signature_ = chunk_signature_;
  return {};
}

Result<void> ChunkDecoder::trailer_line(std::string_view text) {
  if (text.empty()) return end_trailer();
  if (!payload_.has_trailer()) return incomplete("a trailer that was not announced");
  const auto colon = text.find(':');
  if (colon == text.npos || trailer_text_.size() + text.size() > limits::http_trailer)
    return fail(codes::malformed_trailer,
                "The request contained trailing data that was not well-formed.");
  std::string name;
  for (const char c : text.substr(0, colon))
    name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  auto value = text.substr(colon + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  while (value.ends_with(' ')) value.remove_suffix(1);
  if (name == "x-amz-trailer-signature") {
    trailer_signature_ = without_padding(value);
    return {};
  }
  if (name != announced_trailer_ || !trailers_.empty())
    return fail(codes::malformed_trailer,
                "The request contained trailing data that was not announced by x-amz-trailer.");
  trailer_text_ += fmt::format("{}:{}\n", name, value);
  trailers_.emplace_back(std::move(name), value);
  return {};
}

Result<void> ChunkDecoder::end_trailer() {
  if (payload_.form == Payload::Form::chunked_signed_trailer) {
    const auto text = trailer_string_to_sign(*signing_, previous_signature_, trailer_text_);
    if (!verifies(signing_->key, text, trailer_signature_)) return mismatch();
  }
  if (!announced_trailer_.empty() && trailers_.empty())
    return fail(codes::malformed_trailer, "The trailer that x-amz-trailer announces is missing.");
  state_ = State::done;
  return {};
}

Result<void> ChunkDecoder::finish() const {
  if (state_ == State::done) return {};
  return incomplete("it ends too early");
}

}  // namespace larder::sigv4
