// A file system that fails when it is told to: the twin of the one below it.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "storage/file_system.h"

namespace larder::storage::test {

enum class Fault {
  dies,         // this operation and all after it fail: the machine is gone until revive()
  io_error,     // this one fails, nothing of it happens
  disk_full,    // this one fails with InsufficientStorage; an append has written half
  short_write,  // an append writes half and fails; another operation just fails
};

/// Counts every operation that touches the disk (not size(), reserve(), nor destructors) from 0.
class FaultyFileSystem final : public FileSystem {
 public:
  /// `below` outlives it and what it opens.
  explicit FaultyFileSystem(FileSystem& below);

  /// Counting starts again: operation `n` from now on is the one.
  void fail_at(std::uint64_t n, Fault fault);
  /// No fault from now on.
  void revive();
  bool has_failed() const;

  /// A slow disk: BlockFile::sync waits from now on, until let_syncs_go().
  void hold_syncs();
  void let_syncs_go();
  /// Returns when one waits.
  void await_held_sync();

  std::uint64_t operations() const;

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

  struct Plan;

 private:
  FileSystem& below_;
  const std::shared_ptr<Plan> plan_;  // files share it
};

}  // namespace larder::storage::test
