// How much a bucket holds: numbers in its index, which every commit changes together with what they
// count. docs/formats/s3.md has the bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "s3/index.h"
#include "s3/pace.h"
#include "storage/kv.h"

namespace larder::s3 {

/// What a bucket or an account holds, or a change of it. Bytes are those of contents, as clients
/// sent them: keys, headers and what storing costs are not in them.
struct Use {
  std::int64_t objects = 0;
  std::int64_t bytes = 0;         // of objects
  std::int64_t uploads = 0;       // multipart uploads that are not completed
  std::int64_t upload_bytes = 0;  // of their parts, and of parts that are to be freed

  /// What a limit is about.
  std::int64_t total_bytes() const { return bytes + upload_bytes; }
  Use& operator+=(const Use& other);
  Use& operator-=(const Use& other);
  friend bool operator==(const Use&, const Use&) = default;
};

/// The writes by which a commit to an index says what it changes.
void add_to(const Use& change, std::vector<storage::Write>& writes);
/// The same for a commit that takes away a record whose size cannot be read: the numbers are
/// counted anew at the next start, or when the scrub comes by.
void ask_for_recount(std::vector<storage::Write>& writes);

/// Whether an entry of the table is a number, or asks for a recount.
bool is_number_entry(const storage::Entry& entry);

/// The numbers as they are stored.
struct StoredUse {
  Use use;
  bool recount = false;
};
/// From one instant.
Task<Result<StoredUse>> read_use(Index& index);
/// Replaces `stored`: guard_failed when that has changed.
Task<Result<storage::CommitOutcome>> store_use(Index& index, StoredUse stored, Use counted);

/// What is there.
struct CountedUse {
  Use use;
  bool whole = true;  // every record could be read; those that could not count without their bytes
};
/// Reads the index of one bucket, some at a time. `pace` is told of every byte.
Task<Result<CountedUse>> count_use(storage::Kv& kv, std::string bucket_id, Pace& pace);
/// What both are, for people.
std::string difference(const Use& stored, const Use& counted);
/// Counts one entry; others than those of objects, uploads and parts count nothing.
void count_entry(const storage::Entry& entry, CountedUse& counted);

}  // namespace larder::s3
