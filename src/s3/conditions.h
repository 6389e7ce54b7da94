// Conditional requests, and ranges (RFC 9110 §13, §14, as S3 reads them).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "s3/objects.h"
#include "s3/records.h"
#include "storage/blobs.h"

namespace larder::s3 {

/// The four headers of a read, as sent; a date that is none is ignored.
struct ReadCondition {
  std::optional<std::string> if_match, if_none_match, if_modified_since, if_unmodified_since;
};

enum class ReadVerdict { proceed, not_modified };
/// PreconditionFailed, naming the header. Times compare by whole seconds.
Result<ReadVerdict> check(const ReadCondition& condition, const ObjectRecord& record);

/// PreconditionFailed, or NoSuchKey for If-Match on nothing.
Result<void> check(const WriteCondition& condition, const std::optional<ObjectRecord>& current,
                   std::string_view key);
/// NotImplemented for an If-None-Match other than `*`, as S3.
Result<WriteCondition> write_condition(const std::optional<std::string>& if_match,
                                       const std::optional<std::string>& if_none_match);

/// One range of bytes. nullopt: none, or nothing that S3 takes for one: the whole is meant.
/// InvalidRange when it lies outside.
Result<std::optional<storage::ByteRange>> parse_range(const std::optional<std::string>& header,
                                                      std::uint64_t size);

/// `"etag"`.
std::string quoted(std::string_view etag);

}  // namespace larder::s3
