// aws-chunked: the framing inside a body whose chunks are signed one by one, or that carries a
// checksum in a trailer. Not HTTP's chunked coding, which may be around it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "codec/digest.h"
#include "sigv4/canonical.h"
#include "sigv4/payload.h"
#include "sigv4/signing_key.h"

namespace larder::sigv4 {

/// What signs the chunks of one request: its own signature is the seed of the chain.
struct ChunkSigning {
  SigningKey key;
  std::string timestamp;
  Scope scope;
  std::string seed_signature;
};

/// A push parser. Invariants: (1) payload is handed out before its chunk's signature is known to be
/// right, so nothing may be made visible until done(); (2) memory is bounded by
/// limits::http_chunk_line and limits::http_trailer.
class ChunkDecoder {
 public:
  /// `signing` is required for the signed forms. `trailer` is the announced x-amz-trailer name,
  /// lower case, or empty.
  ChunkDecoder(const Payload& payload, std::optional<ChunkSigning> signing,
               std::uint64_t decoded_length, std::string trailer);

  struct Step {
    std::size_t consumed;      // of the input
    std::string_view payload;  // part of the input
  };
  /// Takes some of `input` (never empty). After done() more input is IncompleteBody.
  Result<Step> feed(std::string_view input);
  bool done() const { return state_ == State::done; }
  /// The stream has ended: an error unless done().
  Result<void> finish() const;

  /// Name (lower case) and value of each trailer line, after done().
  const std::vector<std::pair<std::string, std::string>>& trailers() const { return trailers_; }

 private:
  enum class State { size_line, data, data_end, trailer_line, done };

  Result<void> line(std::string_view text);
  Result<void> size_line(std::string_view text);
  Result<void> trailer_line(std::string_view text);
  Result<void> end_chunk();
  Result<void> end_trailer();
  bool is_signed() const { return signing_.has_value(); }

  const Payload payload_;
  std::optional<ChunkSigning> signing_;
  const std::uint64_t decoded_length_;
  const std::string announced_trailer_;

  State state_ = State::size_line;
  std::string line_;        // an unfinished line
  std::uint64_t left_ = 0;  // of the current chunk
  std::uint64_t size_ = 0;  // of the current chunk
  std::uint64_t total_ = 0;
  bool short_chunk_seen_ = false;
  std::string chunk_signature_;
  std::optional<Digest> chunk_hash_;
  std::string previous_signature_;
  std::string trailer_text_;
  std::string trailer_signature_;
  std::vector<std::pair<std::string, std::string>> trailers_;
};

/// What the signature of one chunk, or of the trailer, is over; also for a client.
std::string chunk_string_to_sign(const ChunkSigning& signing, std::string_view previous,
                                 std::string_view chunk_sha256_hex);
std::string trailer_string_to_sign(const ChunkSigning& signing, std::string_view previous,
                                   std::string_view trailer_text);

namespace codes {
inline constexpr ErrorCode incomplete_body{"IncompleteBody", 400};
inline constexpr ErrorCode invalid_chunk_size{"InvalidChunkSizeError", 400};
inline constexpr ErrorCode malformed_trailer{"MalformedTrailerError", 400};
}  // namespace codes

}  // namespace larder::sigv4
