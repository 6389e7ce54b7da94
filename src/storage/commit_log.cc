#include "storage/commit_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include "base/check.h"

namespace larder::storage {
namespace {

using log_format::block;

constexpr std::size_t spares_max = 2;
constexpr std::size_t kept_buffer_bytes = 1u << 20;

}  // namespace

void CommitLog::Free::operator()(char* memory) const { std::free(memory); }

char* CommitLog::buffer(std::size_t size) {
  if (size > buffer_size_) {
    buffer_size_ = std::max(size, kept_buffer_bytes);
    buffer_.reset(static_cast<char*>(std::aligned_alloc(block, buffer_size_)));
    if (!buffer_) throw std::bad_alloc();
  }
  return buffer_.get();
}

Result<void> CommitLog::append(std::string_view payload) {
  return write(log_format::Type::commit, payload);
}

Result<std::uint64_t> CommitLog::number_of_next(std::size_t size) {
  TRY_VOID(make_room(log_format::record_size(size)));
  return next_;
}

Result<void> CommitLog::seal() { return write(log_format::Type::marker, {}); }

Result<void> CommitLog::write(log_format::Type type, std::string_view payload) {
  TRY_VOID(make_room(log_format::record_size(payload.size())));
  return put_record(used_.back(), type, payload);
}

// A link fits behind it.
Result<void> CommitLog::make_room(std::size_t record_size) {
  const std::size_t link = log_format::record_size(log_format::link_size);
  if (used_.empty() || at_ + record_size + link > used_.back().size)
    return begin_segment(record_size);
  return {};
}

Result<void> CommitLog::put_record(Segment& segment, log_format::Type type,
                                   std::string_view payload) {
  const std::size_t size = log_format::record_size(payload.size());
  CHECK(at_ + size <= segment.size);
  char* bytes = buffer(size);
  log_format::put_record(bytes, id_, type, next_, segment.number, payload);
  TRY_VOID(segment.file->write_at(at_, {bytes, size}));
  TRY_VOID(segment.file->sync());
  if (buffer_size_ > kept_buffer_bytes) {
    buffer_.reset();
    buffer_size_ = 0;
  }
  at_ += size;
  ++next_;
  return {};
}

// The new segment is there before the old one says so: a link leads to a segment, or is damaged.
Result<void> CommitLog::begin_segment(std::size_t record_size) {
  const bool linked = !used_.empty();
  auto segment = take_segment(std::max<std::uint64_t>(segment_bytes_, record_size + 2 * block));
  segment.number = ++last_number_;
  segment.first = linked ? next_ + 1 : next_;
  TRY_VOID(put_header(segment));
  const std::string number = log_format::link_to(segment.number);
  if (linked) TRY_VOID(put_record(used_.back(), log_format::Type::link, number));
  used_.push_back(std::move(segment));
  at_ = block;
  return {};
}

Result<void> CommitLog::put_header(Segment& segment) {
  TRY(segment.file, files_.open_blocks(segment.path, segment.size));
  TRY_VOID(files_.sync_directory(directory_));
  char* bytes = buffer(block);
  log_format::put_segment_header(bytes,
                                 {.id = id_, .number = segment.number, .first = segment.first});
  TRY_VOID(segment.file->write_at(0, {bytes, block}));
  return segment.file->sync();
}

CommitLog::Segment CommitLog::take_segment(std::uint64_t size) {
  const auto large_enough = [size](const Segment& spare) { return spare.size >= size; };
  const auto found = std::ranges::find_if(spare_, large_enough);
  Segment segment;
  if (found == spare_.end()) {
    segment.path = fmt::format("{}/{:04}.log", directory_, files_made_++);
    segment.size = (size + block - 1) / block * block;
    return segment;
  }
  segment = std::move(*found);
  spare_.erase(found);
  return segment;
}

void CommitLog::release(std::uint64_t applied) {
  while (used_.size() > 1 && used_[1].first <= applied + 1) {
    used_.front().file.reset();
    spare_.push_back(std::move(used_.front()));
    used_.erase(used_.begin());
  }
  while (spare_.size() > spares_max) {
    // One that stays is found, and is spare again, when the log is opened next.
    [[maybe_unused]] const auto removed = files_.remove_file(spare_.front().path);
    spare_.erase(spare_.begin());
  }
}

std::uint64_t CommitLog::bytes_in_use() const {
  std::uint64_t bytes = 0;
  for (const Segment& segment : used_) bytes += segment.size;
  return bytes;
}

}  // namespace larder::storage
