// What a principal was allowed and refused to do, as the files of the audit log tell it
// (docs/formats/audit.md).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

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
  std::size_t events = 0;                // that were taken
  std::size_t events_refused = 0;        // AccessDenied and its kin
  std::size_t events_without_uses = 0;   // written before the log told what was authorized
  std::size_t events_refused_where = 0;  // written before it told what was refused, which is not
                                         // to be found out, or not all of it
  std::size_t events_incomplete = 0;     // that leave out some of what was authorized or refused
};

/// Reads line by line: beyond what was refused, what it holds does not grow with the log.
class AuditReader {
 public:
  /// `principal`: the ARN of a user or root, of a session, or of a role for all its sessions.
  explicit AuditReader(std::string principal) : principal_(std::move(principal)) {}

  /// To be called once. A file, or the .jsonl files of a directory in the order of their names.
  /// They are read twice, since nothing can be taken together before all that was refused is known;
  /// what is appended meanwhile does not count. InvalidArgument: they cannot be read so, there are
  /// none, or too much was refused. Lines that cannot be read are counted.
  Result<policy::Suggester> read(const std::string& path);

  const AuditCounts& counts() const { return counts_; }

 private:
  Result<void> read_refusals(std::string_view line, policy::Refusals& refusals) const;
  void read_uses(std::string_view line, policy::Suggester& uses);

  const std::string principal_;
  AuditCounts counts_{};
};

}  // namespace larder::cli
