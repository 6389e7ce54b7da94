// The files of the audit log: their names, what is left of one after a crash, and when they go.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "storage/file_system.h"

namespace larder::audit {

/// audit-2026-11-23T12-00-00Z-0001.jsonl: when it was begun, and which of that second's it is.
/// Their order is the order of time.
std::string log_file_name(Time begun, unsigned sequence);
/// nullopt: not a name of ours.
std::optional<Time> begun_at(std::string_view name);

/// Ours in `directory`, the oldest first.
Result<std::vector<std::string>> log_file_names(storage::FileSystem& files,
                                                const std::string& directory);

/// Opens `path` to append to it. Half a line at its end becomes a line that quotes it.
Result<std::unique_ptr<storage::WritableFile>> reopen_log_file(storage::FileSystem& files,
                                                               const std::string& path, Time now);

struct Retention {
  unsigned keep_days = 0;          // 0: for ever
  std::uint64_t keep_bytes = 0;    // of all files together; 0: any number
  std::uint64_t rotate_bytes = 0;  // to which the current file may grow
};
/// Removes what need not be kept, the oldest first, never `current`. What cannot be removed is a
/// line in the program's log.
void remove_old_files(storage::FileSystem& files, const std::string& directory,
                      std::string_view current, Time now, const Retention& retention);

}  // namespace larder::audit
