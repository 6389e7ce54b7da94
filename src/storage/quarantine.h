// DIR/quarantine: files of damaged blobs, taken out of the store and kept for whoever wants to see
// what can be saved of them.
#pragma once

#include <string>

#include "base/result.h"
#include "storage/blobs.h"
#include "storage/file_system.h"

namespace larder::storage {

/// Moves the blob's file there, durably: for the store it is absent from then on. Blocks. The
/// caller holds the lock of `data` (DIR), and nobody reads the blob. NoSuchFile when it is not in
/// the store.
Result<void> quarantine_blob(FileSystem& files, const std::string& data, const BlobId& id);

/// Whether its file is there. Blocks.
Result<bool> is_quarantined(FileSystem& files, const std::string& data, const BlobId& id);

}  // namespace larder::storage
