// The audit log as files of lines.
//
// Invariants:
// (1) A file has whole lines only: what a failed write left of one is cut off before the next line,
// or the next line goes to another file. (2) A line that append() could not write is kept, up to
// a limit, and written when that is possible again. (3) After a failed sync nothing more is written
// to that file: what became of its last lines is not known.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "aws/audit.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "storage/file_system.h"

namespace larder::metrics {
class Registry;
}

namespace larder::audit {

struct FileSinkOptions {
  std::uint64_t rotate_bytes = 128ull << 20;  // a file begins when the last would become larger
  unsigned keep_days = 90;                    // a line stays at least so long; 0: for ever
  std::uint64_t keep_bytes = 0;               // all files together; 0: no limit
  std::set<std::string, std::less<>> object_reads_off{};   // buckets whose objects' reads
  std::set<std::string, std::less<>> object_writes_off{};  // or changes are not written down
  std::chrono::milliseconds sync_every{1000};  // 0: no thread; the owner calls maintain()
};

/// Safe from any core. append() formats on the caller's core and makes one write into the page
/// cache under a lock; it never waits for the disk, except while the log is failing.
class FileSink final : public aws::AuditSink {
 public:
  using Options = FileSinkOptions;

  /// Makes `directory` if absent (its parent must be there) and goes on with today's file or begins
  /// one. Fails when the directory cannot be made or read; when only the file cannot be begun, the
  /// sink is not ready until it can. One sink a directory. `files` and `clock` outlive it. Blocks.
  static Result<std::unique_ptr<FileSink>> open(std::string directory, storage::FileSystem& files,
                                                const Clock& clock, Options options = {});
  /// Syncs.
  ~FileSink() override;
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  /// False from a failed write or sync until maintain() has repaired it, and while the disk has
  /// hardly room for the lines of what is under way: a change must not be made that cannot be
  /// written down afterwards.
  bool ready() const override { return ready_.load(std::memory_order_acquire); }
  /// ServiceUnavailable: the line is not in the file (it may be later).
  Result<void> append(const aws::AuditEvent& event) override;

  /// What the thread does a second after something was written, and each second while not ready:
  /// tries again what failed, syncs what was written, removes old files. Blocks. From any thread.
  Result<void> maintain();

  /// larder_audit_*.
  void register_metrics(metrics::Registry& registry) const;

 private:
  struct CurrentFile {
    std::string name;
    std::unique_ptr<storage::WritableFile> file;
    std::shared_ptr<storage::WritableFile> syncer;  // the same file, for the one who syncs
    std::uint64_t size = 0;                         // of whole lines
    std::chrono::sys_days day{};
  };

  FileSink(std::string directory, storage::FileSystem& files, const Clock& clock, Options options);

  // All of these under mutex_ (before the thread starts, without it).
  Result<void> start();
  void continue_file(const std::string& name, Time now);
  Result<void> begin_file(Time now);
  void leave_file();
  bool takes(std::size_t bytes, Time now) const;
  Result<void> write(const std::string& line, Time now);
  Result<void> recover(Time now);
  void keep(const std::string& line);
  void mark_failed(const Error& error, bool abandon);
  void check_room();
  void update_ready() { ready_.store(!failed_ && !low_, std::memory_order_release); }
  bool needs_care() const { return dirty_ || failed_ || low_; }

  bool is_switched_off(const aws::AuditEvent& event) const;
  std::string path_of(std::string_view name) const;
  void run();

  // Constant once it is open.
  const std::string directory_;
  storage::FileSystem& files_;
  const Clock& clock_;
  const Options options_;
  std::uint64_t headroom_;

  std::atomic<bool> ready_{true};
  metrics::Counter lines_, bytes_;  // written
  metrics::Counter line_failures_;  // lines that append() could not write
  metrics::Counter lines_lost_;     // of these, those that never will be
  metrics::Counter sync_failures_;

  std::mutex maintenance_mutex_;  // one maintain() at a time; taken before mutex_
  std::mutex mutex_;
  std::condition_variable wake_;

  // Guarded by mutex_.
  CurrentFile current_;
  std::chrono::sys_seconds last_begun_{};
  unsigned last_sequence_ = 0;
  std::vector<std::shared_ptr<storage::WritableFile>> left_;  // to be synced once more
  bool dirty_ = false;                                        // something is not synced
  bool files_changed_ = false;  // the directory is not synced, old files may be too many
  bool failed_ = false;         // a write or a sync
  bool abandon_ = false;        // the current file is not to be written again
  bool low_ = false;            // hardly any room on the disk
  bool stopping_ = false;
  std::uint64_t unchecked_ = 0;  // bytes since the room was looked at
  std::string pending_;          // lines that failed
  std::uint64_t pending_lines_ = 0;
  std::uint64_t lost_ = 0;  // lines for which pending_ had no room

  std::jthread thread_;  // last: it uses all the others
};

}  // namespace larder::audit
