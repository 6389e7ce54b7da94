#include "storage/blob_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "storage/blob_format.h"
#include "storage/errors.h"

namespace larder::storage {
namespace {

using blob_format::block_header_size;
using blob_format::block_payload;
using blob_format::file_header_size;
using blob_format::footer_size;

constexpr std::uint32_t blocks_at_once = 2;  // 512 KiB of memory for a reader

Result<std::string> read_exactly(const ReadableFile& file, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  TRY(const auto count, file.read_at(offset, bytes));
  bytes.resize(count);  // what is missing fails its check
  return bytes;
}

class FileSource final : public ByteSource {
 public:
  FileSource(std::unique_ptr<ReadableFile> file, BlockingPool& pool, BlobId id,
             std::uint64_t blob_length, ByteRange range)
      : file_(std::move(file)),
        pool_(pool),
        id_(id),
        blob_length_(blob_length),
        at_(std::min(range.offset, blob_length)),
        end_(at_ + std::min(range.length, blob_length - at_)),
        length_(end_ - at_) {}

  /// Blocks: the next blocks of the range, verified, into buffer_.
  Result<void> load() {
    if (at_ == end_) return {};
    const auto first = static_cast<std::uint32_t>(at_ / block_payload);
    const auto last = std::min<std::uint32_t>(
        static_cast<std::uint32_t>((end_ - 1) / block_payload), first + blocks_at_once - 1);
    const auto from = blob_format::block_offset(first);
    const auto to = blob_format::block_offset(last) + block_header_size +
                    blob_format::block_length(blob_length_, last);
    TRY(buffer_, read_exactly(*file_, from, to - from));
    for (auto index = first; index <= last; ++index) {
      const auto begin =
          std::min<std::size_t>(blob_format::block_offset(index) - from, buffer_.size());
      const auto size = block_header_size + blob_format::block_length(blob_length_, index);
      TRY_VOID(blob_format::check_block(std::string_view(buffer_).substr(begin, size), id_, index));
    }
    buffered_from_ = std::uint64_t{first} * block_payload;
    buffered_to_ = std::min(end_, (std::uint64_t{last} + 1) * block_payload);
    return {};
  }

  Task<Result<std::size_t>> read(std::span<char> into) override {
    CHECK(!into.empty());
    if (failure_) co_return fail(*failure_);
    if (at_ == end_) co_return 0;
    if (at_ < buffered_from_ || at_ >= buffered_to_) {
      auto call = [this] { return load(); };
      const auto loaded = co_await pool_.run(call);
      if (!loaded) {
        failure_ = loaded.error();
        co_return fail(*failure_);
      }
    }
    const auto within = at_ - buffered_from_;
    const auto in_block = within % block_payload;
    const auto place = (within / block_payload) * (block_header_size + block_payload) +
                       block_header_size + in_block;
    const std::size_t count =
        std::min<std::uint64_t>({into.size(), block_payload - in_block, buffered_to_ - at_});
    std::memcpy(into.data(), buffer_.data() + place, count);
    at_ += count;
    co_return count;
  }

  std::optional<std::uint64_t> length() const override { return length_; }

 private:
  const std::unique_ptr<ReadableFile> file_;
  BlockingPool& pool_;
  const BlobId id_;
  const std::uint64_t blob_length_;
  std::uint64_t at_;  // in the blob
  const std::uint64_t end_;
  const std::uint64_t length_;
  std::string buffer_;  // blocks with their headers; payload of [buffered_from_, buffered_to_)
  std::uint64_t buffered_from_ = 0;
  std::uint64_t buffered_to_ = 0;
  std::optional<Error> failure_;
};

}  // namespace

Result<std::optional<std::unique_ptr<ByteSource>>> open_blob_reader(FileSystem& files,
                                                                    BlockingPool& pool,
                                                                    const std::string& path,
                                                                    const BlobId& id,
                                                                    ByteRange range) {
  auto file = files.open(path);
  if (!file && file.error().code == codes::no_such_file) return std::nullopt;
  if (!file) return fail(std::move(file).error());
  TRY(const auto size, (*file)->size());
  TRY(const auto header, read_exactly(**file, 0, file_header_size));
  TRY_VOID(blob_format::check_file_header(header, id));
  const auto end = size < footer_size ? 0 : size - footer_size;
  TRY(const auto footer, read_exactly(**file, end, footer_size));
  TRY(const auto summary, blob_format::parse_footer(footer, id, size));
  auto source = std::make_unique<FileSource>(*std::move(file), pool, id, summary.length, range);
  TRY_VOID(source->load());
  return source;
}

}  // namespace larder::storage
