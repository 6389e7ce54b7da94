#include "s3/content_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "codec/base64.h"
#include "codec/digest.h"
#include "s3/completion.h"
#include "storage/errors.h"

namespace larder::s3 {
namespace {

using storage::ByteRange;

// Damage is looked for by so much at a time, beginning at multiples of it: the payload of a block
// of a blob's file, so that each block is judged by itself.
constexpr std::uint64_t step = 256 * 1024;

/// The digests that the record has, computed again.
class Digests {
 public:
  explicit Digests(const ContentPromise& promise) : promise_(promise) { begin_piece(); }

  void update(std::string_view bytes) {
    md5_->update(bytes);
    if (checksum_) checksum_->update(bytes);
  }
  void end_piece() {
    if (!promise_.multipart) return;
    etags_.push_back(hex_encode(md5_->finish()));
    if (composite()) parts_checksums_ += checksum_->finish();
    begin_piece();
  }
  /// After all pieces. What does not match.
  std::vector<std::string> finish() {
    std::vector<std::string> wrong;
    const auto etag = promise_.multipart ? multipart_etag(etags_) : hex_encode(md5_->finish());
    if (etag != promise_.etag)
      wrong.push_back(
          fmt::format("the bytes have the MD5 {}, not that of the ETag {}", etag, promise_.etag));
    if (!promise_.checksum) return wrong;
    const auto value = checksum_value();
    if (value != promise_.checksum->value)
      wrong.push_back(fmt::format("the bytes have the {} {}, not {}",
                                  checksum_name(promise_.checksum->algorithm), value,
                                  promise_.checksum->value));
    return wrong;
  }

 private:
  bool composite() const { return promise_.checksum && promise_.checksum->composite; }

  void begin_piece() {
    md5_.emplace(Hash::md5);
    if (promise_.checksum && (composite() || !checksum_))
      checksum_ = make_checksum(promise_.checksum->algorithm);
  }

  std::string checksum_value() {
    if (!composite()) return base64_encode(checksum_->finish());
    const auto sum = make_checksum(promise_.checksum->algorithm);
    sum->update(parts_checksums_);
    return fmt::format("{}-{}", base64_encode(sum->finish()), etags_.size());
  }

  const ContentPromise& promise_;
  std::optional<Digest> md5_;           // of the piece; without parts, of all
  std::unique_ptr<Checksum> checksum_;  // of the piece when composite, else of all
  std::vector<std::string> etags_;
  std::string parts_checksums_;
};

class ContentChecker {
 public:
  ContentChecker(storage::Blobs& blobs, Pace& pace, const Content& content,
                 std::optional<Digests> digests)
      : blobs_(blobs), pace_(pace), content_(content), digests_(std::move(digests)) {}

  Task<Result<std::vector<ContentDamage>>> run() {
    check_sizes();
    if (digests_) digests_->update(content_.inline_bytes);
    for (const auto& piece : content_.pieces) {
      CO_TRY_VOID(co_await check_piece(piece));
      if (digests_) digests_->end_piece();
      begin_ += piece.length;
    }
    // Damage that is known already explains any other digest.
    if (digests_ && found_.empty()) check_digests();
    co_return std::move(found_);
  }

 private:
  void check_sizes() {
    std::uint64_t size = content_.inline_bytes.size();
    for (const auto& piece : content_.pieces) size += piece.length;
    if (size != content_.size)
      found_.push_back(
          {fmt::format("the record says {} bytes and has the places of {}", content_.size, size)});
    if (!content_.inline_bytes.empty() && !content_.pieces.empty())
      found_.push_back({"the record has bytes of its own and blobs as well"});
  }

  void check_digests() {
    for (auto& what : digests_->finish()) {
      ContentDamage damage{std::move(what), ByteRange{0, content_.size}};
      if (content_.pieces.size() == 1) {
        damage.blob = content_.pieces[0].blob;
        damage.blob_is_damaged = true;
      }
      found_.push_back(std::move(damage));
    }
  }

  Task<Result<void>> check_piece(const Piece& piece) {
    auto opened = co_await blobs_.read(piece.blob, storage::whole_blob);
    if (!opened) {
      CO_TRY_VOID(co_await search(piece, 0, opened.error()));
      co_return Result<void>();
    }
    if (!*opened) {
      found_.push_back({"the blob is missing", ByteRange{begin_, piece.length}, piece.blob});
      co_return Result<void>();
    }
    check_length(piece, (**opened)->length().value_or(piece.length));
    std::uint64_t at = 0;
    for (;;) {
      const auto count = co_await (**opened)->read(buffer_);
      if (!count) {
        CO_TRY_VOID(co_await search(piece, at, count.error()));
        co_return Result<void>();
      }
      if (*count == 0) co_return Result<void>();
      if (digests_) digests_->update(std::string_view(buffer_).substr(0, *count));
      at += *count;
      CO_TRY_VOID(co_await pace_.spend(*count));
    }
  }

  void check_length(const Piece& piece, std::uint64_t length) {
    if (length < piece.length)
      add(piece, {length, piece.length - length},
          fmt::format("the blob has {} bytes, not {}", length, piece.length));
    if (length > piece.length)
      add(piece, {0, piece.length},
          fmt::format("the blob has {} bytes, not {}", length, piece.length));
  }

  /// Something is wrong at `at` or behind it: where exactly?
  Task<Result<void>> search(const Piece& piece, std::uint64_t at, Error first) {
    if (first.code == codes::slow_down) co_return fail(std::move(first));
    const ByteRange nothing{0, 0};
    const auto header = co_await blobs_.read(piece.blob, nothing);
    if (!header) {
      if (header.error().code == codes::slow_down) co_return fail(header.error());
      add(piece, {0, piece.length}, header.error().message);
      co_return Result<void>();
    }
    const auto known = found_.size();
    const auto from = at - at % step;
    for (at = from; at < piece.length; at += step) {
      const ByteRange range{at, std::min(step, piece.length - at)};
      const auto read = co_await drain(piece.blob, range);
      if (!read && read.error().code == codes::slow_down) co_return fail(read.error());
      if (!read) add(piece, range, read.error().message);
      CO_TRY_VOID(co_await pace_.spend(range.length));
    }
    // It can be read after all: no reason to be silent about it.
    if (found_.size() == known && from < piece.length)
      found_.push_back({"read at the second try only: " + first.message,
                        ByteRange{begin_ + from, piece.length - from}, piece.blob});
    co_return Result<void>();
  }

  Task<Result<void>> drain(storage::BlobId blob, ByteRange range) {
    CO_TRY(auto opened, co_await blobs_.read(blob, range));
    while (opened) {
      CO_TRY(const auto count, co_await (*opened)->read(buffer_));
      if (count == 0) break;
    }
    co_return Result<void>();
  }

  /// `range` is the blob's. Neighbours with the same trouble are one finding.
  void add(const Piece& piece, ByteRange range, const std::string& what) {
    range.offset += begin_;
    if (!found_.empty()) {
      auto& last = found_.back();
      if (last.blob == piece.blob && last.what == what && last.bytes &&
          last.bytes->offset + last.bytes->length == range.offset) {
        last.bytes->length += range.length;
        return;
      }
    }
    found_.push_back({what, range, piece.blob, true});
  }

  storage::Blobs& blobs_;
  Pace& pace_;
  const Content& content_;
  std::optional<Digests> digests_;
  std::vector<ContentDamage> found_;
  std::uint64_t begin_ = 0;  // of the piece, in the object
  std::string buffer_ = std::string(step, '\0');
};

}  // namespace

Task<Result<std::vector<ContentDamage>>> check_content(storage::Blobs& blobs, Pace& pace,
                                                       Depth depth, const Content& content,
                                                       const ContentPromise& promise) {
  std::optional<Digests> digests;
  if (depth == Depth::digests) digests.emplace(promise);
  ContentChecker checker(blobs, pace, content, std::move(digests));
  co_return co_await checker.run();
}

}  // namespace larder::s3
