// `larder fsck`.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <iostream>

#include "cli/commands.h"
#include "codec/base64.h"
#include "s3/names.h"
#include "server/fsck.h"
#include "storage/errors.h"

namespace larder::cli {
namespace {

using storage::Finding;

constexpr std::chrono::milliseconds progress_interval{200};
constexpr double mebibyte = 1024.0 * 1024.0;

std::string_view grade_name(const Finding& finding) {
  return finding.grade == Finding::Grade::damage ? "damage" : "note";
}

/// A name that damage has made something else than text is written as terminals are shown it.
boost::json::string text_of(const std::string& bytes) {
  return boost::json::string(s3::is_utf8(bytes) ? bytes : storage::printable(bytes));
}

boost::json::object json_of(const Finding& finding) {
  boost::json::object out;
  out["grade"] = boost::json::string(grade_name(finding));
  if (!finding.bucket.empty()) out["bucket"] = text_of(finding.bucket);
  if (!finding.key.empty()) out["key"] = text_of(finding.key);
  if (!finding.version.empty()) out["versionId"] = text_of(finding.version);
  if (finding.blob) out["blob"] = text_of(finding.blob->str());
  if (finding.bytes) {
    out["offset"] = finding.bytes->offset;
    out["length"] = finding.bytes->length;
  }
  if (!finding.partition.empty()) out["partition"] = text_of(finding.partition);
  if (!finding.record.empty()) out["record"] = text_of(hex_encode(finding.record));
  out["what"] = text_of(finding.what);
  return out;
}

boost::json::object json_of(const server::FsckSummary& summary) {
  const auto& tally = summary.tally;
  const boost::json::object counts{{"damaged", summary.damaged},
                                   {"notes", summary.notes},
                                   {"quarantined", summary.quarantined},
                                   {"buckets", tally.buckets},
                                   {"objects", tally.objects},
                                   {"uploads", tally.uploads},
                                   {"parts", tally.parts},
                                   {"blobs", tally.blobs},
                                   {"bytes", tally.bytes},
                                   {"reclaimableBlobs", tally.orphans},
                                   {"reclaimableBytes", tally.orphan_bytes}};
  boost::json::object out;
  out["summary"] = counts;
  return out;
}

std::string text_of(const server::FsckSummary& summary) {
  const auto& tally = summary.tally;
  auto text = fmt::format("checked {} buckets, {} objects, {} uploads with {} parts, {} bytes: ",
                          tally.buckets, tally.objects, tally.uploads, tally.parts, tally.bytes);
  text += summary.damaged == 0 ? std::string("nothing is damaged")
                               : fmt::format("{} damaged", summary.damaged);
  if (tally.orphans > 0)
    text += fmt::format("; the next start frees {} bytes in {} blobs", tally.orphan_bytes,
                        tally.orphans);
  if (summary.quarantined > 0)
    text += fmt::format("; {} blobs are in quarantine now", summary.quarantined);
  return text;
}

/// Findings on standard output; how far it is on standard error, when that is a terminal.
class Printer final : public server::FsckObserver {
 public:
  explicit Printer(bool json) : json_(json), terminal_(::isatty(STDERR_FILENO) == 1) {}

  void found(const Finding& finding) override {
    wipe();
    if (json_) {
      std::cout << boost::json::serialize(json_of(finding)) << std::endl;
    } else {
      std::cout << grade_name(finding) << ": " << storage::describe(finding) << std::endl;
    }
  }

  void progressed(const s3::FsckTally& tally, std::uint64_t bytes) override {
    if (!terminal_) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - shown_ < progress_interval) return;
    shown_ = now;
    const std::chrono::duration<double> taken = now - begun_;
    const double read = static_cast<double>(bytes) / mebibyte;
    std::cerr << fmt::format("\r\033[K{} objects, {:.0f} MiB, {:.0f} MiB/s", tally.objects, read,
                             read / std::max(taken.count(), 0.001))
              << std::flush;
    wiped_ = false;
  }

  void end(const server::FsckSummary& summary) {
    wipe();
    if (json_) {
      std::cout << boost::json::serialize(json_of(summary)) << "\n";
    } else {
      std::cout << text_of(summary) << "\n";
    }
  }

  void wipe() {
    if (!wiped_) std::cerr << "\r\033[K" << std::flush;
    wiped_ = true;
  }

 private:
  const bool json_;
  const bool terminal_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point shown_{};
  bool wiped_ = true;
};

}  // namespace

int fsck(const FsckCommandOptions& options) {
  storage::PosixFileSystem files;
  SystemRandom random;
  Printer printer(options.format == "json");
  const server::FsckOptions what{.data = options.data, .quarantine = options.quarantine};
  const auto summary = server::fsck(what, files, random, printer);
  printer.wipe();
  if (!summary) {
    const bool in_use = summary.error().code == codes::locked;
    explain(summary.error().message +
            (in_use ? " Stop that server first; it checks its objects by itself as well." : ""));
    return 2;
  }
  printer.end(*summary);
  return summary->damaged == 0 ? 0 : 1;
}

}  // namespace larder::cli
