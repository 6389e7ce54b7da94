// The one way to files, ours and RocksDB's: everything that power cuts and full disks can do to
// Larder passes here, and the in-memory implementation and its faulty twin do it on purpose. Calls
// block: they belong on the BlockingPool or before start.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace larder::storage {

/// Reads anywhere. Safe from any thread. Stays valid when the file is removed or renamed.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  /// Fills `into` from `offset`; less than its size only at the file's end.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const = 0;
  virtual Result<std::uint64_t> size() const = 0;
};

/// Appends. One thread at a time. Closed by the destructor, which does not sync.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  /// All of `data`, or an error after which any prefix of it may have been written.
  virtual Result<void> append(std::string_view data) = 0;
  /// The contents (not the name: sync_directory) survive a power cut.
  virtual Result<void> sync() = 0;
  virtual Result<void> truncate(std::uint64_t size) = 0;
  virtual std::uint64_t size() const = 0;
  /// Asks for disk space for [offset, offset + length) without changing the size. A hint.
  virtual void reserve(std::uint64_t offset, std::uint64_t length) = 0;
};

/// Writes inside a file of fixed size. One thread at a time.
class BlockFile {
 public:
  static constexpr std::size_t block_size = 4096;
  virtual ~BlockFile() = default;
  /// REQUIRES: `offset`, the size and the address of `data` are multiples of block_size, and the
  /// file reaches that far. After an error any sectors of it may have been written.
  virtual Result<void> write_at(std::uint64_t offset, std::span<const char> data) = 0;
  /// What was written survives a power cut.
  virtual Result<void> sync() = 0;
};

/// Held until destroyed, or until the process ends.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

struct FileInfo {
  bool is_directory;
  std::uint64_t size;
  std::uint64_t modified_seconds;  // since 1970
  unsigned mode;                   // permission bits
};

/// Safe from any thread. Paths are absolute or relative to the working directory, '/' between
/// names. Errors: NoSuchFile where a name is absent, InsufficientStorage when the disk (or quota)
/// is full, Locked, StorageFailure for the rest.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual Result<std::unique_ptr<ReadableFile>> open(const std::string& path) = 0;
  /// A new, empty file; one that exists is emptied. `mode` holds whatever the umask.
  virtual Result<std::unique_ptr<WritableFile>> create(const std::string& path,
                                                       unsigned mode = 0600) = 0;
  /// Appends to what is there; makes it if absent.
  virtual Result<std::unique_ptr<WritableFile>> open_to_append(const std::string& path) = 0;

  /// Makes it if absent, of at least `size` bytes (the new ones zeros) that have their space on the
  /// disk. Mode 0600.
  virtual Result<std::unique_ptr<BlockFile>> open_blocks(const std::string& path,
                                                         std::uint64_t size) = 0;

  /// Absent: nullopt.
  virtual Result<std::optional<FileInfo>> info(const std::string& path) = 0;
  /// Names, without "." and "..", in no order.
  virtual Result<std::vector<std::string>> children(const std::string& directory) = 0;

  virtual Result<void> remove_file(const std::string& path) = 0;
  /// Empty directories only.
  virtual Result<void> remove_directory(const std::string& path) = 0;
  /// True: made; false: it was there. The parent must exist. Mode 0700.
  virtual Result<bool> create_directory(const std::string& path) = 0;
  /// Atomic; replaces `to`.
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> link(const std::string& from, const std::string& to) = 0;
  /// The names in the directory (made, renamed, removed) survive a power cut.
  virtual Result<void> sync_directory(const std::string& path) = 0;

  /// Makes `path` if absent and holds it alone; its content becomes the holder's process id.
  /// Locked, at once, when another process or object holds it; the message names the path and, if
  /// it can be known, the holder.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;

  /// Bytes that may still be written below `path`.
  virtual Result<std::uint64_t> free_space(const std::string& path) = 0;
  /// Bytes of the whole file system below `path`, used or not.
  virtual Result<std::uint64_t> total_space(const std::string& path) = 0;
};

/// The operating system's files. REQUIRES: Linux.
class PosixFileSystem final : public FileSystem {
 public:
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
};

/// The whole content; at most `limit` bytes, else StorageFailure.
Result<std::string> read_small_file(FileSystem& files, const std::string& path, std::size_t limit);

/// Replaces `path` as a whole and durably: after a power cut it has its old or its new content
/// (temporary file `path`.new, sync, rename, sync of the directory).
Result<void> write_file_durably(FileSystem& files, const std::string& path,
                                std::string_view content, unsigned mode);

/// The part before the last '/'; "." if there is none.
std::string parent_directory(const std::string& path);

}  // namespace larder::storage
