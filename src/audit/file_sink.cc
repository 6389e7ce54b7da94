#include "audit/file_sink.h"

#include <algorithm>
#include <utility>

#include "audit/event_json.h"
#include "audit/log_files.h"
#include "base/log.h"
#include "base/metrics_registry.h"
#include "base/thread_name.h"

namespace larder::audit {
namespace {

using std::chrono::days;
using std::chrono::floor;

// Room that is left free for the lines of changes that were admitted before it ran short. On a
// small disk a quarter of what there is.
constexpr std::uint64_t headroom_max = 1 << 20;
constexpr std::uint64_t headroom_min = 16 * 1024;
constexpr std::size_t pending_max = 1 << 20;

/// So that the files together stay within keep_bytes, there are at least two of them.
FileSinkOptions sensible(FileSinkOptions options) {
  if (options.keep_bytes > 0)
    options.rotate_bytes = std::min(options.rotate_bytes, options.keep_bytes / 2);
  return options;
}

}  // namespace

FileSink::FileSink(std::string directory, storage::FileSystem& files, const Clock& clock,
                   Options options)
    : directory_(std::move(directory)),
      files_(files),
      clock_(clock),
      options_(sensible(std::move(options))),
      headroom_(headroom_max) {}

Result<std::unique_ptr<FileSink>> FileSink::open(std::string directory, storage::FileSystem& files,
                                                 const Clock& clock, Options options) {
  TRY(const bool made, files.create_directory(directory));
  if (made) {
    TRY_VOID(files.sync_directory(storage::parent_directory(directory)));
  } else if (const auto info = files.info(directory);
             info && *info && ((*info)->mode & 0077) != 0) {
    log::warning("audit: {} is open to others than its owner (mode {:04o}); chmod 700 closes it",
                 directory, (*info)->mode);
  }
  std::unique_ptr<FileSink> sink(
      new FileSink(std::move(directory), files, clock, std::move(options)));
  TRY_VOID(sink->start());
  (void)sink->maintain();  // what failed is marked, and tried again by the thread
  if (sink->options_.sync_every.count() > 0)
    sink->thread_ = std::jthread([self = sink.get()] { self->run(); });
  return sink;
}

FileSink::~FileSink() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  if (auto last = maintain(); !last)
    log::error("audit: closed while failing, the last lines may be lost: {}", last.error().message);
}

Result<void> FileSink::start() {
  const auto now = clock_.now();
  if (const auto space = files_.free_space(directory_))
    headroom_ = std::clamp(*space / 4, headroom_min, headroom_max);
  TRY(const auto names, log_file_names(files_, directory_));
  if (!names.empty()) continue_file(names.back(), now);
  if (!current_.file)
    if (auto begun = begin_file(now); !begun) mark_failed(begun.error(), false);
  dirty_ = true;
  files_changed_ = true;
  return {};
}

void FileSink::continue_file(const std::string& name, Time now) {
  const auto path = path_of(name);
  auto file = reopen_log_file(files_, path, now);
  if (!file) {
    log::warning("audit: {} is left as it is: {}", path, file.error().message);
    return;
  }
  const auto info = files_.info(path);
  const bool ours_alone = info && *info && (*info)->mode == 0600;
  const auto day = floor<days>(*begun_at(name));
  const auto size = (*file)->size();
  auto syncer = files_.open_to_append(path);
  if (!ours_alone || day != floor<days>(now) || size >= options_.rotate_bytes || !syncer) {
    left_.emplace_back(*std::move(file));
    return;
  }
  current_.name = name;
  current_.file = *std::move(file);
  current_.syncer = *std::move(syncer);
  current_.size = size;
  current_.day = day;
}

Result<void> FileSink::begin_file(Time now) {
  CurrentFile next;
  next.day = floor<days>(now);
  const auto begun = floor<std::chrono::seconds>(now);
  unsigned sequence = begun == last_begun_ ? last_sequence_ : 0;
  for (;;) {
    next.name = log_file_name(now, ++sequence);
    TRY(const auto info, files_.info(path_of(next.name)));
    if (!info) break;
  }
  const auto path = path_of(next.name);
  TRY(next.file, files_.create(path, 0600));
  auto syncer = files_.open_to_append(path);
  if (!syncer) {
    (void)files_.remove_file(path);
    return fail(std::move(syncer).error());
  }
  next.syncer = *std::move(syncer);
  leave_file();
  current_ = std::move(next);
  last_begun_ = begun;
  last_sequence_ = sequence;
  abandon_ = false;
  dirty_ = true;
  files_changed_ = true;
  return {};
}

/// As well as it goes: the file may be the one that fails.
void FileSink::leave_file() {
  if (!current_.file) return;
  if (current_.size == 0) {
    (void)files_.remove_file(path_of(current_.name));
    return;
  }
  if (current_.file->size() > current_.size) (void)current_.file->truncate(current_.size);
  left_.push_back(std::move(current_.syncer));
}

/// A clock that is set back to yesterday does not end the file.
bool FileSink::takes(std::size_t bytes, Time now) const {
  const bool full = current_.size > 0 && current_.size + bytes > options_.rotate_bytes;
  return !full && floor<days>(now) <= current_.day;
}

Result<void> FileSink::write(const std::string& line, Time now) {
  if (!takes(line.size(), now)) TRY_VOID(begin_file(now));
  TRY_VOID(current_.file->append(line));
  bytes_.add(line.size());
  current_.size += line.size();
  dirty_ = true;
  unchecked_ += line.size();
  if (unchecked_ >= headroom_ / 8) check_room();
  return {};
}

Result<void> FileSink::append(const aws::AuditEvent& event) {
  if (is_switched_off(event)) return {};
  auto line = event_json(event);
  line += '\n';
  bool wake = false;
  bool written = false;
  {
    const std::lock_guard lock(mutex_);
    wake = !needs_care();
    if (!failed_) {
      auto result = write(line, clock_.now());
      if (!result) mark_failed(result.error(), false);
      written = result.has_value();
    }
    if (!written) keep(line);
    wake = wake && needs_care();
  }
  (written ? lines_ : line_failures_).add();
  if (wake) wake_.notify_one();
  if (!written) return fail(codes::service_unavailable, "The audit log cannot be written.");
  return {};
}

Result<void> FileSink::recover(Time now) {
  const bool usable = current_.file && !abandon_ && takes(pending_.size(), now) &&
                      current_.file->truncate(current_.size).has_value();
  if (!usable) TRY_VOID(begin_file(now));
  if (!pending_.empty()) TRY_VOID(current_.file->append(pending_));
  if (auto synced = current_.syncer->sync(); !synced) {
    sync_failures_.add();
    abandon_ = true;
    return synced;
  }
  current_.size += pending_.size();
  lines_.add(std::exchange(pending_lines_, 0));
  bytes_.add(pending_.size());
  pending_ = std::string();
  failed_ = false;
  dirty_ = true;
  update_ready();
  log::warning("audit: it can be written again; {} lines were lost", std::exchange(lost_, 0));
  return {};
}

Result<void> FileSink::maintain() {
  const std::lock_guard maintenance(maintenance_mutex_);
  const auto now = clock_.now();
  std::vector<std::shared_ptr<storage::WritableFile>> to_sync;
  bool files_changed = false;
  std::string current;
  {
    const std::lock_guard lock(mutex_);
    if (failed_) TRY_VOID(recover(now));
    if (std::exchange(dirty_, false)) {
      to_sync = std::exchange(left_, {});
      to_sync.push_back(current_.syncer);
      files_changed = std::exchange(files_changed_, false);
    }
    current = current_.name;
  }
  Result<void> result;
  for (const auto& file : to_sync)
    if (auto synced = file->sync(); !synced) result = std::move(synced);
  if (files_changed) {
    if (auto synced = files_.sync_directory(directory_); !synced) result = std::move(synced);
    const Retention retention{.keep_days = options_.keep_days,
                              .keep_bytes = options_.keep_bytes,
                              .rotate_bytes = options_.rotate_bytes};
    remove_old_files(files_, directory_, current, now, retention);
  }
  if (!result) sync_failures_.add();
  const std::lock_guard lock(mutex_);
  if (!result) mark_failed(result.error(), true);
  check_room();
  return result;
}

void FileSink::keep(const std::string& line) {
  if (pending_.size() + line.size() <= pending_max) {
    pending_ += line;
    ++pending_lines_;
  } else {
    ++lost_;
    lines_lost_.add();
  }
}

void FileSink::mark_failed(const Error& error, bool abandon) {
  if (!failed_) log::error("audit: changes are refused until it can be written: {}", error.message);
  failed_ = true;
  abandon_ = abandon_ || abandon;
  update_ready();
}

void FileSink::check_room() {
  unchecked_ = 0;
  const auto space = files_.free_space(directory_);
  if (!space) return;  // the next write will tell
  const bool low = *space < headroom_;
  if (low && !low_)
    log::error("audit: changes are refused until there is room again: {} has {} bytes free",
               directory_, *space);
  if (!low && low_) log::warning("audit: there is room again");
  low_ = low;
  update_ready();
}

bool FileSink::is_switched_off(const aws::AuditEvent& event) const {
  const auto& off = event.read_only ? options_.object_reads_off : options_.object_writes_off;
  return event.object_data && off.contains(event.bucket);
}

std::string FileSink::path_of(std::string_view name) const {
  return directory_ + "/" + std::string(name);
}

void FileSink::register_metrics(metrics::Registry& registry) const {
  registry.gauge("larder_audit_ready", "1, or 0 while changes are refused for want of the audit.",
                 {}, [this] { return ready() ? 1 : 0; });
  registry.counter("larder_audit_lines_total", "Lines that were written.", {}, lines_);
  registry.counter("larder_audit_written_bytes_total", "Their bytes.", {}, bytes_);
  registry.counter("larder_audit_line_failures_total",
                   "Lines that could not be written at once; most are kept and written later.", {},
                   line_failures_);
  registry.counter("larder_audit_lines_lost_total", "Lines that could not be kept either.", {},
                   lines_lost_);
  registry.counter("larder_audit_sync_failures_total", "Syncs that failed.", {}, sync_failures_);
}

void FileSink::run() {
  name_this_thread("audit");
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || needs_care(); });
    wake_.wait_for(lock, options_.sync_every, [this] { return stopping_; });
    if (stopping_) return;  // the destructor does the rest
    lock.unlock();
    (void)maintain();
    lock.lock();
  }
}

}  // namespace larder::audit
