// What storage reports beside the shared codes of base/error.h. Each name is distinct, since codes
// compare by name.
#pragma once

#include "base/error.h"

namespace larder::codes {
/// The disk is full, or so nearly that the rest is kept for deletes and compaction. Nothing
/// happened.
inline constexpr ErrorCode storage_full{"InsufficientStorage", 507};
/// Stored bytes do not match their checksum: the data is damaged and is not handed out.
inline constexpr ErrorCode corrupt{"DataCorrupted", 500};
/// The operating system refused or failed an I/O operation.
inline constexpr ErrorCode storage_failure{"StorageFailure", 500};
/// A file that should be there is not. Of the file system only: kv and blobs answer nullopt.
inline constexpr ErrorCode no_such_file{"NoSuchFile", 500};
/// Another process (or object) holds the lock.
inline constexpr ErrorCode locked{"Locked", 500};
/// A sealed text was made under another key, purpose or associated data, or was changed.
inline constexpr ErrorCode unsealable{"Unsealable", 500};
/// The data directory is not one this program may open as it stands; the message says what to do.
inline constexpr ErrorCode bad_data_directory{"BadDataDirectory", 500};
}  // namespace larder::codes
