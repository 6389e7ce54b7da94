// Takes RocksDB's file access through ours. Inside storage only: this header shows RocksDB.
#pragma once

#include <rocksdb/env.h>

#include <memory>

#include "storage/file_system.h"

namespace larder::storage {

/// An environment whose files are `files` (which outlives it) and whose threads and clock are
/// RocksDB's own.
std::unique_ptr<rocksdb::Env> make_rocks_env(FileSystem& files);

}  // namespace larder::storage
