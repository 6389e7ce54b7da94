#include "s3/fsck.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/document.h"
#include "s3/names.h"
#include "s3/usage.h"
#include "storage/errors.h"

namespace larder::s3 {
namespace {

using storage::Entry;
using storage::Finding;
using storage::Partition;
using storage::printable;

constexpr std::string_view catalogue = "buckets";
constexpr std::string_view configurations = "bucket/";
constexpr std::string_view indexes = "index/";
constexpr std::string_view only_range = "/0";
constexpr std::string_view usage = "usage";
constexpr char policy_version = '\x01';
constexpr auto note = Finding::Grade::note;

std::string id_of(const Partition& index) {
  const auto begin = indexes.size();
  return index.substr(begin, index.find('/', begin) - begin);
}

Finding about_record(const Partition& partition, const std::string& key, std::string what) {
  return {.what = std::move(what), .partition = partition, .record = key};
}

bool is_damage(const Error& error) {
  return error.code == codes::corrupt || error.code == codes::storage_failure;
}

}  // namespace

bool Fsck::owns(std::string_view partition) {
  return partition == catalogue || partition == usage || partition.starts_with(configurations) ||
         partition.starts_with(indexes);
}

Task<Result<void>> Fsck::run(const std::vector<Partition>& partitions) {
  CO_TRY_VOID(co_await check_catalogue());
  const auto counted = co_await Usage::is_counted(kv_);
  if (!counted && !is_damage(counted.error())) co_return fail(counted.error());
  has_numbers_ = counted && *counted;
  std::vector<Place> places;
  for (const auto& partition : partitions) {
    if (partition.starts_with(configurations)) CO_TRY_VOID(co_await check_configuration(partition));
    if (!partition.starts_with(indexes)) continue;
    if (!partition.ends_with(only_range))
      report(about_record(partition, "", "an index of more ranges than this program makes"));
    const auto found = names_.find(id_of(partition));
    places.push_back({partition, found == names_.end() ? std::string() : found->second});
  }
  for (const auto& place : places) CO_TRY_VOID(co_await check_index(place));
  // As the sweep sees it: what only a deleted bucket names has no name.
  std::erase_if(places, [](const Place& place) { return place.bucket.empty(); });
  co_return co_await check_blobs(places);
}

Task<Result<std::optional<Entry>>> Fsck::next(storage::EntryWalk& walk,
                                              const Partition& partition) {
  auto entry = co_await walk.next();
  if (entry || !is_damage(entry.error())) co_return entry;
  report(about_record(partition, walk.position(),
                      "the metadata cannot be read from here on: " + entry.error().message));
  all_read_ = false;
  co_return std::nullopt;
}

Task<Result<void>> Fsck::check_catalogue() {
  const Partition partition(catalogue);
  storage::EntryWalk walk(kv_, partition, storage::KeyRange());
  for (;;) {
    CO_TRY(const auto entry, co_await next(walk, partition));
    if (!entry) co_return Result<void>();
    CO_TRY_VOID(co_await check_bucket(*entry));
  }
}

Task<Result<void>> Fsck::check_bucket(const Entry& entry) {
  ++tally_.buckets;
  auto finding = about_record(std::string(catalogue), entry.key, "");
  finding.bucket = entry.key;
  const auto say = [&](std::string what) {
    finding.what = std::move(what);
    report(finding);
  };
  const auto record = decode_bucket(entry.key, entry.value);
  if (!record || !is_id(record->id)) {
    all_read_ = false;  // whose index this is nobody knows
    say(record ? "the bucket's id is none" : record.error().message);
    co_return Result<void>();
  }
  if (!is_bucket_name(entry.key)) say("no name that a bucket can have");
  if (record->ranges != 1) say("an index of more ranges than this program makes");
  if (options_.account_exists && !options_.account_exists(record->account))
    say("the bucket's account " + printable(record->account) + " does not exist");
  const auto [other, fresh] = names_.emplace(record->id, entry.key);
  if (!fresh) say("the bucket has the id of another one, " + printable(other->second));
  const auto configuration = std::string(configurations) + record->id;
  const auto stored = co_await kv_.get(configuration, "bucket");
  if (!stored && !is_damage(stored.error())) co_return fail(stored.error());
  if (!stored) {
    say("the bucket's configuration cannot be read: " + stored.error().message);
  } else if (*stored != entry.value) {
    say(*stored ? "the bucket's configuration is another one's"
                : "the bucket has no configuration");
  }
  co_return Result<void>();
}

Task<Result<void>> Fsck::check_configuration(const Partition& partition) {
  const auto found = names_.find(partition.substr(configurations.size()));
  storage::EntryWalk walk(kv_, partition, storage::KeyRange());
  for (;;) {
    CO_TRY(const auto entry, co_await next(walk, partition));
    if (!entry) co_return Result<void>();
    auto finding = about_record(partition, entry->key, "");
    if (found != names_.end()) finding.bucket = found->second;
    if (found == names_.end()) {
      finding.grade = note;
      finding.what = "the configuration of a bucket that was not made, or is gone";
      report(finding);
    } else if (entry->key == "policy") {
      const policy::ParseOptions of_bucket{.bucket = found->second};
      const auto text = std::string_view(entry->value).substr(1);
      if (entry->value[0] == policy_version && policy::parse(text, policy::Kind::bucket, of_bucket))
        continue;
      finding.what = "the bucket's policy cannot be read, and denies everything";
      report(finding);
    } else if (entry->key != "bucket") {
      finding.what = "a setting that this program does not know";
      report(finding);
    }
  }
}

Finding Fsck::about(const Place& place, const Entry& entry, const EntryView& view,
                    std::string what) const {
  auto finding = about_record(place.partition, entry.key, std::move(what));
  finding.bucket = place.bucket;
  finding.key = view.key;
  finding.version = view.version;
  if (view.part > 0)
    finding.what = fmt::format("part {} of the upload {}: {}", view.part, view.upload_id,
                               std::move(finding.what));
  return finding;
}

Task<Result<void>> Fsck::check_index(const Place& place) {
  if (place.bucket.empty()) co_return co_await check_nameless(place);
  storage::EntryWalk walk(kv_, place.partition, storage::KeyRange());
  counted_ = CountedUse();
  for (;;) {
    CO_TRY(const auto entry, co_await next(walk, place.partition));
    if (!entry) co_return co_await check_use(place);
    CO_TRY_VOID(co_await check_entry(place, *entry));
  }
}

// Of a bucket of which a record is damaged nobody knows what it holds.
Task<Result<void>> Fsck::check_use(const Place& place) {
  if (!has_numbers_ || !all_read_ || !counted_.whole) co_return Result<void>();
  Index index(kv_, id_of(place.partition));
  const auto stored = co_await read_use(index);
  if (!stored && !is_damage(stored.error())) co_return fail(stored.error());
  if (!stored) co_return Result<void>();  // the walk has met it
  if (stored->use == counted_.use && !stored->recount) co_return Result<void>();
  auto finding = about_record(place.partition, "", difference(stored->use, counted_.use));
  if (stored->recount) finding.grade = note;
  finding.bucket = place.bucket;
  report(finding);
  co_return Result<void>();
}

// A deleted bucket leaves its mark. Its uploads may be left when the server died; objects never.
Task<Result<void>> Fsck::check_nameless(const Place& place) {
  storage::EntryWalk walk(kv_, place.partition, storage::KeyRange());
  std::uint64_t objects = 0;
  std::uint64_t others = 0;
  for (;;) {
    CO_TRY(const auto entry, co_await next(walk, place.partition));
    if (!entry) break;
    CO_TRY_VOID(co_await pace_.spend(0));
    const auto table = static_cast<Table>(entry->key.front());
    if (table == Table::objects) ++objects;
    if (table != Table::objects && table != Table::closed && table != Table::numbers) ++others;
  }
  if (objects > 0)
    report(about_record(place.partition, "",
                        fmt::format("{} objects of a bucket that has no name", objects)));
  if (others > 0) {
    auto finding = about_record(place.partition, "", "uploads of a bucket that was deleted");
    finding.grade = note;
    report(finding);
  }
  co_return Result<void>();
}

Task<Result<void>> Fsck::check_entry(const Place& place, const Entry& entry) {
  auto view = view_entry(entry);
  const auto table = static_cast<Table>(entry.key.front());
  CO_TRY_VOID(co_await pace_.spend(0));
  if (!view.wrong.empty()) {
    if (table == Table::objects || table == Table::parts) all_read_ = false;
    report(about(place, entry, view, view.wrong));
    counted_.whole = false;
    co_return Result<void>();
  }
  count_entry(entry, counted_);
  switch (table) {
    case Table::objects:
      ++tally_.objects;
      break;
    case Table::parts:
      ++tally_.parts;
      break;
    case Table::uploads:
      ++tally_.uploads;
      break;
    case Table::upload_keys:
    case Table::garbage:
    case Table::numbers:
    case Table::closed:
      break;
  }
  if (table == Table::closed && !place.bucket.empty()) {
    auto finding = about(place, entry, view, "a deletion did not end; the next write undoes it");
    finding.grade = note;
    report(finding);
  }
  CO_TRY_VOID(co_await check_upload(place, entry, view));
  if (view.content) CO_TRY_VOID(co_await check_bytes(place, entry, std::move(view)));
  co_return Result<void>();
}

Task<Result<void>> Fsck::check_upload(const Place& place, const Entry& entry,
                                      const EntryView& view) {
  if (view.upload_id.empty()) co_return Result<void>();
  Index index(kv_, id_of(place.partition));
  const auto table = static_cast<Table>(entry.key.front());
  const bool is_upload = table == Table::uploads;
  auto other = is_upload ? upload_name(view.key, view.upload_id) : upload_key(view.upload_id);
  const auto stored = co_await index.get(std::move(other));
  if (!stored && !is_damage(stored.error())) co_return fail(stored.error());
  if (!stored) co_return Result<void>();  // the walk meets it, and reports it
  if (is_upload && !*stored) report(about(place, entry, view, "the upload is not listed"));
  if (is_upload || (*stored && table == Table::parts)) co_return Result<void>();
  if (table == Table::parts) {
    auto finding = about(place, entry, view, "its upload is gone; the next start frees it");
    finding.grade = note;
    report(finding);
    co_return Result<void>();
  }
  const auto record = *stored ? decode_upload(**stored) : fail(codes::corrupt, "");
  if (!*stored || (record && record->key != view.key))
    report(about(place, entry, view, "an upload is listed that is not there"));
  co_return Result<void>();
}

Task<Result<void>> Fsck::check_bytes(const Place& place, const Entry& entry, EntryView view) {
  CO_TRY(const auto damages,
         co_await check_content(blobs_, pace_, Depth::digests, *view.content, view.promise));
  tally_.bytes += view.content->size;
  for (const auto& damage : damages) {
    auto finding = about(place, entry, view, damage.what);
    finding.blob = damage.blob;
    finding.bytes = damage.bytes;
    finding.blob_is_damaged = damage.blob_is_damaged;
    report(finding);
  }
  co_return Result<void>();
}

Task<Result<void>> Fsck::check_blobs(const std::vector<Place>& places) {
  std::optional<storage::BlobId> after;
  for (;;) {
    CO_TRY(const auto ids, co_await blobs_.list(after, options_.blobs_at_once));
    tally_.blobs += ids.size();
    std::vector<std::uint8_t> names(ids.size());
    if (!ids.empty()) CO_TRY_VOID(co_await count_names(places, ids, names));
    for (std::size_t i = 0; i < ids.size() && all_read_; ++i)
      if (names[i] == 0) CO_TRY_VOID(co_await report_orphan(ids[i]));
    if (ids.size() < options_.blobs_at_once) break;
    after = ids.back();
  }
  if (!all_read_)
    report({.grade = note,
            .what = "not every record could be read, so nothing is said of blobs without a name"});
  co_return Result<void>();
}

Task<Result<void>> Fsck::count_names(const std::vector<Place>& places,
                                     const std::vector<storage::BlobId>& ids,
                                     std::vector<std::uint8_t>& names) {
  for (const auto& place : places) {
    for (const auto table : {Table::garbage, Table::objects, Table::parts}) {
      storage::EntryWalk walk(kv_, place.partition, all_of(table));
      for (;;) {
        CO_TRY_VOID(co_await pace_.spend(0));
        const auto entry = co_await walk.next();
        if (!entry && !is_damage(entry.error())) co_return fail(entry.error());
        if (!entry || !*entry) break;  // damage was met and reported before
        const auto view = view_entry(**entry);
        for (const auto& blob : blobs_of(view)) {
          const auto at = std::ranges::lower_bound(ids, blob);
          if (at == ids.end() || *at != blob) continue;
          auto& count = names[static_cast<std::size_t>(at - ids.begin())];
          if (++count < 2) continue;
          count = 1;
          auto finding = about(place, **entry, view, "its blob has another name as well");
          finding.blob = blob;
          report(finding);
        }
      }
    }
  }
  co_return Result<void>();
}

Task<Result<void>> Fsck::report_orphan(storage::BlobId id) {
  Finding finding{.grade = note, .what = "no record names the blob; the next start frees it"};
  finding.blob = id;
  const auto opened = co_await blobs_.read(id, storage::whole_blob);
  if (opened && *opened) {
    const auto length = (**opened)->length().value_or(0);
    finding.bytes = storage::ByteRange{0, length};
    tally_.orphan_bytes += length;
  }
  ++tally_.orphans;
  report(finding);
  co_return Result<void>();
}

}  // namespace larder::s3
