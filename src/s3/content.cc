#include "s3/content.h"

#include <algorithm>
#include <cstring>

#include "base/log.h"
#include "codec/digest.h"
#include "s3/errors.h"
#include "storage/errors.h"

namespace larder::s3 {
namespace {

constexpr std::size_t buffer_bytes_max = 256 * 1024;

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

/// One body on its way in.
struct ContentStore::Intake {
  ByteSource& source;
  aws::RequestBody* body;  // the same, where it is a request's: it is asked at the end
  std::uint64_t at_most;
  std::shared_ptr<Checksum> checksum;            // may be null
  std::shared_ptr<aws::PayloadHashes> promised;  // may be null

  BodyHash::Also beside_md5() const {
    if (!checksum && !promised) return nullptr;
    return [checksum = checksum, promised = promised](std::string_view piece) {
      if (checksum) checksum->update(piece);
      if (promised) promised->update(piece);
    };
  }
  /// When all of it has been read and hashed.
  Result<void> finish(std::uint64_t size, std::string md5, Stored& stored) {
    if (body != nullptr) TRY_VOID(body->verify(md5));
    stored.content.size = size;
    stored.md5 = std::move(md5);
    if (checksum) stored.checksum = checksum->finish();
    return {};
  }
  /// A short body gets one buffer that it does not fill: its end shows without a second one.
  std::size_t buffer_bytes(std::size_t head) const {
    const auto length = source.length().value_or(buffer_bytes_max);
    if (length >= buffer_bytes_max) return buffer_bytes_max;
    return std::max(static_cast<std::size_t>(length), head) + 1;
  }
};

Task<Result<Stored>> ContentStore::store(ByteSource& source, Inline small,
                                         std::optional<ChecksumAlgorithm> algorithm,
                                         std::uint64_t at_most) {
  Intake intake{.source = source,
                .body = nullptr,
                .at_most = at_most,
                .checksum = algorithm ? make_checksum(*algorithm) : nullptr,
                .promised = nullptr};
  co_return co_await take_in(intake, small);
}

Task<Result<Stored>> ContentStore::store(aws::RequestBody& body, Inline small,
                                         std::optional<ChecksumAlgorithm> algorithm,
                                         std::uint64_t at_most) {
  Intake intake{.source = body,
                .body = &body,
                .at_most = at_most,
                .checksum = algorithm ? make_checksum(*algorithm) : nullptr,
                .promised = body.leave_hashing_to_reader()};
  co_return co_await take_in(intake, small);
}

Task<Result<Stored>> ContentStore::take_in(Intake& intake, Inline small) {
  Stored stored;
  std::string head;
  if (small == Inline::allowed) {
    head.resize(inline_bytes_max + 1);
    CO_TRY(const auto filled, co_await fill(intake.source, head));
    head.resize(filled);
    if (filled <= inline_bytes_max) {
      if (const auto beside = intake.beside_md5()) beside(head);
      CO_TRY_VOID(intake.finish(filled, md5(head), stored));
      stored.content.inline_bytes = std::move(head);
      co_return stored;
    }
  }
  CO_TRY_VOID(co_await take_in_blob(intake, head, stored));
  co_return stored;
}

Task<Result<void>> ContentStore::take_in_blob(Intake& intake, std::string_view head,
                                              Stored& stored) {
  const auto id = storage::BlobId::make(random_);
  stored.hold = InUse::Hold(written_, {id});
  CO_TRY(auto writer, co_await blobs_.create(id));
  BodyHash hash(hashing_, intake.buffer_bytes(head.size()), intake.beside_md5());
  std::uint64_t size = 0;
  for (bool ended = false; !ended;) {
    const auto buffer = co_await hash.space();
    std::ranges::copy(head, buffer.begin());
    CO_TRY(const auto read, co_await fill(intake.source, buffer.subspan(head.size())));
    const auto filled = buffer.first(head.size() + read);
    head = {};
    ended = filled.size() < buffer.size();
    size += filled.size();
    if (size > intake.at_most) co_return errors::entity_too_large(size, intake.at_most);
    hash.submit(filled.size());
    if (!filled.empty()) CO_TRY_VOID(co_await writer->write(filled));
  }
  auto md5 = co_await hash.finish();
  CO_TRY_VOID(intake.finish(size, std::move(md5), stored));
  auto sealed = co_await writer->seal();
  if (!sealed) {
    [[maybe_unused]] auto removed = co_await blobs_.remove(id);
    co_return fail(std::move(sealed).error());
  }
  stored.content.pieces.push_back({id, size});
  co_return Result<void>();
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
