// The payload of an S3 request. Whatever the client promised about it (length, SHA-256, chunk
// signatures, checksum in a header or in a trailer, Content-MD5) is verified while it is read, and
// read() yields its 0 only if all of it held; a reader may take the hashing upon itself.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/async/stream.h"
#include "codec/checksums.h"
#include "codec/digest.h"
#include "http/message.h"
#include "sigv4/chunked.h"
#include "sigv4/payload.h"

namespace larder::aws {

/// What is computed over a payload because the client promised it, but for its MD5. One thread at a
/// time.
class PayloadHashes {
 public:
  /// All the bytes, in order.
  void update(std::string_view piece);

 private:
  friend class RequestBody;
  std::unique_ptr<Checksum> checksum_;
  std::optional<Digest> sha256_;
};

class RequestBody final : public ByteSource {
 public:
  struct Check {
    ChecksumAlgorithm algorithm;
    std::string expected;  // raw; empty: it comes in the trailer
  };

  /// Reads the promises out of the headers. `signing` is the request's own signature, for the
  /// signed chunk forms. `checksum_header_is_of_body` is false where the header speaks of an object
  /// that is assembled (CompleteMultipartUpload).
  static Result<std::unique_ptr<RequestBody>> open(http::Request& request,
                                                   std::optional<sigv4::Payload> payload,
                                                   std::optional<sigv4::ChunkSigning> signing,
                                                   bool checksum_header_is_of_body);

  Task<Result<std::size_t>> read(std::span<char> into) override;
  /// nullopt where the client does not say: neither Content-Length nor
  /// x-amz-decoded-content-length.
  std::optional<std::uint64_t> length() const override { return length_; }

  /// For a reader that hashes elsewhere than where it reads. Before the first read, once. From then
  /// on read() hashes and verifies nothing: its 0 is the end of the bytes, and no more. The reader
  /// gives all the bytes to what this yields, on whichever threads, computes their MD5, and when
  /// both have seen the last byte, asks verify(): only if all held may anything be made visible.
  std::shared_ptr<PayloadHashes> leave_hashing_to_reader();
  Result<void> verify(std::string_view md5);

  /// The checksum that the client sent, verified after the end. Before that its value may be
  /// missing.
  const std::optional<Check>& checksum() const { return check_; }
  bool has_content_md5() const { return content_md5_.has_value(); }
  std::uint64_t bytes_read() const { return total_; }

  /// Everything, for payloads that are documents. EntityTooLarge (MalformedXML for the caller's
  /// limit is S3's word: 400) beyond.
  Task<Result<std::string>> read_all(std::size_t at_most);

 private:
  explicit RequestBody(ByteSource& raw) : raw_(raw) {}

  Result<void> plan_length(const http::Headers& headers);
  Result<void> plan_checksum(const http::Headers& headers, bool of_body);
  Task<Result<std::size_t>> read_chunked(std::span<char> into);

  ByteSource& raw_;
  std::optional<std::uint64_t> length_;
  std::optional<sigv4::Payload> payload_;
  std::unique_ptr<sigv4::ChunkDecoder> decoder_;
  std::string trailer_name_;
  std::string buffer_;  // raw bytes of a chunked body
  std::string_view pending_;

  std::optional<Check> check_;
  std::optional<std::string> content_md5_;
  const std::shared_ptr<PayloadHashes> hashes_ = std::make_shared<PayloadHashes>();
  bool reader_hashes_ = false;
  std::optional<Digest> md5_;  // unless the reader hashes
  std::uint64_t total_ = 0;
  bool ended_ = false;
};

namespace codes {
inline constexpr ErrorCode bad_digest{"BadDigest", 400};
inline constexpr ErrorCode invalid_digest{"InvalidDigest", 400};
inline constexpr ErrorCode missing_content_length{"MissingContentLength", 411};
inline constexpr ErrorCode entity_too_large{"EntityTooLarge", 400};
}  // namespace codes

}  // namespace larder::aws
