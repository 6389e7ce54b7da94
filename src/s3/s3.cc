#include "s3/s3.h"

#include "s3/operations/operations.h"

namespace larder::s3 {

S3::S3(storage::Kv& kv, storage::Blobs& blobs, HashingThreads& hashing, const Clock& clock,
       Random& random, std::string region, CanonicalIds canonical_ids, Usage::MaxBytes max_bytes)
    : kv_(kv),
      clock_(clock),
      random_(random),
      region_(std::move(region)),
      canonical_ids_(std::move(canonical_ids)),
      usage_(kv, std::move(max_bytes)),
      buckets_(kv, random, usage_),
      contents_(blobs, hashing, written_, read_, random),
      garbage_(kv, blobs, written_, read_, usage_),
      objects_(kv, buckets_, contents_, garbage_, usage_),
      uploads_(kv, buckets_, contents_, objects_, garbage_, usage_) {}

Task<Result<void>> S3::free_queues() {
  CO_TRY(const auto buckets, co_await buckets_.list_all());
  for (const auto& bucket : buckets) {
    CO_TRY_VOID(co_await garbage_.drop_orphaned_parts(bucket.id));
    CO_TRY_VOID(co_await garbage_.free_queue(bucket.id));
  }
  co_return Result<void>();
}

Task<Result<void>> S3::collect_garbage() {
  CO_TRY_VOID(co_await free_queues());
  co_return co_await garbage_.remove_orphans();
}

std::vector<aws::S3Operation> s3_operations() {
  std::vector<aws::S3Operation> all;
  for (const auto part : {bucket_operations(), bucket_policy_operations(), read_operations(),
                          write_operations(), delete_operations(), copy_operations(),
                          list_operations(), upload_operations(), upload_list_operations()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace larder::s3
