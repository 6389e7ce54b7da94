// How a commit log is opened: its segments are put in order, what the database lacks is read.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "base/log.h"
#include "storage/commit_log.h"
#include "storage/errors.h"

namespace larder::storage {
namespace {

using log_format::block;

std::unexpected<Error> damaged(std::string_view path, std::string_view what) {
  return fail(codes::corrupt,
              fmt::format("the commit log {} is damaged: {}. Commits that were acknowledged are "
                          "behind the damage; restore the data directory from a backup.",
                          path, what));
}

Result<std::string> read_whole(FileSystem& files, const std::string& path, std::size_t limit) {
  TRY(const auto file, files.open(path));
  TRY(const auto size, file->size());
  std::string bytes(std::min<std::uint64_t>(size, limit), '\0');
  TRY(const auto count, file->read_at(0, bytes));
  bytes.resize(count);
  return bytes;
}

}  // namespace

class CommitLog::Opening {
 public:
  Opening(CommitLog& log, std::optional<std::uint64_t> applied, const Replay& replay)
      : log_(log), applied_is_known_(applied), applied_(applied.value_or(0)), replay_(replay) {}

  Result<void> run() {
    TRY_VOID(log_.files_.create_directory(log_.directory_));
    TRY_VOID(log_.files_.sync_directory(parent_directory(log_.directory_)));
    TRY_VOID(find_segments());
    TRY_VOID(choose_segments());
    if (log_.files_made_ == 0) {
      TRY_VOID(make_first());
    } else {
      TRY_VOID(read_segments());
      TRY_VOID(settle());
    }
    return log_.write(log_format::Type::marker, {});
  }

  Result<void> read() {
    TRY(const auto info, log_.files_.info(log_.directory_));
    if (!info && is_new()) return {};
    TRY_VOID(find_segments());
    TRY_VOID(choose_segments());
    return log_.used_.empty() ? Result<void>() : read_segments();
  }

 private:
  /// Where a record stands.
  struct Place {
    std::size_t segment;
    std::uint64_t at;
    std::uint64_t size;
  };

  bool is_new() const { return applied_is_known_ && applied_ == 0; }

  /// All files with a header, by number; the others are spare.
  Result<void> find_segments() {
    TRY(auto names, log_.files_.children(log_.directory_));
    for (const std::string& name : names) {
      std::uint64_t index = 0;
      const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
      if (error != std::errc() || std::string_view(end) != ".log") continue;
      log_.files_made_ = std::max(log_.files_made_, index + 1);
      Segment segment;
      segment.path = log_.directory_ + "/" + name;
      TRY(const auto info, log_.files_.info(segment.path));
      segment.size = info ? info->size : 0;
      TRY(const auto bytes, read_whole(log_.files_, segment.path, block));
      const auto header = log_format::parse_segment_header(bytes);
      if (!header) {
        if (bytes.find_first_not_of('\0') != bytes.npos) damaged_header_ = segment.path;
        log_.spare_.push_back(std::move(segment));
        continue;
      }
      if (!log_.used_.empty() && header->id != log_.id_)
        return damaged(segment.path, "it belongs to another log");
      log_.id_ = header->id;
      segment.number = header->number;
      segment.first = header->first;
      log_.used_.push_back(std::move(segment));
    }
    std::ranges::sort(log_.used_, {}, &Segment::number);
    return {};
  }

  /// What the database has in its tables is spare; what it lacks must be there without a gap.
  Result<void> choose_segments() {
    auto& used = log_.used_;
    if (log_.files_made_ == 0 && is_new()) return {};
    if (!applied_is_known_) TRY_VOID(choose_all());
    const auto is_later = [&](const Segment& segment) { return segment.first > applied_ + 1; };
    auto begin = std::ranges::find_if(used, is_later);
    if (begin == used.begin())
      return damaged(log_.directory_,
                     fmt::format("the segment with record {} is missing", applied_ + 1));
    --begin;
    log_.last_number_ = used.back().number;
    std::move(used.begin(), begin, std::back_inserter(log_.spare_));
    used.erase(used.begin(), begin);
    return {};
  }

  /// What the database has is not known, but it has all that is not in the log any more: the
  /// segments that are left follow one another up to the last (the oldest is used again first).
  Result<void> choose_all() {
    if (damaged_header_) return damaged(*damaged_header_, "its header cannot be read");
    if (log_.used_.empty()) return damaged(log_.directory_, "there is no segment");
    applied_ = log_.used_.front().first - 1;
    return {};
  }

  /// It gets its name when it is whole: a log whose files all have damaged headers is no new one.
  Result<void> make_first() {
    Segment segment = log_.take_segment(log_.segment_bytes_);
    const std::string path = std::exchange(segment.path, log_.directory_ + "/first.new");
    segment.number = log_.last_number_ = 1;
    segment.first = log_.next_;
    TRY_VOID(log_.put_header(segment));
    TRY_VOID(log_.files_.rename(segment.path, path));
    TRY_VOID(log_.files_.sync_directory(log_.directory_));
    segment.path = path;
    log_.used_.push_back(std::move(segment));
    log_.at_ = block;
    return {};
  }

  /// Leaves where the next record goes.
  Result<void> read_segments() {
    log_.next_ = log_.used_.front().first;
    for (std::size_t i = 0;; ++i) {
      TRY(const auto linked, read_segment(i));
      const auto next = std::ranges::find(log_.used_, linked.value_or(0), &Segment::number);
      if (linked && next == log_.used_.end())
        return damaged(log_.used_[i].path, fmt::format("segment {} is missing", *linked));
      drop_unlinked(i + 1, linked ? next : log_.used_.end());
      if (!linked) return {};
    }
  }

  /// The number of the segment that it leads to, if it ends with a link.
  Result<std::optional<std::uint64_t>> read_segment(std::size_t index) {
    const Segment& segment = log_.used_[index];
    TRY(const auto bytes, read_whole(log_.files_, segment.path, segment.size));
    std::uint64_t at = block;
    for (;;) {
      const std::string_view rest = std::string_view(bytes).substr(std::min(at, bytes.size()));
      const auto header = header_at(rest, segment);
      const bool is_next = header && header->sequence == log_.next_;
      const auto payload = is_next ? log_format::payload_of(*header, rest) : std::nullopt;
      if (!payload) {
        TRY(const auto behind, find_behind(index, bytes, at));
        log_.at_ = at;
        if (!behind) return std::nullopt;
        at = *behind;
        continue;
      }
      if (header->type == log_format::Type::commit && header->sequence > applied_)
        TRY_VOID(replay_(*payload));
      last_ = Place{index, at, log_format::record_size(payload->size())};
      at += last_->size;
      ++log_.next_;
      if (header->type == log_format::Type::link) return log_format::linked_segment(*payload);
    }
  }

  std::optional<log_format::RecordHeader> header_at(std::string_view bytes,
                                                    const Segment& segment) const {
    auto header = log_format::parse_record_header(bytes, log_.id_);
    if (header && header->segment != segment.number) return std::nullopt;
    return header;
  }

  /// The place of the next record behind an unreadable one that the database has; nullopt when
  /// there is nothing behind it, so that it is the torn end or none at all.
  Result<std::optional<std::uint64_t>> find_behind(std::size_t index, std::string_view bytes,
                                                   std::uint64_t at) {
    const Segment& segment = log_.used_[index];
    for (std::uint64_t place = at + block; place < bytes.size(); place += block) {
      const auto header = header_at(bytes.substr(place), segment);
      if (!header || header->sequence <= log_.next_) continue;
      if (header->sequence > applied_ + 1)
        return damaged(segment.path,
                       fmt::format("record {} at byte {} cannot be read", log_.next_, at));
      log_.next_ = header->sequence;
      return place;
    }
    // A later segment with a record of its own was linked to from here.
    for (std::size_t later = index + 1; later < log_.used_.size(); ++later) {
      const Segment& next = log_.used_[later];
      TRY(const auto head, read_whole(log_.files_, next.path, 2 * block));
      if (head.size() > block && header_at(std::string_view(head).substr(block), next))
        return damaged(segment.path,
                       fmt::format("record {} at byte {} cannot be read", log_.next_, at));
    }
    return std::nullopt;
  }

  /// Segments that were made, and not linked to when the machine died.
  void drop_unlinked(std::size_t first, std::vector<Segment>::iterator end) {
    const auto begin = log_.used_.begin() + static_cast<std::ptrdiff_t>(first);
    std::move(begin, end, std::back_inserter(log_.spare_));
    log_.used_.erase(begin, end);
  }

  /// The last record may be in the page cache and not on the disk, when its write failed.
  Result<void> settle() {
    if (log_.next_ <= applied_) {  // unreadable records, all of them in the tables
      log::warning(
          "the commit log {} ends before record {}, which the tables have; it goes on "
          "behind that",
          log_.directory_, applied_);
      log_.next_ = applied_ + 1;
      std::ranges::move(log_.used_, std::back_inserter(log_.spare_));
      log_.used_.clear();
      return {};
    }
    for (Segment& segment : log_.used_) {
      TRY(segment.file, log_.files_.open_blocks(segment.path, segment.size));
    }
    if (!last_) return {};
    Segment& segment = log_.used_[last_->segment];
    TRY(const auto file, log_.files_.open(segment.path));
    const std::span<char> record(log_.buffer(last_->size), last_->size);
    TRY_VOID(file->read_at(last_->at, record));
    TRY_VOID(segment.file->write_at(last_->at, record));
    return segment.file->sync();
  }

  CommitLog& log_;
  const bool applied_is_known_;
  std::uint64_t applied_;
  const Replay& replay_;
  std::optional<std::string> damaged_header_{};
  std::optional<Place> last_{};
};

Result<std::unique_ptr<CommitLog>> CommitLog::open(FileSystem& files, std::string directory,
                                                   const CommitLogOptions& options,
                                                   std::optional<std::uint64_t> applied,
                                                   const Replay& replay) {
  std::unique_ptr<CommitLog> log(new CommitLog(files, std::move(directory), options));
  TRY_VOID(Opening(*log, applied, replay).run());
  return log;
}

Result<void> CommitLog::read(FileSystem& files, std::string directory,
                             std::optional<std::uint64_t> applied, const Replay& replay) {
  CommitLog log(files, std::move(directory), {.segment_bytes = 0, .new_id = {}});
  return Opening(log, applied, replay).read();
}

}  // namespace larder::storage
