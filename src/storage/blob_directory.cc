#include "storage/blob_directory.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "storage/errors.h"

namespace larder::storage {
namespace {

bool is_level(const std::string& name) {
  return name.size() == 2 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// Sorted; empty where there is no such directory.
Result<std::vector<std::string>> sorted_children(FileSystem& files, const std::string& path) {
  auto names = files.children(path);
  if (!names && names.error().code == codes::no_such_file) return std::vector<std::string>();
  if (names) std::ranges::sort(*names);
  return names;
}

}  // namespace

BlobDirectory::BlobDirectory(std::string path, FileSystem& files, FilesBlobsOptions options)
    : path_(std::move(path)), files_(files), options_(options), sweeper_([this] { sweep(); }) {}

BlobDirectory::~BlobDirectory() {
  {
    const std::lock_guard lock(discarded_mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  sweeper_.join();
}

Result<void> BlobDirectory::prepare() {
  TRY_VOID(files_.create_directory(path_));
  TRY_VOID(files_.sync_directory(parent_directory(path_)));
  TRY_VOID(files_.create_directory(path_ + "/tmp"));
  TRY_VOID(files_.sync_directory(path_));
  TRY(const auto leftovers, files_.children(path_ + "/tmp"));
  for (const auto& name : leftovers) TRY_VOID(files_.remove_file(path_ + "/tmp/" + name));
  return {};
}

std::string blob_path(const std::string& directory, const BlobId& id) {
  const auto text = id.str();
  return directory + "/" + text.substr(0, 2) + "/" + text.substr(2, 2) + "/" + text;
}

std::string BlobDirectory::temporary_path_of(const BlobId& id) const {
  return path_ + "/tmp/" + id.str();
}

Result<void> BlobDirectory::admit(std::size_t bytes) {
  TRY(const auto space, files_.free_space(path_));
  if (space < bytes || space - bytes < options_.free_space_min)
    return fail(codes::storage_full, "The disk that holds the objects is full.");
  return {};
}

Result<void> BlobDirectory::ensure_directories(const std::string& text) {
  // A directory that is there may still be one that a power cut takes away: it is synced at its
  // first use by this process, whoever made it.
  const auto first = text.substr(0, 2);
  const auto second = first + "/" + text.substr(2, 2);
  const std::lock_guard lock(directories_mutex_);
  if (durable_.contains(second)) return {};
  TRY_VOID(files_.create_directory(path_ + "/" + first));
  if (!durable_.contains(first)) TRY_VOID(files_.sync_directory(path_));
  durable_.insert(first);
  TRY_VOID(files_.create_directory(path_ + "/" + second));
  TRY_VOID(files_.sync_directory(path_ + "/" + first));
  durable_.insert(second);
  return {};
}

Result<void> BlobDirectory::publish(const BlobId& id) {
  TRY_VOID(ensure_directories(id.str()));
  const auto path = path_of(id);
  TRY_VOID(files_.rename(temporary_path_of(id), path));
  return files_.sync_directory(parent_directory(path));
}

void BlobDirectory::discard(const BlobId& id) {
  {
    const std::lock_guard lock(discarded_mutex_);
    discarded_.push_back(id);
  }
  wake_.notify_one();
}

void BlobDirectory::sweep() {
  std::unique_lock lock(discarded_mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !discarded_.empty(); });
    if (discarded_.empty()) return;
    const auto ids = std::exchange(discarded_, {});
    lock.unlock();
    for (const auto& id : ids) {
      const auto removed = files_.remove_file(temporary_path_of(id));
      if (!removed && removed.error().code != codes::no_such_file)
        log::warning("an unfinished blob stays until the next start: {}", removed.error().message);
    }
    lock.lock();
  }
}

Result<std::vector<BlobId>> BlobDirectory::list(const std::optional<BlobId>& after,
                                                std::size_t limit) {
  const auto from = after ? after->str() : std::string();
  std::vector<BlobId> ids;
  TRY(const auto firsts, sorted_children(files_, path_));
  for (const auto& first : firsts) {
    if (!is_level(first) || first < from.substr(0, 2)) continue;
    TRY(const auto seconds, sorted_children(files_, path_ + "/" + first));
    for (const auto& second : seconds) {
      if (!is_level(second) || first + second < from.substr(0, 4)) continue;
      TRY(const auto names, sorted_children(files_, path_ + "/" + first + "/" + second));
      for (const auto& name : names) {
        const auto id = BlobId::parse(name);
        if (!id || (after && *id <= *after)) continue;
        ids.push_back(*id);
        if (ids.size() == limit) return ids;
      }
    }
  }
  return ids;
}

}  // namespace larder::storage
