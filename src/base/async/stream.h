// Bodies are streams: memory for a request does not grow with the object.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/async/task.h"
#include "base/result.h"

namespace larder {

/// Bytes that arrive over time. One reader, one core.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  /// Fills a prefix of `into` (never empty) and says how much; 0 at the end, and only there. An
  /// error is final. A source that verifies (hash, chunk signature, checksum, length) answers 0
  /// only after all of it held: what was read before is not to be made visible until then.
  virtual Task<Result<std::size_t>> read(std::span<char> into) = 0;

  /// All the bytes that will come, where that is known before they do.
  virtual std::optional<std::uint64_t> length() const = 0;
};

}  // namespace larder
