// The bytes of objects and parts: taken in from a stream, given out as one.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "aws/request_body.h"
#include "base/async/stream.h"
#include "base/random.h"
#include "s3/hashing.h"
#include "s3/in_use.h"
#include "s3/records.h"
#include "storage/blobs.h"

namespace larder::s3 {

/// Objects up to here stand in their record. To be measured, not guessed, by a later change.
inline constexpr std::size_t inline_bytes_max = 4 * 1024;

/// What has been taken in, durable where it is in a blob, and named by nothing yet.
struct Stored {
  Content content;
  std::string md5;       // raw
  std::string checksum;  // raw, of the algorithm that was asked for
  InUse::Hold hold;      // until the commit that names the blob has been answered
};

/// Safe from any core.
class ContentStore {
 public:
  ContentStore(storage::Blobs& blobs, HashingThreads& hashing, InUse& written, InUse& read,
               Random& random)
      : blobs_(blobs), hashing_(hashing), written_(written), read_(read), random_(random) {}

  enum class Inline { allowed, never };
  /// Reads `source` to its end. A failure (of its verification too) leaves nothing behind.
  /// EntityTooLarge beyond `at_most`.
  Task<Result<Stored>> store(ByteSource& source, Inline small,
                             std::optional<ChecksumAlgorithm> algorithm, std::uint64_t at_most);
  /// The same of a request's body, of which nothing has been read: what verifies it is computed in
  /// the same pass.
  Task<Result<Stored>> store(aws::RequestBody& body, Inline small,
                             std::optional<ChecksumAlgorithm> algorithm, std::uint64_t at_most);

  /// Removes what was stored for a commit that certainly did not happen. Best effort.
  Task<void> discard(const Content& content);

  /// nullopt: a blob is not there (any more).
  Task<Result<std::optional<std::unique_ptr<ByteSource>>>> open(const Content& content,
                                                                storage::ByteRange range,
                                                                InUse::Hold hold);

  /// Keeps what is going to be read.
  InUse::Hold hold(const Content& content);

 private:
  struct Intake;
  Task<Result<Stored>> take_in(Intake& intake, Inline small);
  /// Into a blob: `head`, which has been read, and the rest.
  Task<Result<void>> take_in_blob(Intake& intake, std::string_view head, Stored& stored);

  storage::Blobs& blobs_;
  HashingThreads& hashing_;
  InUse& written_;
  InUse& read_;
  Random& random_;
};

}  // namespace larder::s3
