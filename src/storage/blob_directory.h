// The directory below FilesBlobs: names, durable directories, and the removal of what was never
// sealed. Inside storage only.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "storage/blobs.h"
#include "storage/files_blobs.h"

namespace larder::storage {

/// The file of a sealed blob in the store at `directory`.
std::string blob_path(const std::string& directory, const BlobId& id);

/// Safe from any thread; all calls but discard block.
class BlobDirectory {
 public:
  /// `files` outlives it.
  BlobDirectory(std::string path, FileSystem& files, FilesBlobsOptions options);
  /// Waits for the removals.
  ~BlobDirectory();

  /// Makes what is missing and removes leftovers.
  Result<void> prepare();

  FileSystem& files() { return files_; }
  std::string path_of(const BlobId& id) const { return blob_path(path_, id); }
  std::string temporary_path_of(const BlobId& id) const;
  /// InsufficientStorage when there is too little left for `bytes` more.
  Result<void> admit(std::size_t bytes);
  /// The temporary file becomes the blob; durable on success.
  Result<void> publish(const BlobId& id);
  /// Has the temporary file removed, some time soon, on a thread of its own.
  void discard(const BlobId& id);
  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit);

 private:
  Result<void> ensure_directories(const std::string& text);
  void sweep();

  const std::string path_;
  FileSystem& files_;
  const FilesBlobsOptions options_;

  std::mutex directories_mutex_;
  std::set<std::string> durable_;  // "ab", "ab/cd"; guarded by directories_mutex_

  std::mutex discarded_mutex_;
  std::condition_variable wake_;
  std::vector<BlobId> discarded_;  // guarded by discarded_mutex_
  bool stopping_ = false;          // guarded by discarded_mutex_
  std::jthread sweeper_;           // last: it uses all the others
};

}  // namespace larder::storage
