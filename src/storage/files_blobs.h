// Blobs as files, one each: DIR/ab/cd/<id>, format in docs/formats/storage.md. Files are written as
// DIR/tmp/<id> and renamed when sealed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/async/blocking_pool.h"
#include "storage/blobs.h"
#include "storage/file_system.h"

namespace larder::storage {

struct FilesBlobsOptions {
  /// create and write are refused (InsufficientStorage) when the disk has less than this, so that
  /// metadata can still change and deletes can make room.
  std::uint64_t free_space_min = 256ull << 20;
};

/// Opens or makes the store in `directory` (its parent exists) and removes what was never sealed.
/// Blocks: call it before serving. `files` and `pool` outlive it. One at a time for a directory.
Result<std::unique_ptr<Blobs>> open_files_blobs(const std::string& directory, FileSystem& files,
                                                BlockingPool& pool, FilesBlobsOptions options = {});

/// The store as it stands, to be read: nothing is made or removed, so `files` may be a
/// ReadOnlyFileSystem.
std::unique_ptr<Blobs> view_files_blobs(const std::string& directory, FileSystem& files,
                                        BlockingPool& pool);

}  // namespace larder::storage
