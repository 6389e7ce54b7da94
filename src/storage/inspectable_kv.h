// A Kv that can be looked at as a whole: for what checks a store. What serves requests knows the
// partitions it uses.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "storage/kv.h"

namespace larder::storage {

/// As Kv.
class InspectableKv : public Kv {
 public:
  /// At most `limit` (>= 1) partitions that have keys, each once, in an order of the store's own,
  /// behind `after` (empty: from the first). Fewer than `limit`: the end.
  virtual Task<Result<std::vector<Partition>>> partitions(Partition after, std::size_t limit) = 0;

  /// Reads everything that is stored, what no key leads to included, against its checksums.
  /// DataCorrupted says which file.
  virtual Task<Result<void>> verify() = 0;
};

/// Goes through the entries of a range in their order. One core.
class EntryWalk {
 public:
  /// `kv` outlives it.
  EntryWalk(Kv& kv, Partition partition, KeyRange range)
      : kv_(kv), partition_(std::move(partition)), range_(std::move(range)) {}

  /// nullopt: the end. Entries are read by the page, so that one may be some time old. After an
  /// error (DataCorrupted: at most one entry before the damage was not given out) the next call
  /// tries again at the same place.
  Task<Result<std::optional<Entry>>> next();

  /// Where the next page is read: all entries before it have been given out, or are next.
  const std::string& position() const { return range_.begin; }

 private:
  Kv& kv_;
  const Partition partition_;
  KeyRange range_;
  std::size_t limit_ = 1000;  // entries of a page
  std::vector<Entry> page_;
  std::size_t at_ = 0;
  bool more_ = true;
};

}  // namespace larder::storage
