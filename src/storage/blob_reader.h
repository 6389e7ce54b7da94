// Reads a sealed blob's file. Inside storage only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/async/blocking_pool.h"
#include "storage/blobs.h"
#include "storage/file_system.h"

namespace larder::storage {

/// Blocks. Has read and verified the range's first blocks already, so that a small blob takes one
/// trip to the pool.
Result<std::optional<std::unique_ptr<ByteSource>>> open_blob_reader(FileSystem& files,
                                                                    BlockingPool& pool,
                                                                    const std::string& path,
                                                                    const BlobId& id,
                                                                    ByteRange range);

}  // namespace larder::storage
