// Blobs in memory: for tests of every module and for trying Larder out.
#pragma once

#include <memory>

#include "storage/blobs.h"

namespace larder::storage {

class MemoryBlobs final : public Blobs {
 public:
  MemoryBlobs();
  ~MemoryBlobs() override;
  Task<Result<std::unique_ptr<BlobWriter>>> create(BlobId id) override;
  Task<Result<std::optional<std::unique_ptr<ByteSource>>>> read(BlobId id,
                                                                ByteRange range) override;
  Task<Result<void>> remove(BlobId id) override;
  Task<Result<std::vector<BlobId>>> list(std::optional<BlobId> after, std::size_t limit) override;

  struct State;

 private:
  std::shared_ptr<State> state_;  // writers share it
};

}  // namespace larder::storage
