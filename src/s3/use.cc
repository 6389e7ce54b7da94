#include "s3/use.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "s3/records.h"
#include "storage/inspectable_kv.h"

namespace larder::s3 {
namespace {

const std::string recount_asked(1, '\x01');
constexpr std::uint64_t told_every = 64 * 1024;  // bytes

/// The second byte of a number's key, and which number it is.
constexpr std::pair<char, std::int64_t Use::*> numbers[] = {
    {'b', &Use::bytes}, {'o', &Use::objects}, {'p', &Use::upload_bytes}, {'u', &Use::uploads}};

std::string number_key(char which) { return {static_cast<char>(Table::numbers), which}; }
std::string recount_key() { return number_key('r'); }

}  // namespace

Use& Use::operator+=(const Use& other) {
  for (const auto& [which, number] : numbers) this->*number += other.*number;
  return *this;
}

Use& Use::operator-=(const Use& other) {
  for (const auto& [which, number] : numbers) this->*number -= other.*number;
  return *this;
}

void add_to(const Use& change, std::vector<storage::Write>& writes) {
  for (const auto& [which, number] : numbers)
    if (change.*number != 0) writes.push_back({number_key(which), std::nullopt, change.*number});
}

void ask_for_recount(std::vector<storage::Write>& writes) {
  writes.push_back({recount_key(), recount_asked});
}

bool is_number_entry(const storage::Entry& entry) {
  if (entry.key == recount_key()) return entry.value == recount_asked;
  const bool known = std::ranges::any_of(
      numbers, [&](const auto& number) { return entry.key == number_key(number.first); });
  return known && storage::number_of(entry.value);
}

Task<Result<StoredUse>> read_use(Index& index) {
  CO_TRY(auto page, co_await index.scan(all_of(Table::numbers), std::size(numbers) + 1));
  StoredUse stored;
  for (auto& entry : page.entries) {
    if (entry.key == recount_key()) stored.recount = true;
    for (const auto& [which, number] : numbers) {
      if (entry.key != number_key(which)) continue;
      CO_TRY(stored.use.*number, storage::number_of(std::move(entry.value)));
    }
  }
  co_return stored;
}

Task<Result<storage::CommitOutcome>> store_use(Index& index, StoredUse stored, Use counted) {
  std::vector<storage::Guard> guards;
  std::vector<storage::Write> writes;
  for (const auto& [which, number] : numbers) {
    guards.push_back({number_key(which), storage::number_value(stored.use.*number)});
    writes.push_back({number_key(which), storage::number_value(counted.*number)});
  }
  writes.push_back({recount_key(), std::nullopt});
  co_return co_await index.commit_always(std::move(guards), std::move(writes));
}

std::string difference(const Use& stored, const Use& counted) {
  const auto text = [](const Use& use) {
    return fmt::format("{} objects of {} bytes, {} uploads of {} bytes", use.objects, use.bytes,
                       use.uploads, use.upload_bytes);
  };
  return fmt::format("the bucket holds {}, and its numbers say {}; the server puts them right",
                     text(counted), text(stored));
}

void count_entry(const storage::Entry& entry, CountedUse& counted) {
  switch (static_cast<Table>(entry.key.front())) {
    case Table::objects: {
      ++counted.use.objects;
      const auto record = decode_object(entry.value);
      counted.whole = counted.whole && record;
      if (record) counted.use.bytes += static_cast<std::int64_t>(record->content.size);
      return;
    }
    case Table::parts: {
      const auto record = decode_part(entry.value);
      counted.whole = counted.whole && record;
      if (record) counted.use.upload_bytes += static_cast<std::int64_t>(record->content.size);
      return;
    }
    case Table::uploads:
      ++counted.use.uploads;
      return;
    case Table::closed:
    case Table::garbage:
    case Table::numbers:
    case Table::upload_keys:
      return;
  }
}

Task<Result<CountedUse>> count_use(storage::Kv& kv, std::string bucket_id, Pace& pace) {
  CountedUse counted;
  std::uint64_t bytes = 0;  // since the pace was told
  for (const auto table : {Table::objects, Table::parts, Table::uploads}) {
    storage::EntryWalk walk(kv, index_partition(bucket_id), all_of(table));
    for (;;) {
      CO_TRY(const auto entry, co_await walk.next());
      if (!entry) break;
      count_entry(*entry, counted);
      bytes += entry->key.size() + entry->value.size();
      if (bytes < told_every) continue;
      CO_TRY_VOID(co_await pace.spend(std::exchange(bytes, 0)));
    }
  }
  CO_TRY_VOID(co_await pace.spend(bytes));
  co_return counted;
}

}  // namespace larder::s3
