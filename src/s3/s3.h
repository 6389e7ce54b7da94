// S3: the service that src/s3/operations works on.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "aws/request_line.h"
#include "base/clock.h"
#include "base/random.h"
#include "s3/buckets.h"
#include "s3/content.h"
#include "s3/garbage.h"
#include "s3/hashing.h"
#include "s3/in_use.h"
#include "s3/objects.h"
#include "s3/uploads.h"
#include "s3/usage.h"
#include "storage/blobs.h"
#include "storage/kv.h"

namespace larder::s3 {

/// Safe from any core. Work that it leaves behind (freeing blobs) runs on the executors of its
/// callers: it outlives them.
class S3 {
 public:
  /// An account's canonical user id; empty when there is none.
  using CanonicalIds = std::function<std::string(const std::string& account)>;

  S3(storage::Kv& kv, storage::Blobs& blobs, HashingThreads& hashing, const Clock& clock,
     Random& random, std::string region, CanonicalIds canonical_ids, Usage::MaxBytes max_bytes);
  S3(const S3&) = delete;
  S3& operator=(const S3&) = delete;

  /// Usage::load.
  Task<Result<void>> load() { return usage_.load(); }

  /// Frees what is queued: what could not be freed at once because somebody was reading it, or
  /// because it failed. Cheap; for every few minutes. Beside requests, one call at a time.
  Task<Result<void>> free_queues();
  /// Also what crashes have left: reads all metadata. For the start. Beside requests, one at a
  /// time.
  Task<Result<void>> collect_garbage();

  /// For the pipeline: buckets by name.
  aws::FactSource& facts() { return buckets_; }

  storage::Kv& kv() { return kv_; }
  Buckets& buckets() { return buckets_; }
  ContentStore& contents() { return contents_; }
  Objects& objects() { return objects_; }
  Uploads& uploads() { return uploads_; }
  Garbage& garbage() { return garbage_; }
  Usage& usage() { return usage_; }
  Random& random() { return random_; }
  const std::string& region() const { return region_; }
  std::string canonical_id(const std::string& account) const { return canonical_ids_(account); }
  Time now() const { return clock_.now(); }
  std::string make_write_id() { return random_.bytes(16); }

 private:
  storage::Kv& kv_;
  const Clock& clock_;
  Random& random_;
  const std::string region_;
  const CanonicalIds canonical_ids_;
  InUse written_;
  InUse read_;
  Usage usage_;
  Buckets buckets_;
  ContentStore contents_;
  Garbage garbage_;
  Objects objects_;
  Uploads uploads_;
};

/// All operations, each with its route; src/server puts them into the pipeline.
std::vector<aws::S3Operation> s3_operations();
/// Of Larder's own service, on the Unix socket alone.
std::span<const aws::Operation> usage_operations();

}  // namespace larder::s3
