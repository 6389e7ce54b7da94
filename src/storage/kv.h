// Ordered keys inside named partitions, changed by guarded atomic batches. Nothing spans
// partitions. What one machine and a cluster do differently about metadata is below this interface.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/async/task.h"
#include "base/result.h"

namespace larder::storage {

/// A partition's name: "iam/123456789012", "buckets", "index/<id>/0". It need not be created: it is
/// there while it has keys.
using Partition = std::string;

/// Bounds on what callers pass; beyond them is a bug of the caller's (CHECK).
inline constexpr std::size_t partition_name_bytes_max = 1024;
inline constexpr std::size_t kv_key_bytes_max = 16 * 1024;
/// Keys and values of one commit together; beyond it commit answers InvalidArgument.
inline constexpr std::size_t commit_bytes_max = 8 * 1024 * 1024;
/// scan ends a page early when its keys and values have reached this.
inline constexpr std::size_t scan_page_bytes = 1024 * 1024;

/// A condition on one key of the commit's partition.
struct Guard {
  std::string key;
  std::optional<std::string> equals;  // nullopt: the key must be absent
};

struct Write {
  std::string key;  // never empty
  std::optional<std::string>
      value;  // nullopt: delete. Never empty (CHECK): a cluster cannot tell it from absence.
  /// Changes the number at the key by so much, without `value`: concurrent commits that add to one
  /// key need no guards against each other. The key is in no other write of the commit (CHECK).
  std::optional<std::int64_t> add{};
};

/// A number that writes add to is 8 bytes, little-endian; absent it is 0, and at 0 it is absent.
std::optional<std::string> number_value(std::int64_t number);
/// DataCorrupted: what is there is no number.
Result<std::int64_t> number_of(const std::optional<std::string>& value);

/// [begin, end) in byte order. An empty end: up to the partition's end.
struct KeyRange {
  std::string begin;
  std::string end;
};

/// All keys that start with `prefix`.
KeyRange keys_with_prefix(std::string prefix);

struct Entry {
  std::string key;
  std::string value;
  friend bool operator==(const Entry&, const Entry&) = default;
};

struct ScanPage {
  std::vector<Entry> entries;
  bool more;  // the page ended at a limit: go on behind the last key (key + '\0'); there may be
              // nothing there
};

enum class CommitOutcome {
  committed,     // all of it, durable: power can fail now
  guard_failed,  // none of it
  unknown,       // all or none, not known which: read back an id that the batch carries
};

/// From any core: a call resumes on its caller's executor and never blocks that core. The Kv
/// outlives its calls, and is destroyed before the io_contexts that called it: the last completion
/// may still be on its way into one of them.
class Kv {
 public:
  virtual ~Kv() = default;

  /// Absent: nullopt. Sees every commit that was answered before the call.
  virtual Task<Result<std::optional<std::string>>> get(Partition partition, std::string key) = 0;

  /// At most `limit` (>= 1) entries in ascending byte order, all from one instant. At least one if
  /// the range has one.
  virtual Task<Result<ScanPage>> scan(Partition partition, KeyRange range, std::size_t limit) = 0;

  /// All writes, in order, or none; all guards are checked at that same instant against what is
  /// there. A key written twice has the last value. An error means that certainly nothing happened:
  /// SlowDown (queue full), InsufficientStorage, ServiceUnavailable (the store is recovering from a
  /// failure), InvalidArgument (too large), DataCorrupted (what a write adds to is no number, or
  /// would not fit in one). No writes: only the guards' verdict.
  virtual Task<Result<CommitOutcome>> commit(Partition partition, std::vector<Guard> guards,
                                             std::vector<Write> writes) = 0;
};

}  // namespace larder::storage
