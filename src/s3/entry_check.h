// One entry of a bucket's index by itself: is it what its key says, and which bytes does it name?
// Pure.
#pragma once

#include <optional>
#include <string>

#include "s3/content_check.h"
#include "s3/index.h"
#include "s3/records.h"
#include "storage/kv.h"

namespace larder::s3 {

/// What an entry of an index is. Empty where it is damaged, or of another kind.
struct EntryView {
  std::string wrong;  // one line; empty: nothing is

  std::string key;        // of an object, and of an upload
  std::string version;    // of an object: "null"
  std::string upload_id;  // of an upload and its parts
  std::uint32_t part = 0;

  // Of objects and parts.
  std::optional<Content> content{};
  ContentPromise promise{};

  std::optional<storage::BlobId> garbage{};  // that is to be removed
};

/// Whether `text` is an id of a bucket or an upload: 32 lower-case hex digits.
bool is_id(std::string_view text);

EntryView view_entry(const storage::Entry& entry);

/// The blobs that the entry keeps from being swept as orphans, garbage included.
std::vector<storage::BlobId> blobs_of(const EntryView& view);

}  // namespace larder::s3
