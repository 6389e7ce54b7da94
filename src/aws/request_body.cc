#include "aws/request_body.h"

#include <fmt/format.h>

#include <charconv>

#include "base/check.h"
#include "codec/base64.h"
#include "sigv4/authorization.h"

namespace larder::aws {
namespace {

constexpr std::size_t chunk_buffer = 128 * 1024;

bool is_checksum_value(std::string_view header) {
  constexpr std::string_view prefix = "x-amz-checksum-";
  if (header.size() <= prefix.size() ||
      !http::equal_ignoring_case(header.substr(0, prefix.size()), prefix))
    return false;
  const auto rest = header.substr(prefix.size());
  for (const auto other : {"mode", "algorithm", "type"})
    if (http::equal_ignoring_case(rest, other)) return false;
  return true;
}

std::optional<ChecksumAlgorithm> algorithm_of_header(std::string_view header) {
  for (const auto algorithm : all_checksum_algorithms)
    if (http::equal_ignoring_case(header, checksum_header(algorithm))) return algorithm;
  return std::nullopt;
}

std::unexpected<Error> unknown_checksum(std::string_view header) {
  return fail(
      larder::codes::not_implemented,
      fmt::format(
          "The checksum in {} is not implemented; use CRC32, CRC32C, CRC64NVME, SHA1 or SHA256.",
          header));
}

Result<std::string> decode_checksum(ChecksumAlgorithm algorithm, std::string_view header,
                                    std::string_view text) {
  auto raw = base64_decode(text);
  if (!raw || raw->size() != checksum_size(algorithm))
    return fail(sigv4::codes::invalid_request,
                fmt::format("Value for {} header is invalid.", header));
  return *std::move(raw);
}

}  // namespace

void PayloadHashes::update(std::string_view piece) {
  if (checksum_) checksum_->update(piece);
  if (sha256_) sha256_->update(piece);
}

Result<std::unique_ptr<RequestBody>> RequestBody::open(http::Request& request,
                                                       std::optional<sigv4::Payload> payload,
                                                       std::optional<sigv4::ChunkSigning> signing,
                                                       bool checksum_header_is_of_body) {
  std::unique_ptr<RequestBody> body(new RequestBody(request.body));
  body->payload_ = std::move(payload);
  TRY_VOID(body->plan_length(request.headers));
  TRY_VOID(body->plan_checksum(request.headers, checksum_header_is_of_body));
  if (body->payload_ && body->payload_->chunked()) {
    body->decoder_ = std::make_unique<sigv4::ChunkDecoder>(*body->payload_, std::move(signing),
                                                           *body->length_, body->trailer_name_);
    body->buffer_.resize(chunk_buffer);
  }
  if (body->payload_ && body->payload_->form == sigv4::Payload::Form::digest)
    body->hashes_->sha256_.emplace(Hash::sha256);
  if (body->check_) body->hashes_->checksum_ = make_checksum(body->check_->algorithm);
  if (body->content_md5_) body->md5_.emplace(Hash::md5);
  return body;
}

Result<void> RequestBody::plan_length(const http::Headers& headers) {
  if (!payload_ || !payload_->chunked()) {
    if (headers.contains("content-length")) length_ = raw_.length();
    return {};
  }
  const auto text = headers.find("x-amz-decoded-content-length");
  if (!text)
    return fail(codes::missing_content_length, "You must provide the Content-Length HTTP header.");
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size())
    return fail(larder::codes::invalid_argument,
                "x-amz-decoded-content-length must be a number of bytes.");
  length_ = value;
  return {};
}

Result<void> RequestBody::plan_checksum(const http::Headers& headers, bool of_body) {
  if (const auto md5 = headers.find("content-md5")) {
    content_md5_ = base64_decode(*md5);
    if (!content_md5_ || content_md5_->size() != 16)
      return fail(codes::invalid_digest, "The Content-MD5 you specified was invalid.");
  }
  for (const auto& header : headers) {
    if (!is_checksum_value(header.name)) continue;
    const auto algorithm = algorithm_of_header(header.name);
    if (!algorithm) return unknown_checksum(header.name);
    if (!of_body) continue;
    if (check_)
      return fail(
          sigv4::codes::invalid_request,
          "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    TRY(auto expected, decode_checksum(*algorithm, checksum_header(*algorithm), header.value));
    check_ = Check{*algorithm, std::move(expected)};
  }
  const auto trailer = headers.find("x-amz-trailer");
  if (!trailer || !payload_ || !payload_->has_trailer()) return {};
  const auto algorithm = algorithm_of_header(*trailer);
  if (!algorithm) return unknown_checksum(*trailer);
  if (check_)
    return fail(
        sigv4::codes::invalid_request,
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  check_ = Check{*algorithm, {}};
  trailer_name_ = checksum_header(*algorithm);
  return {};
}

std::shared_ptr<PayloadHashes> RequestBody::leave_hashing_to_reader() {
  CHECK(total_ == 0 && !ended_ && !reader_hashes_);
  reader_hashes_ = true;
  return hashes_;
}

Task<Result<std::size_t>> RequestBody::read(std::span<char> into) {
  if (ended_) co_return 0;
  Result<std::size_t> count = 0;
  if (decoder_) {
    count = co_await read_chunked(into);
  } else {
    count = co_await raw_.read(into);
  }
  if (!count) co_return count;
  total_ += *count;
  if (!reader_hashes_) {
    const std::string_view piece(into.data(), *count);
    hashes_->update(piece);
    if (md5_) md5_->update(piece);
    if (*count == 0) CO_TRY_VOID(verify(md5_ ? md5_->finish() : ""));
  }
  ended_ = *count == 0;
  co_return count;
}

Task<Result<std::size_t>> RequestBody::read_chunked(std::span<char> into) {
  for (;;) {
    while (!pending_.empty()) {
      auto step = decoder_->feed(pending_.substr(0, std::max<std::size_t>(into.size(), 1)));
      if (!step) co_return fail(std::move(step).error());
      const auto piece = step->payload;
      std::copy(piece.begin(), piece.end(), into.begin());
      pending_.remove_prefix(step->consumed);
      if (!piece.empty()) co_return piece.size();
    }
    const std::span<char> space(buffer_);
    CO_TRY(const auto count, co_await raw_.read(space));
    if (count == 0) {
      CO_TRY_VOID(decoder_->finish());
      co_return 0;
    }
    pending_ = std::string_view(buffer_).substr(0, count);
  }
}

Result<void> RequestBody::verify(std::string_view md5) {
  if (length_ && total_ != *length_)
    return fail(
        sigv4::codes::incomplete_body,
        "You did not provide the number of bytes specified by the Content-Length HTTP header");
  if (hashes_->sha256_) {
    const auto computed = hex_encode(hashes_->sha256_->finish());
    if (!http::equal_ignoring_case(computed, payload_->text))
      return fail(
          Error{sigv4::codes::x_amz_content_sha256_mismatch,
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                {{"ClientComputedContentSHA256", payload_->text},
                 {"S3ComputedContentSHA256", computed}}});
  }
  if (content_md5_ && md5 != *content_md5_)
    return fail(codes::bad_digest, "The Content-MD5 you specified did not match what we received.");
  if (check_) {
    if (check_->expected.empty()) {
      const auto& trailers = decoder_->trailers();
      if (trailers.empty())
        return fail(sigv4::codes::malformed_trailer, "The announced trailer is missing.");
      TRY(check_->expected,
          decode_checksum(check_->algorithm, trailer_name_, trailers.front().second));
    }
    if (hashes_->checksum_->finish() != check_->expected)
      return fail(codes::bad_digest,
                  fmt::format("The {} you specified did not match the calculated checksum.",
                              checksum_name(check_->algorithm)));
  }
  return {};
}

Task<Result<std::string>> RequestBody::read_all(std::size_t at_most) {
  std::string all;
  std::string piece(64 * 1024, '\0');
  for (;;) {
    const std::span<char> space(piece);
    CO_TRY(const auto count, co_await read(space));
    if (count == 0) co_return all;
    if (all.size() + count > at_most)
      co_return fail(codes::entity_too_large,
                     "Your proposed upload exceeds the maximum allowed size");
    all.append(piece, 0, count);
  }
}

}  // namespace larder::aws
