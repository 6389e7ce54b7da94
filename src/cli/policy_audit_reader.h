// What a principal was allowed to do, as the files of the audit log tell it
// (docs/formats/audit.md).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "policy/suggest.h"

namespace larder::cli {

/// What a reading came across.
struct AuditCounts {
  std::size_t files = 0;
  std::size_t files_passed_over = 0;  // in the directory, but no .jsonl: compressed, for example
  std::size_t lines = 0;
  std::size_t lines_unreadable = 0;  // no JSON, or too long to be of the log
  // Of the principal:
  std::size_t events = 0;               // that were taken
  std::size_t events_refused = 0;       // AccessDenied and its kin
  std::size_t events_without_uses = 0;  // written before the log told what was authorized
  std::size_t events_incomplete = 0;    // that leave out some of what was authorized
};

/// Reads line by line: what it holds does not grow with the log.
class AuditReader {
 public:
  /// `principal`: the ARN of a user or root, of a session, or of a role for all its sessions.
  AuditReader(std::string principal, policy::Suggester& uses)
      : principal_(std::move(principal)), uses_(uses) {}

  /// A file, or the .jsonl files of a directory in the order of their names. InvalidArgument: it
  /// cannot be read, or there are none. Lines that cannot be read are counted.
  Result<void> read(const std::string& path);
  /// An event of another principal, or no event, changes no more than the counts.
  void read_line(std::string_view line);

  const AuditCounts& counts() const { return counts_; }

 private:
  Result<void> read_file(const std::string& path);

  const std::string principal_;
  policy::Suggester& uses_;
  AuditCounts counts_{};
};

}  // namespace larder::cli
