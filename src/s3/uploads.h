// Multipart uploads: begun, filled with parts, completed or aborted.
//
// (1) A part is listed only after its blob is durable.
// (2) Parts are written under the guard that their upload is there: after it has been completed or
//     aborted, nothing is added to it.
// (3) Completing is one commit: the object appears, the upload and the parts in it disappear. It is
//     guarded by the value of each of these parts, so a part that is replaced meanwhile is not
//     lost.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "s3/completion.h"
#include "s3/objects.h"
#include "s3/records.h"

namespace larder::s3 {

/// Safe from any core.
class Uploads {
 public:
  Uploads(storage::Kv& kv, Buckets& buckets, ContentStore& contents, Objects& objects,
          Garbage& garbage, Usage& usage)
      : kv_(kv),
        buckets_(buckets),
        contents_(contents),
        objects_(objects),
        garbage_(garbage),
        usage_(usage) {}

  Task<Result<void>> create(BucketRecord bucket, std::string upload_id, UploadRecord upload);
  /// NoSuchUpload when there is none of that id for that key.
  Task<Result<UploadRecord>> find(const BucketRecord& bucket, const std::string& key,
                                  const std::string& upload_id);
  /// As Objects::check_room, of a part.
  Task<Result<void>> check_room(const BucketRecord& bucket, const std::string& upload_id,
                                std::uint32_t number, std::uint64_t size);
  /// QuotaExceeded. On a failure that leaves no doubt the part's blob is discarded.
  Task<Result<void>> put_part(BucketRecord bucket, std::string key, std::string upload_id,
                              std::uint32_t number, PartRecord part);

  struct Part {
    std::uint32_t number;
    PartRecord record;
  };
  struct PartPage {
    std::vector<Part> parts;
    bool truncated;
  };
  /// Parts with greater numbers than `after`, in order.
  Task<Result<PartPage>> parts(const BucketRecord& bucket, std::string upload_id,
                               std::uint32_t after, std::size_t limit);

  /// Repeated after it has succeeded: the same answer, while the object is there.
  Task<Result<ObjectRecord>> complete(BucketRecord bucket, std::string key, std::string upload_id,
                                      Completion completion);
  Task<Result<void>> abort(BucketRecord bucket, std::string key, std::string upload_id);

 private:
  /// The upload's record and its bytes.
  struct Open {
    std::string stored;
    UploadRecord record;
  };
  Task<Result<std::optional<Open>>> open(Index& index, const std::string& key,
                                         const std::string& upload_id);
  Task<Result<FoundParts>> all_parts(Index& index, const std::string& upload_id);
  Task<Result<ObjectRecord>> completed_before(const BucketRecord& bucket, const std::string& key,
                                              const std::string& upload_id,
                                              const Completion& completion);
  Task<Result<Objects::Outcome>> try_put_part(const BucketRecord& bucket, const std::string& key,
                                              const std::string& upload_id, std::uint32_t number,
                                              const PartRecord& part);

  storage::Kv& kv_;
  Buckets& buckets_;
  ContentStore& contents_;
  Objects& objects_;
  Garbage& garbage_;
  Usage& usage_;
};

}  // namespace larder::s3
