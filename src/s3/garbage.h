// Freeing what metadata no longer names.
//
// (1) A blob is freed only after the commit that queued it: that commit took away the last name.
// (2) What this process reads is left alone, and by (3) what it writes: a later sweep takes it.
// (3) A blob that a crash left without a name and outside every queue is found by comparing all
//     blobs with all metadata. Parts are read before objects, since completing an upload moves
//     names in that direction only.
#pragma once

#include <string>
#include <vector>

#include "s3/in_use.h"
#include "s3/index.h"
#include "s3/records.h"
#include "s3/usage.h"
#include "storage/blobs.h"
#include "storage/kv.h"

namespace larder::s3 {

/// Safe from any core.
class Garbage {
 public:
  Garbage(storage::Kv& kv, storage::Blobs& blobs, const InUse& written, const InUse& read,
          Usage& usage)
      : kv_(kv), blobs_(blobs), written_(written), read_(read), usage_(usage) {}

  /// What the commit that takes the content's name away writes as well.
  static void enqueue(const Content& content, std::vector<storage::Write>& writes);

  /// Frees what a commit has queued, behind the caller's back. What fails stays queued.
  Task<void> free_soon(std::string bucket_id, Content content);
  /// The queue of one bucket's index, whole.
  Task<Result<void>> free_queue(std::string bucket_id);
  /// Parts of an upload that is gone: queued, then freed.
  Task<Result<void>> drop_parts(std::string bucket_id, std::string upload_id);
  /// The same, behind the caller's back.
  Task<void> drop_parts_soon(std::string bucket_id, std::string upload_id);
  /// Parts of all uploads that are gone.
  Task<Result<void>> drop_orphaned_parts(std::string bucket_id);
  /// All uploads of a bucket that is deleted, behind the caller's back.
  Task<void> drop_uploads_soon(std::string bucket_id);
  /// (3), over all of these buckets and whatever else the blobs hold.
  Task<Result<void>> remove_orphans();

 private:
  Task<Result<void>> free(std::string bucket_id, std::vector<storage::BlobId> blobs);
  Task<Result<void>> drop_uploads(std::string bucket_id);
  /// Of a bucket that is gone.
  Task<Result<void>> drop_table(std::string bucket_id, Table table);
  Task<Result<std::vector<std::string>>> bucket_ids();
  /// Erases from `candidates` (sorted) what the bucket's metadata names.
  Task<Result<void>> keep_named(std::string bucket_id, Table table,
                                std::vector<storage::BlobId>& candidates);

  storage::Kv& kv_;
  storage::Blobs& blobs_;
  const InUse& written_;
  const InUse& read_;
  Usage& usage_;
};

}  // namespace larder::s3
