#include "s3/scrub.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "s3/packed.h"
#include "storage/errors.h"
#include "storage/inspectable_kv.h"

namespace larder::s3 {
namespace {

using storage::Entry;

const storage::Partition partition = "scrub";
const std::string position_key = "position";
const storage::Partition catalogue = "buckets";
const std::vector<storage::Guard> unguarded;
constexpr std::uint8_t version = 1;
constexpr std::chrono::minutes save_interval{1};
constexpr std::chrono::minutes trouble_rest{1};
constexpr std::chrono::seconds busy_rest{1};
constexpr std::size_t told_max = 10'000;

std::uint64_t microseconds(Time time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

}  // namespace

/// Counts what is read on its way to the pace.
class Scrub::CountingPace final : public Pace {
 public:
  CountingPace(Pace& below, ScrubCounters& counters) : below_(below), counters_(counters) {}
  Task<Result<void>> spend(std::uint64_t bytes) override {
    counters_.bytes += bytes;
    co_return co_await below_.spend(bytes);
  }
  Task<Result<void>> rest_until(Time time) override { co_return co_await below_.rest_until(time); }

 private:
  Pace& below_;
  ScrubCounters& counters_;
};

Scrub::Scrub(storage::Kv& kv, storage::Blobs& blobs, ContentStore& contents, const Clock& clock,
             Usage& usage, Pace& pace, storage::FindingSink report)
    : kv_(kv),
      blobs_(blobs),
      contents_(contents),
      clock_(clock),
      usage_(usage),
      pace_(pace),
      report_(std::move(report)) {}

Task<Result<void>> Scrub::run() {
  for (;;) {
    auto loaded = co_await load();
    if (loaded) {
      position_ = *std::move(loaded);
      const Time due = position_.finished ? position_.began + interval : Time();
      CO_TRY_VOID(co_await pace_.rest_until(due));
      const auto passed = co_await run_pass();
      if (passed) continue;
      log::warning("checking stored objects goes on in a minute: {}", passed.error().message);
    } else {
      log::warning("checking stored objects begins in a minute: {}", loaded.error().message);
    }
    CO_TRY_VOID(co_await pace_.rest_until(clock_.now() + trouble_rest));
  }
}

Task<Result<Scrub::Position>> Scrub::load() {
  CO_TRY(const auto stored, co_await kv_.get(partition, position_key));
  Position position;
  if (!stored) co_return position;
  Unpacker in(*stored);
  const bool known = in.byte() == version;
  position.finished = in.byte() != 0;
  position.began = Time(std::chrono::microseconds(static_cast<std::int64_t>(in.varint())));
  position.bucket = in.text();
  position.bucket_id = in.text();
  position.key = in.text();
  // One that cannot be read costs no more than a pass from the beginning.
  if (!known || !in.done()) co_return Position();
  co_return position;
}

Task<Result<void>> Scrub::save(bool now) {
  if (!now && clock_.now() - saved_ < save_interval) co_return Result<void>();
  Packer out;
  out.byte(version);
  out.byte(position_.finished ? 1 : 0);
  out.varint(microseconds(position_.began));
  out.text(position_.bucket);
  out.text(position_.bucket_id);
  out.text(position_.key);
  std::vector<storage::Write> writes;
  writes.push_back({position_key, out.take()});
  // What came of it does not matter: an older position is as good.
  CO_TRY_VOID(co_await kv_.commit(partition, unguarded, std::move(writes)));
  saved_ = clock_.now();
  co_return Result<void>();
}

Task<Result<void>> Scrub::run_pass() {
  CO_TRY(position_, co_await load());
  if (position_.finished) {
    position_ = Position();
    position_.began = clock_.now();
    position_.finished = false;
  }
  saved_ = clock_.now();
  storage::EntryWalk walk(kv_, catalogue, storage::KeyRange{position_.bucket, ""});
  for (;;) {
    CO_TRY(const auto entry, co_await walk.next());
    if (!entry) break;
    auto bucket = decode_bucket(entry->key, entry->value);
    if (!bucket || !is_id(bucket->id)) {
      tell({.what = bucket ? "the bucket's id is none" : bucket.error().message,
            .partition = catalogue,
            .record = entry->key,
            .bucket = entry->key});
      continue;
    }
    CO_TRY_VOID(co_await check_bucket(*std::move(bucket)));
  }
  position_.finished = true;
  position_.bucket.clear();
  position_.bucket_id.clear();
  position_.key.clear();
  ++counters_.passes;
  co_return co_await save(true);
}

Task<Result<void>> Scrub::check_bucket(BucketRecord bucket) {
  // Another bucket of the same name has been seen from its beginning.
  if (position_.bucket != bucket.name || position_.bucket_id != bucket.id) position_.key.clear();
  position_.bucket = bucket.name;
  position_.bucket_id = bucket.id;
  for (const auto table : {Table::objects, Table::parts})
    CO_TRY_VOID(co_await check_table(bucket, table));
  co_return co_await check_use(bucket);
}

Task<Result<void>> Scrub::check_use(const BucketRecord& bucket) {
  auto checked = co_await usage_.check(bucket.id, pace_);
  // The walk of the tables has told of it.
  if (!checked && checked.error().code == codes::corrupt) co_return Result<void>();
  CO_TRY(const auto correction, std::move(checked));
  if (!correction) co_return Result<void>();
  auto what = difference(correction->was.use, correction->is);
  if (correction->was.recount) {
    log::info("bucket {}: {}", bucket.name, what);
  } else {
    tell({.what = std::move(what), .partition = index_partition(bucket.id), .bucket = bucket.name});
  }
  co_return Result<void>();
}

Task<Result<void>> Scrub::check_table(const BucketRecord& bucket, Table table) {
  auto range = all_of(table);
  range.begin = std::max(range.begin, position_.key);
  if (range.begin >= range.end) co_return Result<void>();
  storage::EntryWalk walk(kv_, "index/" + bucket.id + "/0", range);
  for (;;) {
    CO_TRY(const auto entry, co_await walk.next());
    if (!entry) co_return Result<void>();
    for (;;) {
      auto checked = co_await check_entry(bucket, *entry);
      if (checked) break;
      // The server has too much to do: requests come first.
      if (checked.error().code != codes::slow_down) co_return checked;
      CO_TRY_VOID(co_await pace_.rest_until(clock_.now() + busy_rest));
    }
    ++counters_.records;
    position_.key = entry->key + '\0';
    CO_TRY_VOID(co_await save(false));
  }
}

Task<Result<void>> Scrub::check_entry(const BucketRecord& bucket, const Entry& entry) {
  const auto view = view_entry(entry);
  CO_TRY_VOID(co_await pace_.spend(entry.key.size() + entry.value.size()));
  InUse::Hold hold;
  if (view.content) hold = contents_.hold(*view.content);
  // Named after it was held: now it stays, whatever becomes of the record.
  Index index(kv_, bucket.id);
  CO_TRY(const auto now, co_await index.get(entry.key));
  if (now != entry.value) co_return Result<void>();
  if (!view.wrong.empty()) {
    report(bucket, entry, view, ContentDamage{view.wrong});
    co_return Result<void>();
  }
  if (!view.content) co_return Result<void>();
  CO_TRY(auto damages, co_await check_bytes(view));
  for (auto& damage : damages) report(bucket, entry, view, std::move(damage));
  co_return Result<void>();
}

Task<Result<std::vector<ContentDamage>>> Scrub::check_bytes(const EntryView& view) {
  CountingPace pace(pace_, counters_);
  co_return co_await check_content(blobs_, pace, Depth::blocks, *view.content, view.promise);
}

void Scrub::report(const BucketRecord& bucket, const Entry& entry, const EntryView& view,
                   ContentDamage damage) {
  storage::Finding finding{.what = std::move(damage.what),
                           .partition = "index/" + bucket.id + "/0",
                           .record = entry.key,
                           .bucket = bucket.name,
                           .key = view.key,
                           .version = view.version,
                           .blob = damage.blob,
                           .bytes = damage.bytes,
                           .blob_is_damaged = damage.blob_is_damaged};
  if (view.part > 0)
    finding.what =
        fmt::format("part {} of the upload {}: {}", view.part, view.upload_id, finding.what);
  tell(finding);
}

void Scrub::tell(const storage::Finding& finding) {
  const auto place = fmt::format("{}{} {}", finding.partition, finding.record, finding.what);
  if (told_.size() >= told_max || !told_.insert(place).second) return;
  ++counters_.damaged;
  report_(finding);
}

}  // namespace larder::s3
