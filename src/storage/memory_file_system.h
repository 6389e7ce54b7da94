// Files in memory that know what a power cut would leave: contents since the last sync() of the
// file, and names since the last sync_directory() of the directory, are not safe. Stricter than
// most real file systems: syncing a new file does not save its name.
#pragma once

#include <memory>
#include <mutex>

#include "base/random.h"
#include "storage/file_system.h"

namespace larder::storage {

class MemoryFileSystem final : public FileSystem {
 public:
  /// Has the directory "/" and nothing else.
  MemoryFileSystem();
  ~MemoryFileSystem() override;

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

  /// Loses what was not synced. With `random`, part of it may stay: a directory's new names all or
  /// none, a file's appended bytes a prefix, of which some 512-byte sectors may read as zeros. What
  /// was opened before must not be used any more.
  void power_cut(Random* random);

  void set_free_space(std::uint64_t bytes);

  struct Node;

 private:
  Result<std::shared_ptr<Node>> find(const std::string& path);            // under mutex_
  Result<std::shared_ptr<Node>> find_directory(const std::string& path);  // under mutex_

  const std::shared_ptr<std::mutex> mutex_;  // files share it
  const std::shared_ptr<Node> root_;         // guarded by mutex_, all below it too
  std::uint64_t free_space_;                 // guarded by mutex_
};

}  // namespace larder::storage
