// The keys of a bucket's index, and its commits. docs/formats/s3.md has the bytes.
//
// (1) Index keys sort as (object key by bytes, version): escaping keeps the order, and no object
//     key's index key is a prefix of another's.
// (2) The current record of a key is at a place that follows from the key alone.
// (3) Every commit of a client's is guarded by the absence of the closed mark: after DeleteBucket
//     has put it, nothing comes in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/blobs.h"
#include "storage/kv.h"

namespace larder::s3 {

/// The parts of the index. The values are the first bytes of its keys.
enum class Table : char {
  closed = 'c',
  garbage = 'g',
  upload_keys = 'k',
  numbers = 'n',
  objects = 'o',
  parts = 'p',
  uploads = 'u'
};

/// 0x00 becomes 0x00 0xff: order is kept, and 0x00 0x01 can end a key.
std::string escape(std::string_view key);

std::string object_key(std::string_view key);
std::string upload_key(std::string_view upload_id);
/// Makes uploads findable in the order of their objects' keys.
std::string upload_name(std::string_view key, std::string_view upload_id);
/// Uploads' ids are 32 characters; the number is big-endian.
std::string part_key(std::string_view upload_id, std::uint32_t number);
std::uint32_t part_number(std::string_view part_key);
std::string upload_of_part(std::string_view part_key);
std::string garbage_key(const storage::BlobId& blob);
std::string closed_key();

storage::KeyRange all_of(Table table);
storage::KeyRange parts_of(std::string_view upload_id);

/// The object key in a key of `objects` or `upload_keys`, and what follows it.
struct SplitKey {
  std::string key;
  std::string suffix;
};
std::optional<SplitKey> split(std::string_view index_key);

/// Where object keys that start with `prefix` begin, and the first place behind them (empty: the
/// table's end is not among them).
std::string first_with(Table table, std::string_view prefix);
std::string behind_all_with(Table table, std::string_view prefix);
/// The first place behind every record of this very key.
std::string behind(Table table, std::string_view key);

storage::Partition index_partition(const std::string& bucket_id);

/// One bucket's index.
class Index {
 public:
  Index(storage::Kv& kv, const std::string& bucket_id)
      : kv_(kv), partition_(index_partition(bucket_id)) {}

  Task<Result<std::optional<std::string>>> get(std::string key);
  Task<Result<storage::ScanPage>> scan(storage::KeyRange range, std::size_t limit);
  /// Guarded by (3) as well.
  Task<Result<storage::CommitOutcome>> commit(std::vector<storage::Guard> guards,
                                              std::vector<storage::Write> writes);
  /// Not guarded by (3): for what cleans up.
  Task<Result<storage::CommitOutcome>> commit_always(std::vector<storage::Guard> guards,
                                                     std::vector<storage::Write> writes);

 private:
  storage::Kv& kv_;
  const std::string partition_;
};

}  // namespace larder::s3
