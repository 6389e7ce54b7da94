// Are the bytes of an object or part there, and are they the ones that were stored?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "s3/pace.h"
#include "s3/records.h"
#include "storage/blobs.h"

namespace larder::s3 {

/// What is wrong with a stretch of an object or part.
struct ContentDamage {
  std::string what;
  std::optional<storage::ByteRange> bytes{};  // of the object or part; nullopt: cannot be told
  std::optional<storage::BlobId> blob{};      // the one to blame; nullopt: cannot be told
  bool blob_is_damaged = false;               // it is there, and is not what was stored
};

/// What the record says of the bytes beside their size.
struct ContentPromise {
  std::string etag;  // without quotes
  std::optional<StoredChecksum> checksum{};
  bool multipart = false;  // each piece is a part
};

enum class Depth {
  blocks,   // blobs are there, have their lengths, and match the checksums of their blocks
  digests,  // and what they hold has the record's ETag and checksum: costs an MD5 of everything
};

/// Reads all of the content; memory does not grow with it. Errors: of `pace`, and SlowDown of the
/// blobs, which says nothing about them.
Task<Result<std::vector<ContentDamage>>> check_content(storage::Blobs& blobs, Pace& pace,
                                                       Depth depth, const Content& content,
                                                       const ContentPromise& promise);

}  // namespace larder::s3
