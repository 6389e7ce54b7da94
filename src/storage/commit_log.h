// The log of commits: what was appended survives a power cut, and is handed back when the log is
// opened again. The database above it writes its tables later, in its own time. Bytes:
// docs/formats/storage.md.
//
// (1) Records are numbered without a gap. Each is one write at a block's boundary, and the next
// begins only when it is durable: a power cut can tear the last one and no other. (2) Opening ends
// with a marker, and so does seal(): damage to a record that has one behind it is told from a torn
// write. (3) What looks like a record is one of this log: it carries the log's id, 128 random bits
// that nobody who writes data knows.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/file_system.h"
#include "storage/log_format.h"

namespace larder::storage {

struct CommitLogOptions {
  std::uint64_t segment_bytes;
  log_format::LogId new_id;  // random, for a log that is not there yet
};

/// One thread at a time.
class CommitLog {
 public:
  /// Gets each record that the database may lack, in order.
  using Replay = std::function<Result<void>(std::string_view payload)>;

  /// Opens or makes the log in `directory` (its parent exists). The database has everything up to
  /// record `applied`; the rest goes to `replay`, whose error ends it. A last record that was torn,
  /// and so never acknowledged, is dropped. DataCorrupted, with the file and the place, when
  /// anything else that the database lacks cannot be read.
  ///
  /// `applied` is nullopt when the database cannot tell. Then all that the log still has goes to
  /// `replay`, from before what the database lacks: it must be able to take the same again. None of
  /// it may be damaged or missing.
  static Result<std::unique_ptr<CommitLog>> open(FileSystem& files, std::string directory,
                                                 const CommitLogOptions& options,
                                                 std::optional<std::uint64_t> applied,
                                                 const Replay& replay);

  /// Hands out the same and changes nothing on the disk. A log that is not there has no records.
  static Result<void> read(FileSystem& files, std::string directory,
                           std::optional<std::uint64_t> applied, const Replay& replay);

  /// The number of the next append() whose payload has at most `size` bytes. Room is made for it
  /// first: what leads to a new segment takes a number itself. Errors are as append()'s.
  Result<std::uint64_t> number_of_next(std::size_t size);

  /// The number of the last record.
  std::uint64_t last() const { return next_ - 1; }

  /// Durable when it returns. After an error the record may be there or not, and nothing may be
  /// called any more: open the log again.
  Result<void> append(std::string_view payload);

  /// The database has the records up to `applied` in its tables: their segments may be used again.
  void release(std::uint64_t applied);

  /// Bytes of segments that hold records which are not released.
  std::uint64_t bytes_in_use() const;

  /// The last call of a clean end.
  Result<void> seal();

 private:
  class Opening;
  struct Segment {
    std::string path;
    std::uint64_t size = 0;
    std::uint64_t number = 0;  // 0: holds nothing
    std::uint64_t first = 0;   // sequence number of its first record
    std::unique_ptr<BlockFile> file{};
  };
  struct Free {
    void operator()(char* block) const;
  };

  CommitLog(FileSystem& files, std::string directory, const CommitLogOptions& options)
      : files_(files),
        directory_(std::move(directory)),
        segment_bytes_(options.segment_bytes),
        id_(options.new_id) {}

  Result<void> make_room(std::size_t record_size);
  Result<void> begin_segment(std::size_t record_size);
  Segment take_segment(std::uint64_t size);
  Result<void> put_header(Segment& segment);
  Result<void> write(log_format::Type type, std::string_view payload);
  Result<void> put_record(Segment& segment, log_format::Type type, std::string_view payload);
  /// Room for so many bytes, aligned as BlockFile wants it.
  char* buffer(std::size_t size);

  FileSystem& files_;
  const std::string directory_;
  const std::uint64_t segment_bytes_;
  log_format::LogId id_;
  std::vector<Segment> used_;   // by number; the last is written to
  std::vector<Segment> spare_;  // hold nothing that is needed; the oldest first
  std::uint64_t last_number_ = 0;
  std::uint64_t files_made_ = 0;  // for the next one's name
  std::uint64_t at_ = 0;          // in the last segment
  std::uint64_t next_ = 1;
  std::unique_ptr<char, Free> buffer_;
  std::size_t buffer_size_ = 0;
};

}  // namespace larder::storage
