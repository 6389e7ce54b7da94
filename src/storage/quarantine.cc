#include "storage/quarantine.h"

#include "storage/blob_directory.h"

namespace larder::storage {
namespace {

std::string quarantine_of(const std::string& data) { return data + "/quarantine"; }

}  // namespace

Result<void> quarantine_blob(FileSystem& files, const std::string& data, const BlobId& id) {
  const auto directory = quarantine_of(data);
  const auto from = blob_path(data + "/blobs", id);
  TRY_VOID(files.create_directory(directory));
  TRY_VOID(files.sync_directory(data));
  TRY_VOID(files.rename(from, directory + "/" + id.str()));
  // In this order: a power cut in between leaves it in both places, not in neither.
  TRY_VOID(files.sync_directory(directory));
  return files.sync_directory(parent_directory(from));
}

Result<bool> is_quarantined(FileSystem& files, const std::string& data, const BlobId& id) {
  TRY(const auto found, files.info(quarantine_of(data) + "/" + id.str()));
  return found.has_value();
}

}  // namespace larder::storage
