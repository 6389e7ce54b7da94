// Writes a blob's file. Inside storage only.
#pragma once

#include <memory>

#include "base/async/blocking_pool.h"
#include "storage/blob_directory.h"
#include "storage/blobs.h"

namespace larder::storage {

/// Touches no file before there is something to write. `pool` outlives it.
std::unique_ptr<BlobWriter> make_blob_writer(std::shared_ptr<BlobDirectory> directory,
                                             BlockingPool& pool, BlobId id);

}  // namespace larder::storage
