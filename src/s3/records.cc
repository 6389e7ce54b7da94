#include "s3/records.h"

#include <fmt/format.h>

#include "codec/base64.h"
#include "storage/errors.h"

namespace larder::s3 {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::uint8_t kind_object = 0;  // 1 is kept for delete markers
constexpr std::size_t id_bytes = 16;
constexpr std::uint8_t no_checksum = 0xff;

std::unexpected<Error> damaged(std::string_view what) {
  return fail(larder::codes::corrupt, fmt::format("The record of {} is damaged.", what));
}

void pack_time(Packer& out, Time time) {
  out.varint(static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

Time unpack_time(Unpacker& in) {
  return Time(std::chrono::microseconds(static_cast<std::int64_t>(in.varint())));
}

void pack_checksum(Packer& out, const std::optional<StoredChecksum>& checksum) {
  if (!checksum) return out.byte(no_checksum);
  out.byte(static_cast<std::uint8_t>(checksum->algorithm));
  out.byte(checksum->composite ? 1 : 0);
  out.text(checksum->value);
}

std::optional<ChecksumAlgorithm> known_algorithm(std::uint8_t number) {
  for (const auto algorithm : all_checksum_algorithms)
    if (static_cast<std::uint8_t>(algorithm) == number) return algorithm;
  return std::nullopt;
}

/// False: an algorithm that this version does not know.
bool unpack_checksum(Unpacker& in, std::optional<StoredChecksum>& checksum) {
  const auto number = in.byte();
  if (number == no_checksum) return true;
  const auto algorithm = known_algorithm(number);
  if (!algorithm) return false;
  const bool composite = in.byte() != 0;
  checksum = StoredChecksum{*algorithm, composite, in.text()};
  return true;
}

void pack_content(Packer& out, const Content& content) {
  out.varint(content.size);
  out.text(content.inline_bytes);
  out.varint(content.pieces.size());
  for (const auto& piece : content.pieces) {
    const auto& raw = piece.blob.raw();
    out.raw({reinterpret_cast<const char*>(raw.data()), raw.size()});
    out.varint(piece.length);
  }
}

Content unpack_content(Unpacker& in) {
  Content content;
  content.size = in.varint();
  content.inline_bytes = in.text();
  for (auto left = in.count(); left > 0 && !in.failed(); --left) {
    const auto id = storage::BlobId::parse(hex_encode(in.raw(id_bytes)));
    const auto length = in.varint();
    if (id) content.pieces.push_back({*id, length});
  }
  return content;
}

}  // namespace

std::string encode(const BucketRecord& record) {
  Packer out;
  out.byte(version);
  out.text(record.id);
  out.text(record.account);
  out.text(record.region);
  pack_time(out, record.created);
  out.varint(record.ranges);
  return out.take();
}

Result<BucketRecord> decode_bucket(std::string_view name, std::string_view bytes) {
  Unpacker in(bytes);
  if (in.byte() != version) return damaged("a bucket");
  BucketRecord record;
  record.name = name;
  record.id = in.text();
  record.account = in.text();
  record.region = in.text();
  record.created = unpack_time(in);
  record.ranges = static_cast<std::uint32_t>(in.varint());
  if (!in.done()) return damaged("a bucket");
  return record;
}

std::string encode(const ObjectRecord& record) {
  Packer out;
  out.byte(version);
  out.byte(kind_object);
  out.raw(record.write_id);
  pack_time(out, record.modified);
  out.text(record.etag);
  pack_checksum(out, record.checksum);
  out.pairs(record.headers);
  out.pairs(record.metadata);
  out.text(record.upload_id);
  pack_content(out, record.content);
  return out.take();
}

Result<ObjectRecord> decode_object(std::string_view bytes) {
  Unpacker in(bytes);
  if (in.byte() != version || in.byte() != kind_object) return damaged("an object");
  ObjectRecord record;
  record.write_id = in.raw(id_bytes);
  record.modified = unpack_time(in);
  record.etag = in.text();
  if (!unpack_checksum(in, record.checksum)) return damaged("an object");
  record.headers = in.pairs();
  record.metadata = in.pairs();
  record.upload_id = in.text();
  record.content = unpack_content(in);
  if (!in.done()) return damaged("an object");
  return record;
}

std::string encode(const UploadRecord& record) {
  Packer out;
  out.byte(version);
  out.raw(record.write_id);
  out.text(record.key);
  out.text(record.initiator);
  pack_time(out, record.initiated);
  out.pairs(record.headers);
  out.pairs(record.metadata);
  out.byte(record.algorithm ? static_cast<std::uint8_t>(*record.algorithm) : no_checksum);
  out.byte(record.composite ? 1 : 0);
  return out.take();
}

Result<UploadRecord> decode_upload(std::string_view bytes) {
  Unpacker in(bytes);
  if (in.byte() != version) return damaged("a multipart upload");
  UploadRecord record;
  record.write_id = in.raw(id_bytes);
  record.key = in.text();
  record.initiator = in.text();
  record.initiated = unpack_time(in);
  record.headers = in.pairs();
  record.metadata = in.pairs();
  record.algorithm = known_algorithm(in.byte());
  record.composite = in.byte() != 0;
  if (!in.done()) return damaged("a multipart upload");
  return record;
}

std::string encode(const PartRecord& record) {
  Packer out;
  out.byte(version);
  out.raw(record.write_id);
  pack_time(out, record.modified);
  out.text(record.etag);
  pack_checksum(out, record.checksum);
  pack_content(out, record.content);
  return out.take();
}

Result<PartRecord> decode_part(std::string_view bytes) {
  Unpacker in(bytes);
  if (in.byte() != version) return damaged("a part");
  PartRecord record;
  record.write_id = in.raw(id_bytes);
  record.modified = unpack_time(in);
  record.etag = in.text();
  if (!unpack_checksum(in, record.checksum)) return damaged("a part");
  record.content = unpack_content(in);
  if (!in.done()) return damaged("a part");
  return record;
}

}  // namespace larder::s3
