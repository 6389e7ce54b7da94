#include "s3/content.h"

#include <algorithm>
#include <cstring>

#include "base/log.h"
#include "codec/digest.h"
#include "s3/errors.h"
#include "storage/errors.h"

namespace larder::s3 {
namespace {

constexpr std::size_t buffer_bytes = 256 * 1024;

class StringSource final : public ByteSource {
 public:
  explicit StringSource(std::string bytes) : bytes_(std::move(bytes)) {}
  Task<Result<std::size_t>> read(std::span<char> into) override {
    const std::size_t count = std::min(into.size(), bytes_.size() - at_);
    std::memcpy(into.data(), bytes_.data() + at_, count);
    at_ += count;
    co_return count;
  }
  std::optional<std::uint64_t> length() const override { return bytes_.size(); }

 private:
  const std::string bytes_;
  std::size_t at_ = 0;
};

/// Blobs one after the other, each opened when its turn comes.
class PiecesSource final : public ByteSource {
 public:
  struct Slice {
    storage::BlobId blob;
    storage::ByteRange range;
  };
  PiecesSource(storage::Blobs& blobs, std::vector<Slice> slices, std::uint64_t length,
               std::unique_ptr<ByteSource> first, InUse::Hold hold)
      : blobs_(blobs),
        slices_(std::move(slices)),
        length_(length),
        open_(std::move(first)),
        hold_(std::move(hold)) {}

  Task<Result<std::size_t>> read(std::span<char> into) override {
    for (;;) {
      if (open_) {
        CO_TRY(const auto count, co_await open_->read(into));
        if (count != 0) co_return count;
        open_.reset();
        ++at_;
      }
      if (at_ >= slices_.size()) co_return 0;
      const auto& slice = slices_[at_];
      CO_TRY(auto next, co_await blobs_.read(slice.blob, slice.range));
      if (!next)
        co_return fail(larder::codes::corrupt,
                       "A part of the object is missing: " + slice.blob.str());
      open_ = *std::move(next);
    }
  }
  std::optional<std::uint64_t> length() const override { return length_; }

 private:
  storage::Blobs& blobs_;
  const std::vector<Slice> slices_;
  const std::uint64_t length_;
  std::size_t at_ = 0;
  std::unique_ptr<ByteSource> open_;
  const InUse::Hold hold_;
};

/// The slices of `pieces` that make up `range`, empty ones left out.
std::vector<PiecesSource::Slice> cut(const std::vector<Piece>& pieces, storage::ByteRange range) {
  std::vector<PiecesSource::Slice> slices;
  std::uint64_t begin = 0;
  for (const auto& piece : pieces) {
    const std::uint64_t end = begin + piece.length;
    const std::uint64_t from = std::max(begin, range.offset);
    const std::uint64_t to = std::min(end, range.offset + range.length);
    if (from < to) slices.push_back({piece.blob, {from - begin, to - from}});
    begin = end;
  }
  return slices;
}

/// What a body is measured by while it comes in.
class Meter {
 public:
  explicit Meter(std::optional<ChecksumAlgorithm> algorithm)
      : checksum_(algorithm ? make_checksum(*algorithm) : nullptr) {}
  void update(std::string_view bytes) {
    size_ += bytes.size();
    md5_.update(bytes);
    if (checksum_) checksum_->update(bytes);
  }
  std::uint64_t size() const { return size_; }
  void finish(Stored& stored) {
    stored.content.size = size_;
    stored.md5 = md5_.finish();
    if (checksum_) stored.checksum = checksum_->finish();
  }

 private:
  std::uint64_t size_ = 0;
  Digest md5_{Hash::md5};
  std::unique_ptr<Checksum> checksum_;
};

/// Fills as much of the buffer as there is to come.
Task<Result<std::size_t>> fill(ByteSource& source, std::span<char> buffer) {
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    CO_TRY(const auto count, co_await source.read(buffer.subspan(filled)));
    if (count == 0) break;
    filled += count;
  }
  co_return filled;
}

}  // namespace

Task<Result<Stored>> ContentStore::store(ByteSource& source, Inline small,
                                         std::optional<ChecksumAlgorithm> algorithm,
                                         std::uint64_t at_most) {
  Stored stored;
  Meter meter(algorithm);
  std::string memory(inline_bytes_max + 1, '\0');
  std::size_t filled = 0;
  if (small == Inline::allowed) {
    CO_TRY(filled, co_await fill(source, memory));
    meter.update(std::string_view(memory).substr(0, filled));
    if (filled <= inline_bytes_max) {
      stored.content.inline_bytes.assign(memory, 0, filled);
      meter.finish(stored);
      co_return stored;
    }
  }
  const auto id = storage::BlobId::make(random_);
  stored.hold = InUse::Hold(written_, {id});
  CO_TRY(auto writer, co_await blobs_.create(id));
  while (true) {
    if (meter.size() > at_most) co_return errors::entity_too_large(meter.size(), at_most);
    const std::span<const char> chunk(memory.data(), filled);
    if (filled > 0) CO_TRY_VOID(co_await writer->write(chunk));
    memory.resize(buffer_bytes);
    CO_TRY(filled, co_await source.read(memory));
    if (filled == 0) break;
    meter.update(std::string_view(memory).substr(0, filled));
  }
  auto sealed = co_await writer->seal();
  if (!sealed) {
    [[maybe_unused]] auto removed = co_await blobs_.remove(id);
    co_return fail(std::move(sealed).error());
  }
  stored.content.pieces.push_back({id, meter.size()});
  meter.finish(stored);
  co_return stored;
}

Task<void> ContentStore::discard(const Content& content) {
  for (const auto& piece : content.pieces) {
    const auto removed = co_await blobs_.remove(piece.blob);
    if (!removed) log::info("an unused blob stays for the sweep: {}", removed.error().message);
  }
}

Task<Result<std::optional<std::unique_ptr<ByteSource>>>> ContentStore::open(
    const Content& content, storage::ByteRange range, InUse::Hold hold) {
  range.length = std::min(range.length, content.size - range.offset);
  if (content.pieces.empty())
    co_return std::make_unique<StringSource>(
        content.inline_bytes.substr(range.offset, range.length));
  auto slices = cut(content.pieces, range);
  if (slices.empty()) co_return std::make_unique<StringSource>("");
  CO_TRY(auto first, co_await blobs_.read(slices[0].blob, slices[0].range));
  if (!first) co_return std::nullopt;
  co_return std::make_unique<PiecesSource>(blobs_, std::move(slices), range.length,
                                           *std::move(first), std::move(hold));
}

InUse::Hold ContentStore::hold(const Content& content) {
  std::vector<storage::BlobId> blobs;
  for (const auto& piece : content.pieces) blobs.push_back(piece.blob);
  return {read_, std::move(blobs)};
}

}  // namespace larder::s3
