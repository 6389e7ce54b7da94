#include "s3/garbage.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <set>

#include "base/log.h"
#include "codec/base64.h"

namespace larder::s3 {
namespace {

using storage::BlobId;

constexpr std::size_t page = 1000;
constexpr std::size_t orphan_page = 200'000;  // ids: 3 MiB, compared with all metadata in one pass
const std::vector<storage::Guard> unguarded;
const std::string queued(1, '\x01');  // a value is never empty

std::vector<BlobId> blobs_of(const Content& content) {
  std::vector<BlobId> blobs;
  for (const auto& piece : content.pieces) blobs.push_back(piece.blob);
  return blobs;
}

std::optional<BlobId> blob_of(std::string_view garbage_key) {
  return BlobId::parse(hex_encode(garbage_key.substr(1)));
}

Result<Content> content_of(Table table, std::string_view value) {
  if (table == Table::parts) {
    TRY(auto part, decode_part(value));
    return std::move(part.content);
  }
  TRY(auto object, decode_object(value));
  return std::move(object.content);
}

}  // namespace

void Garbage::enqueue(const Content& content, std::vector<storage::Write>& writes) {
  for (const auto& piece : content.pieces) writes.push_back({garbage_key(piece.blob), queued});
}

Task<Result<void>> Garbage::free(std::string bucket_id, std::vector<BlobId> blobs) {
  std::vector<storage::Write> writes;
  for (const auto& blob : blobs) {
    if (read_.contains(blob)) continue;
    CO_TRY_VOID(co_await blobs_.remove(blob));
    writes.push_back({garbage_key(blob), std::nullopt});
  }
  if (writes.empty()) co_return Result<void>();
  Index index(kv_, bucket_id);
  // Whatever comes of it: an entry that stays is worked off again, to no effect.
  CO_TRY_VOID(co_await index.commit_always(unguarded, std::move(writes)));
  co_return Result<void>();
}

Task<void> Garbage::free_soon(std::string bucket_id, Content content) {
  auto blobs = blobs_of(content);
  if (blobs.empty()) co_return;
  const auto executor = co_await boost::asio::this_coro::executor;
  auto work = [](Garbage& self, std::string id, std::vector<BlobId> gone) -> Task<void> {
    const auto freed = co_await self.free(std::move(id), std::move(gone));
    if (!freed) log::info("blobs stay queued for a later sweep: {}", freed.error().message);
  };
  boost::asio::co_spawn(executor, work(*this, std::move(bucket_id), std::move(blobs)),
                        boost::asio::detached);
}

Task<Result<void>> Garbage::free_queue(std::string bucket_id) {
  Index index(kv_, bucket_id);
  auto range = all_of(Table::garbage);
  for (;;) {
    CO_TRY(const auto found, co_await index.scan(range, page));
    std::vector<BlobId> blobs;
    for (const auto& entry : found.entries)
      if (const auto blob = blob_of(entry.key)) blobs.push_back(*blob);
    CO_TRY_VOID(co_await free(bucket_id, std::move(blobs)));
    if (!found.more) co_return Result<void>();
    range.begin = found.entries.back().key + '\0';
  }
}

Task<Result<void>> Garbage::drop_parts(std::string bucket_id, std::string upload_id) {
  Index index(kv_, bucket_id);
  auto range = parts_of(upload_id);
  for (;;) {
    CO_TRY(const auto found, co_await index.scan(range, page));
    std::vector<storage::Guard> guards;
    std::vector<storage::Write> writes;
    std::vector<BlobId> blobs;
    Use change;
    for (const auto& entry : found.entries) {
      const auto part = decode_part(entry.value);
      if (!part) {  // fsck tells of it; what it names stays as well
        log::warning("a part of the upload {} stays: {}", upload_id, part.error().message);
        continue;
      }
      change.upload_bytes -= static_cast<std::int64_t>(part->content.size);
      enqueue(part->content, writes);
      for (const auto& piece : part->content.pieces) blobs.push_back(piece.blob);
      guards.push_back({entry.key, entry.value});
      writes.push_back({entry.key, std::nullopt});
    }
    if (!writes.empty()) {
      CO_TRY(const auto outcome, co_await usage_.commit_always(bucket_id, std::move(guards),
                                                               std::move(writes), change));
      // Somebody else drops them too, or it is not known: what is left shows in the next round.
      if (outcome != storage::CommitOutcome::committed) continue;
      CO_TRY_VOID(co_await free(bucket_id, std::move(blobs)));
    }
    if (!found.more) co_return Result<void>();
    range.begin = found.entries.back().key + '\0';
  }
}

Task<void> Garbage::drop_parts_soon(std::string bucket_id, std::string upload_id) {
  const auto executor = co_await boost::asio::this_coro::executor;
  auto work = [](Garbage& self, std::string bucket, std::string upload) -> Task<void> {
    const auto dropped = co_await self.drop_parts(std::move(bucket), std::move(upload));
    if (!dropped) log::info("parts stay for a later sweep: {}", dropped.error().message);
  };
  boost::asio::co_spawn(executor, work(*this, std::move(bucket_id), std::move(upload_id)),
                        boost::asio::detached);
}

Task<Result<void>> Garbage::drop_orphaned_parts(std::string bucket_id) {
  Index index(kv_, bucket_id);
  auto range = all_of(Table::parts);
  for (;;) {
    CO_TRY(const auto found, co_await index.scan(range, 1));
    if (found.entries.empty()) co_return Result<void>();
    const auto upload = upload_of_part(found.entries.front().key);
    CO_TRY(const auto record, co_await index.get(upload_key(upload)));
    if (!record) CO_TRY_VOID(co_await drop_parts(bucket_id, upload));
    range.begin = parts_of(upload).end;
  }
}

Task<Result<void>> Garbage::drop_table(std::string bucket_id, Table table) {
  Index index(kv_, bucket_id);
  for (;;) {
    CO_TRY(const auto found, co_await index.scan(all_of(table), page));
    if (found.entries.empty()) co_return Result<void>();
    std::vector<storage::Write> writes;
    for (const auto& entry : found.entries) writes.push_back({entry.key, std::nullopt});
    CO_TRY_VOID(co_await index.commit_always(unguarded, std::move(writes)));
  }
}

Task<Result<void>> Garbage::drop_uploads(std::string bucket_id) {
  CO_TRY_VOID(co_await drop_table(bucket_id, Table::uploads));
  CO_TRY_VOID(co_await drop_table(bucket_id, Table::upload_keys));
  CO_TRY_VOID(co_await drop_orphaned_parts(bucket_id));
  CO_TRY_VOID(co_await drop_table(bucket_id, Table::numbers));
  co_return co_await free_queue(bucket_id);
}

Task<void> Garbage::drop_uploads_soon(std::string bucket_id) {
  const auto executor = co_await boost::asio::this_coro::executor;
  auto work = [](Garbage& self, std::string id) -> Task<void> {
    const auto dropped = co_await self.drop_uploads(std::move(id));
    if (!dropped) log::info("a deleted bucket keeps some blobs: {}", dropped.error().message);
  };
  boost::asio::co_spawn(executor, work(*this, std::move(bucket_id)), boost::asio::detached);
}

Task<Result<std::vector<std::string>>> Garbage::bucket_ids() {
  std::vector<std::string> ids;
  storage::KeyRange range{};
  for (;;) {
    CO_TRY(const auto found, co_await kv_.scan("buckets", range, page));
    for (const auto& entry : found.entries) {
      CO_TRY(const auto record, decode_bucket(entry.key, entry.value));
      ids.push_back(record.id);
    }
    if (!found.more) co_return ids;
    range.begin = found.entries.back().key + '\0';
  }
}

Task<Result<void>> Garbage::keep_named(std::string bucket_id, Table table,
                                       std::vector<BlobId>& candidates) {
  Index index(kv_, bucket_id);
  auto range = all_of(table);
  std::set<BlobId> named;
  for (;;) {
    CO_TRY(const auto found, co_await index.scan(range, page));
    named.clear();
    for (const auto& entry : found.entries) {
      CO_TRY(const auto content, content_of(table, entry.value));
      for (const auto& piece : content.pieces)
        if (std::ranges::binary_search(candidates, piece.blob)) named.insert(piece.blob);
    }
    if (!named.empty())
      std::erase_if(candidates, [&](const BlobId& id) { return named.contains(id); });
    if (!found.more) co_return Result<void>();
    range.begin = found.entries.back().key + '\0';
  }
}

Task<Result<void>> Garbage::remove_orphans() {
  std::optional<BlobId> after;
  for (;;) {
    CO_TRY(auto candidates, co_await blobs_.list(after, orphan_page));
    if (candidates.empty()) co_return Result<void>();
    after = candidates.back();
    // Listed, and in nobody's hands now: committed already, or never to be.
    std::erase_if(candidates,
                  [&](const BlobId& id) { return written_.contains(id) || read_.contains(id); });
    CO_TRY(const auto buckets, co_await bucket_ids());
    for (const auto& bucket : buckets) {
      CO_TRY_VOID(co_await keep_named(bucket, Table::parts, candidates));
      CO_TRY_VOID(co_await keep_named(bucket, Table::objects, candidates));
    }
    for (const auto& blob : candidates) CO_TRY_VOID(co_await blobs_.remove(blob));
    if (!candidates.empty()) log::info("swept {} blobs that nothing named", candidates.size());
  }
}

}  // namespace larder::s3
