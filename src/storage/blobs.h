// Immutable byte strings under unique ids: written in chunks, sealed, read by range, removed.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/async/stream.h"
#include "base/async/task.h"
#include "base/random.h"
#include "base/result.h"

namespace larder::storage {

/// 128 random bits, written as 32 lower-case hex digits. A value.
class BlobId {
 public:
  static BlobId make(Random& random);
  /// 32 lower-case hex digits, else nullopt.
  static std::optional<BlobId> parse(std::string_view text);

  std::string str() const;
  const std::array<std::uint8_t, 16>& raw() const { return raw_; }
  friend auto operator<=>(const BlobId&, const BlobId&) = default;

 private:
  BlobId() = default;
  std::array<std::uint8_t, 16> raw_{};
};

/// One blob being written. One core, one call at a time. Destroyed before seal() has succeeded:
/// discarded, nothing was ever readable.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;

  /// Takes a copy of `chunk`: it may be reused when write returns, although it may not be on disk.
  /// An error (also of an earlier write) is final.
  virtual Task<Result<void>> write(std::span<const char> chunk) = 0;

  /// On success the bytes survive a power cut and are readable. On an error (InsufficientStorage
  /// when the disk is nearly full) the blob may or may not be there: treat it as not written;
  /// remove(id) is safe, and so is leaving it to the sweep. Nothing may be called after it.
  virtual Task<Result<void>> seal() = 0;
};

struct ByteRange {
  std::uint64_t offset;
  std::uint64_t length;
};
inline constexpr ByteRange whole_blob{0, UINT64_MAX};

/// From any core: a call resumes on its caller's executor and never blocks that core. Outlives its
/// calls, writers and readers.
class Blobs {
 public:
  virtual ~Blobs() = default;

  /// REQUIRES: `id` was never used before (BlobId::make).
  virtual Task<Result<std::unique_ptr<BlobWriter>>> create(BlobId id) = 0;

  /// The part of `range` that the blob has. Absent, or not sealed: nullopt. The source stays valid
  /// after remove(id). Damage is DataCorrupted, from here or from the source's read: bytes that
  /// fail their checksum are never handed out.
  virtual Task<Result<std::optional<std::unique_ptr<ByteSource>>>> read(BlobId id,
                                                                        ByteRange range) = 0;

  /// Absent is success. A removal may be undone by a power cut: what must stay removed is what
  /// metadata does not name.
  virtual Task<Result<void>> remove(BlobId id) = 0;

  /// At most `limit` (>= 1) sealed ids in ascending order, behind `after` (nullopt: from the
  /// first). Fewer than `limit`: the end. For the sweep for orphans, which must leave alone what
  /// was created since it read the metadata.
  virtual Task<Result<std::vector<BlobId>>> list(std::optional<BlobId> after,
                                                 std::size_t limit) = 0;
};

}  // namespace larder::storage
