// Kv on RocksDB and a log of our own (commit_log.h). One thread commits for all cores: it takes
// every batch that waits, checks their guards in order, and makes them durable with one synced
// write. Reads that memory can answer run on the caller's core, others on the BlockingPool.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/async/blocking_pool.h"
#include "base/random.h"
#include "storage/file_system.h"
#include "storage/inspectable_kv.h"

namespace larder::metrics {
class Registry;
}

namespace larder::storage {

struct RocksKvOptions {
  std::size_t block_cache_bytes = 32u << 20;
  std::size_t write_buffer_bytes = 16u << 20;  // of which there are at most 4
  int open_files_max = 512;
  std::uint64_t log_segment_bytes = 32ull << 20;  // of which there are at most about 8
  std::size_t queued_commits_max = 16 * 1024;
  std::size_t queued_bytes_max = 64u << 20;
  /// Commits are refused (InsufficientStorage) when the disk has less than this: compaction needs
  /// room, and so do deletes, which is why blobs stop earlier (FilesBlobsOptions).
  std::uint64_t free_space_min = 64ull << 20;
  /// Where larder_commit_* and larder_kv_* are registered. Nothing is read after the Kv has gone.
  metrics::Registry* metrics = nullptr;
  /// Nothing is changed on the disk: what waits in the log is read into memory, commit answers
  /// StorageFailure, and `files` may be a ReadOnlyFileSystem. The directory must be there.
  bool read_only = false;
};

/// Opens or makes the database in `directory` (its parent exists). Blocks: call it before serving.
/// `files` and `pool` outlive it; `random` is used in this call only. DataCorrupted when what was
/// acknowledged cannot all be recovered: the message says which file.
Result<std::unique_ptr<InspectableKv>> open_rocks_kv(const std::string& directory,
                                                     FileSystem& files, BlockingPool& pool,
                                                     Random& random, RocksKvOptions options = {});

}  // namespace larder::storage
