// What becomes of the parts of a multipart upload: the checks of CompleteMultipartUpload, and the
// object that they make. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "s3/conditions.h"
#include "s3/records.h"

namespace larder::s3 {

/// One line of the client's list.
struct ListedPart {
  std::int64_t number = 0;
  std::string etag;                                                    // as sent
  std::vector<std::pair<ChecksumAlgorithm, std::string>> checksums{};  // base64
};

/// What CompleteMultipartUpload was sent.
struct Completion {
  std::vector<ListedPart> parts;
  std::optional<std::int64_t> object_size{};
  std::optional<std::string> checksum_type{};                          // FULL_OBJECT, COMPOSITE
  std::vector<std::pair<ChecksumAlgorithm, std::string>> checksums{};  // of the whole object
  WriteCondition condition{};
  std::string write_id{};
  Time now{};
};

/// A part as the index has it.
struct FoundPart {
  std::string stored;  // its record's bytes
  PartRecord record;
};
using FoundParts = std::map<std::uint32_t, FoundPart>;

/// InvalidPartOrder, InvalidPart, EntityTooSmall, EntityTooLarge, InvalidRequest, BadDigest.
Result<ObjectRecord> assemble(const std::string& upload_id, const UploadRecord& upload,
                              const FoundParts& found, const Completion& completion);

/// MD5 of the parts' MD5s, then `-` and their number; from their ETags in hex.
std::string multipart_etag(const std::vector<std::string>& etags);

}  // namespace larder::s3
