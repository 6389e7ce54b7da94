// Tells what a power cut may do to RocksDB's write-ahead logs from damage.
#pragma once

#include <string>

#include "base/result.h"
#include "storage/file_system.h"

namespace larder::storage {

/// True when the logs in `directory` are whole up to some point and no write begins after it. Every
/// commit is one write that is synced before the next one is made, so all that is bad then belongs
/// to the last write, which was not acknowledged (or whose acknowledged bytes rotted: at the very
/// end the two cannot be told apart). False when a write begins behind the bad place: what was
/// acknowledged is damaged, and nobody may drop it silently.
Result<bool> only_the_last_write_is_torn(FileSystem& files, const std::string& directory);

}  // namespace larder::storage
