// What tests do with stores again and again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/blobs.h"
#include "storage/file_system.h"
#include "storage/kv.h"

namespace larder::storage::test {

/// Counts to threads * times from several threads, each on its own core, by guarded commits; checks
/// that no step is lost.
void count_concurrently(Kv& kv, int threads, int times);
/// The same by additions, of which none may be refused.
void add_concurrently(Kv& kv, int threads, int times);

/// Writes `content` in chunks of `chunk` bytes and seals it.
Result<void> store(Blobs& blobs, const BlobId& id, std::string_view content,
                   std::size_t chunk = 64 * 1024);
/// All bytes of the range; absent: nullopt.
Result<std::optional<std::string>> fetch(Blobs& blobs, const BlobId& id,
                                         ByteRange range = whole_blob);
/// All below `path` as it can be read now: what a process that is killed now leaves. The parent is
/// in `to`.
void copy_directory(FileSystem& from, FileSystem& to, const std::string& path);
/// The paths of all files below `path`, in order.
std::vector<std::string> files_below(FileSystem& files, const std::string& path);

/// The rest of `source`.
Result<std::string> drain(ByteSource& source);

}  // namespace larder::storage::test
