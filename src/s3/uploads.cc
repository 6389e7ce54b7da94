#include "s3/uploads.h"

#include <algorithm>

#include "s3/errors.h"

namespace larder::s3 {
namespace {

using storage::CommitOutcome;
using Outcome = Objects::Outcome;

constexpr std::size_t page = 1000;

bool is_upload_id(std::string_view text) {
  return text.size() == 32 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

Task<Result<void>> Uploads::create(BucketRecord bucket, std::string upload_id,
                                   UploadRecord upload) {
  Index index(kv_, bucket.id);
  const Use one_more{.uploads = 1};
  const std::string at = upload_key(upload_id);
  const std::string value = encode(upload);
  for (int tries = 0; tries < tries_max; ++tries) {
    std::vector<storage::Guard> guards{{at, std::nullopt}};
    std::vector<storage::Write> writes{{at, value}, {upload_name(upload.key, upload_id), "\x01"}};
    CO_TRY(const auto outcome,
           co_await usage_.commit(bucket.id, std::move(guards), std::move(writes), one_more));
    if (outcome == CommitOutcome::committed) co_return Result<void>();
    if (outcome == CommitOutcome::guard_failed) CO_TRY_VOID(co_await buckets_.check_open(bucket));
    CO_TRY(const auto stored, co_await index.get(at));
    if (stored == value) co_return Result<void>();
  }
  co_return errors::try_again();
}

Task<Result<std::optional<Uploads::Open>>> Uploads::open(Index& index, const std::string& key,
                                                         const std::string& upload_id) {
  if (!is_upload_id(upload_id)) co_return std::nullopt;
  CO_TRY(auto stored, co_await index.get(upload_key(upload_id)));
  if (!stored) co_return std::nullopt;
  CO_TRY(auto record, decode_upload(*stored));
  if (record.key != key) co_return std::nullopt;
  co_return Open{*std::move(stored), std::move(record)};
}

Task<Result<UploadRecord>> Uploads::find(const BucketRecord& bucket, const std::string& key,
                                         const std::string& upload_id) {
  Index index(kv_, bucket.id);
  CO_TRY(auto found, co_await open(index, key, upload_id));
  if (!found) co_return errors::no_such_upload(upload_id);
  co_return std::move(found->record);
}

Task<Result<void>> Uploads::check_room(const BucketRecord& bucket, const std::string& upload_id,
                                       std::uint32_t number, std::uint64_t size) {
  const auto bytes = static_cast<std::int64_t>(size);
  if (usage_.check_room(bucket.id, bytes)) co_return Result<void>();
  Index index(kv_, bucket.id);
  CO_TRY(const auto stored, co_await index.get(part_key(upload_id, number)));
  std::int64_t freed = 0;
  if (stored) {
    CO_TRY(const auto old, decode_part(*stored));
    freed = static_cast<std::int64_t>(old.content.size);
  }
  co_return usage_.check_room(bucket.id, bytes - freed);
}

Task<Result<void>> Uploads::put_part(BucketRecord bucket, std::string key, std::string upload_id,
                                     std::uint32_t number, PartRecord part) {
  Error failure = errors::try_again().error();
  bool discardable = true;
  for (int tries = 0; tries < tries_max; ++tries) {
    auto outcome = co_await try_put_part(bucket, key, upload_id, number, part);
    if (!outcome) {
      failure = std::move(outcome).error();
      discardable = discardable && !(failure.code == larder::codes::service_unavailable);
      break;
    }
    if (*outcome == Outcome::done) co_return Result<void>();
    if (*outcome == Outcome::in_doubt) discardable = false;
  }
  if (discardable) co_await contents_.discard(part.content);
  co_return fail(std::move(failure));
}

Task<Result<Outcome>> Uploads::try_put_part(const BucketRecord& bucket, const std::string& key,
                                            const std::string& upload_id, std::uint32_t number,
                                            const PartRecord& part) {
  Index index(kv_, bucket.id);
  const std::string at = part_key(upload_id, number);
  CO_TRY(auto upload, co_await open(index, key, upload_id));
  CO_TRY(const auto old_text, co_await index.get(at));
  std::optional<PartRecord> old;
  if (old_text) {
    CO_TRY(old, decode_part(*old_text));
  }
  if (old && old->write_id == part.write_id) co_return Outcome::done;
  if (!upload) co_return errors::no_such_upload(upload_id);
  std::vector<storage::Guard> guards{{upload_key(upload_id), upload->stored}, {at, old_text}};
  std::vector<storage::Write> writes{{at, encode(part)}};
  Use change{.upload_bytes = static_cast<std::int64_t>(part.content.size)};
  if (old) {
    Garbage::enqueue(old->content, writes);
    change.upload_bytes -= static_cast<std::int64_t>(old->content.size);
  }
  CO_TRY(const auto outcome,
         co_await usage_.commit(bucket.id, std::move(guards), std::move(writes), change));
  if (outcome == CommitOutcome::guard_failed) {
    CO_TRY_VOID(co_await buckets_.check_open(bucket));
    co_return Outcome::lost;
  }
  if (outcome == CommitOutcome::unknown) {
    const auto now = co_await index.get(at);
    if (now && *now == old_text) co_return Outcome::in_doubt;
    if (now && *now == encode(part)) co_return Outcome::done;
    co_return errors::try_again();
  }
  if (old) co_await garbage_.free_soon(bucket.id, std::move(old->content));
  co_return Outcome::done;
}

Task<Result<Uploads::PartPage>> Uploads::parts(const BucketRecord& bucket, std::string upload_id,
                                               std::uint32_t after, std::size_t limit) {
  PartPage out{.parts = {}, .truncated = false};
  if (limit == 0 || after >= 0xffff) co_return out;
  Index index(kv_, bucket.id);
  auto range = parts_of(upload_id);
  range.begin = part_key(upload_id, after + 1);
  while (!out.truncated) {
    CO_TRY(const auto found, co_await index.scan(range, limit + 1));
    for (const auto& entry : found.entries) {
      if (out.parts.size() == limit) {
        out.truncated = true;
        break;
      }
      CO_TRY(auto record, decode_part(entry.value));
      out.parts.push_back({part_number(entry.key), std::move(record)});
    }
    if (!found.more) break;
    range.begin = found.entries.back().key + '\0';
  }
  co_return out;
}

Task<Result<FoundParts>> Uploads::all_parts(Index& index, const std::string& upload_id) {
  FoundParts all;
  auto range = parts_of(upload_id);
  for (;;) {
    CO_TRY(const auto found, co_await index.scan(range, page));
    for (const auto& entry : found.entries) {
      CO_TRY(auto record, decode_part(entry.value));
      all[part_number(entry.key)] = {entry.value, std::move(record)};
    }
    if (!found.more) co_return all;
    range.begin = found.entries.back().key + '\0';
  }
}

Task<Result<ObjectRecord>> Uploads::completed_before(const BucketRecord& bucket,
                                                     const std::string& key,
                                                     const std::string& upload_id,
                                                     const Completion& completion) {
  CO_TRY(auto current, co_await objects_.get(bucket, key));
  if (!current || current->upload_id != upload_id ||
      current->content.pieces.size() != completion.parts.size())
    co_return errors::no_such_upload(upload_id);
  std::vector<std::string> etags;
  for (const auto& part : completion.parts) {
    std::string etag = part.etag;
    std::erase(etag, '"');
    etags.push_back(std::move(etag));
  }
  if (multipart_etag(etags) != current->etag) co_return errors::no_such_upload(upload_id);
  co_return *std::move(current);
}

Task<Result<ObjectRecord>> Uploads::complete(BucketRecord bucket, std::string key,
                                             std::string upload_id, Completion completion) {
  Index index(kv_, bucket.id);
  for (int tries = 0; tries < tries_max; ++tries) {
    CO_TRY(const auto upload, co_await open(index, key, upload_id));
    if (!upload) co_return co_await completed_before(bucket, key, upload_id, completion);
    CO_TRY(const auto found, co_await all_parts(index, upload_id));
    CO_TRY(auto object, assemble(upload_id, upload->record, found, completion));
    Alongside alongside{.guards = {{upload_key(upload_id), upload->stored}},
                        .writes = {{upload_key(upload_id), std::nullopt},
                                   {upload_name(key, upload_id), std::nullopt}},
                        .change = {.uploads = -1}};
    for (const auto& listed : completion.parts) {
      const auto number = static_cast<std::uint32_t>(listed.number);
      const auto& part = found.at(number);
      alongside.guards.push_back({part_key(upload_id, number), part.stored});
      alongside.writes.push_back({part_key(upload_id, number), std::nullopt});
      alongside.change.upload_bytes -= static_cast<std::int64_t>(part.record.content.size);
    }
    const std::optional<ObjectRecord> next(object);
    CO_TRY(const auto outcome, co_await objects_.try_replace(
                                   bucket, key, next, completion.condition, std::move(alongside)));
    if (outcome != Outcome::done) continue;
    co_await garbage_.drop_parts_soon(bucket.id, upload_id);
    co_return object;
  }
  co_return errors::try_again();
}

Task<Result<void>> Uploads::abort(BucketRecord bucket, std::string key, std::string upload_id) {
  Index index(kv_, bucket.id);
  const Use one_less{.uploads = -1};
  bool in_doubt = false;
  for (int tries = 0; tries < tries_max; ++tries) {
    CO_TRY(const auto upload, co_await open(index, key, upload_id));
    if (!upload) {
      if (in_doubt) break;  // it may have been us
      co_return errors::no_such_upload(upload_id);
    }
    std::vector<storage::Guard> guards{{upload_key(upload_id), upload->stored}};
    std::vector<storage::Write> writes{{upload_key(upload_id), std::nullopt},
                                       {upload_name(key, upload_id), std::nullopt}};
    CO_TRY(const auto outcome,
           co_await usage_.commit(bucket.id, std::move(guards), std::move(writes), one_less));
    if (outcome == CommitOutcome::committed) break;
    in_doubt = in_doubt || outcome == CommitOutcome::unknown;
    if (outcome == CommitOutcome::guard_failed) CO_TRY_VOID(co_await buckets_.check_open(bucket));
  }
  co_await garbage_.drop_parts_soon(bucket.id, upload_id);
  co_return Result<void>();
}

}  // namespace larder::s3
