// A file system that lets nothing be changed: what is opened through it stays as it is, whatever
// the code above it tries.
#pragma once

#include "storage/file_system.h"

namespace larder::storage {

/// Reads go to `below`, which outlives it; all else is StorageFailure.
class ReadOnlyFileSystem final : public FileSystem {
 public:
  explicit ReadOnlyFileSystem(FileSystem& below) : below_(below) {}

  Result<std::unique_ptr<ReadableFile>> open(const std::string& path) override;
  Result<std::unique_ptr<WritableFile>> create(const std::string& path, unsigned mode) override;
  Result<std::unique_ptr<WritableFile>> open_to_append(const std::string& path) override;
  Result<std::unique_ptr<BlockFile>> open_blocks(const std::string& path,
                                                 std::uint64_t size) override;
  Result<std::optional<FileInfo>> info(const std::string& path) override;
  Result<std::vector<std::string>> children(const std::string& directory) override;
  Result<void> remove_file(const std::string& path) override;
  Result<void> remove_directory(const std::string& path) override;
  Result<bool> create_directory(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> link(const std::string& from, const std::string& to) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;
  Result<std::uint64_t> free_space(const std::string& path) override;
  Result<std::uint64_t> total_space(const std::string& path) override;

 private:
  FileSystem& below_;
};

}  // namespace larder::storage
