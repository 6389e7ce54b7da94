#include "s3/entry_check.h"

#include "base/limits.h"
#include "codec/base64.h"
#include "s3/use.h"
#include "storage/finding.h"

namespace larder::s3 {
namespace {

using storage::printable;

constexpr std::size_t mark_bytes = 16;
constexpr std::size_t id_digits = 32;
constexpr std::string_view current_version("\0", 1);
const std::string present(1, '\x01');

void view_object(const storage::Entry& entry, EntryView& view) {
  const auto split_key = split(entry.key);
  if (!split_key || split_key->suffix != current_version) {
    view.wrong = "no key of an object: " + printable(entry.key);
    return;
  }
  view.key = split_key->key;
  view.version = "null";
  auto record = decode_object(entry.value);
  if (!record) {
    view.wrong = record.error().message;
    return;
  }
  view.promise = {std::move(record->etag), std::move(record->checksum), record->multipart()};
  view.content = std::move(record->content);
}

void view_part(const storage::Entry& entry, EntryView& view) {
  if (entry.key.size() != 1 + id_digits + 2 || !is_id(upload_of_part(entry.key))) {
    view.wrong = "no key of a part: " + printable(entry.key);
    return;
  }
  view.upload_id = upload_of_part(entry.key);
  view.part = part_number(entry.key);
  auto record = decode_part(entry.value);
  if (!record) {
    view.wrong = record.error().message;
    return;
  }
  view.promise = {std::move(record->etag), std::move(record->checksum), false};
  view.content = std::move(record->content);
}

void view_upload(const storage::Entry& entry, EntryView& view) {
  view.upload_id = entry.key.substr(1);
  if (!is_id(view.upload_id)) view.wrong = "no key of an upload: " + printable(entry.key);
  const auto record = decode_upload(entry.value);
  if (!record) {
    view.wrong = record.error().message;
    return;
  }
  if (record->key.size() > limits::s3_key) view.wrong = "the upload has a key that is too long";
  view.key = record->key;
}

void view_upload_name(const storage::Entry& entry, EntryView& view) {
  const auto split_key = split(entry.key);
  if (!split_key || !is_id(split_key->suffix)) {
    view.wrong = "no key of an upload: " + printable(entry.key);
    return;
  }
  view.key = split_key->key;
  view.upload_id = split_key->suffix;
  if (entry.value != present) view.wrong = "another value than an upload's name has";
}

void view_garbage(const storage::Entry& entry, EntryView& view) {
  view.garbage = storage::BlobId::parse(hex_encode(std::string_view(entry.key).substr(1)));
  if (!view.garbage) view.wrong = "no blob's id in the queue of garbage";
  if (entry.value != present) view.wrong = "another value than an entry of the queue has";
}

}  // namespace

bool is_id(std::string_view text) {
  return text.size() == id_digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

EntryView view_entry(const storage::Entry& entry) {
  EntryView view;
  switch (static_cast<Table>(entry.key.front())) {
    case Table::objects:
      view_object(entry, view);
      return view;
    case Table::parts:
      view_part(entry, view);
      return view;
    case Table::uploads:
      view_upload(entry, view);
      return view;
    case Table::upload_keys:
      view_upload_name(entry, view);
      return view;
    case Table::garbage:
      view_garbage(entry, view);
      return view;
    case Table::numbers:
      if (!is_number_entry(entry)) view.wrong = "no number of what the bucket holds";
      return view;
    case Table::closed:
      if (entry.key.size() != 1 || entry.value.size() != mark_bytes)
        view.wrong = "no mark of a deletion";
      return view;
  }
  view.wrong = "a key of no table: " + printable(entry.key);
  return view;
}

std::vector<storage::BlobId> blobs_of(const EntryView& view) {
  std::vector<storage::BlobId> blobs;
  if (view.content)
    for (const auto& piece : view.content->pieces) blobs.push_back(piece.blob);
  if (view.garbage) blobs.push_back(*view.garbage);
  return blobs;
}

}  // namespace larder::s3
