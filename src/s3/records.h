// What the index and the catalogue of buckets hold: values, and the bytes they are stored as
// (docs/formats/s3.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "codec/checksums.h"
#include "s3/packed.h"
#include "storage/blobs.h"

namespace larder::s3 {

struct BucketRecord {
  std::string name;
  std::string id;  // 32 hex digits, never used twice
  std::string account;
  std::string region;
  Time created{};
  std::uint32_t ranges = 1;
};

/// A checksum as the client is told it: base64, of a composite with the number of parts behind it.
struct StoredChecksum {
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::crc32;
  bool composite = false;
  std::string value;
};

struct Piece {
  storage::BlobId blob;
  std::uint64_t length;
};

/// The bytes of an object or a part: here, or in blobs, one after the other.
struct Content {
  std::uint64_t size = 0;
  std::string inline_bytes{};
  std::vector<Piece> pieces{};
};

/// The null version of a key, which is its current record.
struct ObjectRecord {
  std::string write_id{};  // 16 bytes: tells whether a commit of unknown outcome happened
  Time modified{};
  std::string etag{};  // without quotes
  Content content{};
  Pairs headers{};  // Content-Type and its like, by their names on the wire
  Pairs metadata{};
  std::optional<StoredChecksum> checksum{};
  std::string upload_id{};  // of a multipart upload; then each piece is a part

  bool multipart() const { return !upload_id.empty(); }
};

struct UploadRecord {
  std::string write_id{};
  std::string key{};
  std::string initiator{};  // an ARN
  Time initiated{};
  Pairs headers{};
  Pairs metadata{};
  std::optional<ChecksumAlgorithm> algorithm{};
  bool composite = false;
};

struct PartRecord {
  std::string write_id{};
  Time modified{};
  std::string etag{};  // MD5 in hex
  Content content{};
  std::optional<StoredChecksum> checksum{};
};

std::string encode(const BucketRecord& record);
std::string encode(const ObjectRecord& record);
std::string encode(const UploadRecord& record);
std::string encode(const PartRecord& record);

/// An error is damage, or a record of a later version of Larder.
Result<BucketRecord> decode_bucket(std::string_view name, std::string_view bytes);
Result<ObjectRecord> decode_object(std::string_view bytes);
Result<UploadRecord> decode_upload(std::string_view bytes);
Result<PartRecord> decode_part(std::string_view bytes);

}  // namespace larder::s3
