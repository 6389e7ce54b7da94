#include "storage/files_blobs.h"

#include <utility>

#include "base/check.h"
#include "storage/blob_directory.h"
#include "storage/blob_reader.h"
#include "storage/blob_writer.h"
#include "storage/errors.h"

namespace larder::storage {
namespace {

class FilesBlobs final : public Blobs {
 public:
  FilesBlobs(std::shared_ptr<BlobDirectory> directory, BlockingPool& pool)
      : directory_(std::move(directory)), pool_(pool) {}

  Task<Result<std::unique_ptr<BlobWriter>>> create(BlobId id) override {
    co_return make_blob_writer(directory_, pool_, id);
  }

  Task<Result<std::optional<std::unique_ptr<ByteSource>>>> read(BlobId id,
                                                                ByteRange range) override {
    auto call = [this, id, range] {
      return open_blob_reader(directory_->files(), pool_, directory_->path_of(id), id, range);
    };
    co_return co_await pool_.run(std::move(call));
  }

  Task<Result<void>> remove(BlobId id) override {
    auto call = [this, id]() -> Result<void> {
      auto removed = directory_->files().remove_file(directory_->path_of(id));
      if (!removed && removed.error().code == codes::no_such_file) return {};
      return removed;
    };
    co_return co_await pool_.run(std::move(call));
  }

  Task<Result<std::vector<BlobId>>> list(std::optional<BlobId> after, std::size_t limit) override {
    CHECK(limit >= 1);
    auto call = [this, after, limit] { return directory_->list(after, limit); };
    co_return co_await pool_.run(std::move(call));
  }

 private:
  const std::shared_ptr<BlobDirectory> directory_;  // writers share it
  BlockingPool& pool_;
};

}  // namespace

Result<std::unique_ptr<Blobs>> open_files_blobs(const std::string& directory, FileSystem& files,
                                                BlockingPool& pool, FilesBlobsOptions options) {
  auto opened = std::make_shared<BlobDirectory>(directory, files, options);
  TRY_VOID(opened->prepare());
  return std::make_unique<FilesBlobs>(std::move(opened), pool);
}

std::unique_ptr<Blobs> view_files_blobs(const std::string& directory, FileSystem& files,
                                        BlockingPool& pool) {
  auto viewed = std::make_shared<BlobDirectory>(directory, files, FilesBlobsOptions());
  return std::make_unique<FilesBlobs>(std::move(viewed), pool);
}

}  // namespace larder::storage
