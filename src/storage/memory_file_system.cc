#include "storage/memory_file_system.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include "base/check.h"
#include "storage/errors.h"

namespace larder::storage {

struct MemoryFileSystem::Node {
  bool is_directory;
  unsigned mode;
  bool locked = false;
  // Of a file.
  std::string data;
  std::string synced_data;
  // Of a directory.
  std::map<std::string, std::shared_ptr<Node>> entries;
  std::map<std::string, std::shared_ptr<Node>> synced_entries;
};

namespace {

using Node = MemoryFileSystem::Node;
using Mutex = std::shared_ptr<std::mutex>;

std::unexpected<Error> absent(const std::string& path) {
  return fail(codes::no_such_file, path + ": no such file or directory");
}

std::string last_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

class MemoryReadable final : public ReadableFile {
 public:
  MemoryReadable(Mutex mutex, std::shared_ptr<Node> node)
      : mutex_(std::move(mutex)), node_(std::move(node)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const override {
    const std::lock_guard lock(*mutex_);
    if (offset >= node_->data.size()) return 0;
    const auto count = std::min<std::uint64_t>(into.size(), node_->data.size() - offset);
    std::memcpy(into.data(), node_->data.data() + offset, count);
    return count;
  }

  Result<std::uint64_t> size() const override {
    const std::lock_guard lock(*mutex_);
    return node_->data.size();
  }

 private:
  const Mutex mutex_;
  const std::shared_ptr<Node> node_;
};

class MemoryWritable final : public WritableFile {
 public:
  MemoryWritable(Mutex mutex, std::shared_ptr<Node> node)
      : mutex_(std::move(mutex)), node_(std::move(node)) {}

  Result<void> append(std::string_view data) override {
    const std::lock_guard lock(*mutex_);
    node_->data.append(data);
    return {};
  }

  Result<void> sync() override {
    const std::lock_guard lock(*mutex_);
    node_->synced_data = node_->data;
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    const std::lock_guard lock(*mutex_);
    node_->data.resize(size);
    return {};
  }

  std::uint64_t size() const override {
    const std::lock_guard lock(*mutex_);
    return node_->data.size();
  }

  void reserve(std::uint64_t, std::uint64_t) override {}

 private:
  const Mutex mutex_;
  const std::shared_ptr<Node> node_;
};

class MemoryBlocks final : public BlockFile {
 public:
  MemoryBlocks(Mutex mutex, std::shared_ptr<Node> node)
      : mutex_(std::move(mutex)), node_(std::move(node)) {}

  Result<void> write_at(std::uint64_t offset, std::span<const char> data) override {
    const std::lock_guard lock(*mutex_);
    CHECK(offset % block_size == 0 && data.size() % block_size == 0);
    CHECK(reinterpret_cast<std::uintptr_t>(data.data()) % block_size == 0);
    CHECK(offset + data.size() <= node_->data.size());
    std::ranges::copy(data, node_->data.begin() + static_cast<std::ptrdiff_t>(offset));
    unsynced_.push_back({offset, data.size()});
    return {};
  }

  Result<void> sync() override {
    const std::lock_guard lock(*mutex_);
    node_->synced_data.resize(node_->data.size());
    for (const auto& [offset, size] : unsynced_)
      node_->synced_data.replace(offset, size, node_->data, offset, size);
    unsynced_.clear();
    return {};
  }

 private:
  struct Range {
    std::uint64_t offset, size;
  };
  const Mutex mutex_;
  const std::shared_ptr<Node> node_;
  std::vector<Range> unsynced_;
};

class MemoryLock final : public FileLock {
 public:
  MemoryLock(Mutex mutex, std::shared_ptr<Node> node)
      : mutex_(std::move(mutex)), node_(std::move(node)) {}
  ~MemoryLock() override {
    const std::lock_guard lock(*mutex_);
    node_->locked = false;
  }

 private:
  const Mutex mutex_;
  const std::shared_ptr<Node> node_;
};

constexpr std::size_t sector = 512;

/// Of what was written over old contents, any sectors.
std::string torn_in_place(const Node& file, Random& random) {
  std::string left = file.synced_data;
  for (std::size_t at = 0; at < left.size(); at += sector) {
    const auto fresh = std::string_view(file.data).substr(at, sector);
    if (std::string_view(left).substr(at, sector) != fresh && random.number() % 2 == 0)
      left.replace(at, fresh.size(), fresh);
  }
  return left;
}

/// What a cut leaves of a file's contents.
std::string torn(const Node& file, Random* random) {
  if (random == nullptr) return file.synced_data;
  if (file.data.size() == file.synced_data.size()) return torn_in_place(file, *random);
  if (!file.data.starts_with(file.synced_data))
    return random->number() % 2 == 0 ? file.data : file.synced_data;
  const auto safe = file.synced_data.size();
  std::string left = file.data;  // half the time the size is right and only sectors are missing
  if (random->number() % 2 == 0) left.resize(safe + random->number() % (left.size() - safe + 1));
  for (auto at = (safe + sector - 1) / sector * sector; at < left.size(); at += sector) {
    if (random->number() % 4 != 0) continue;
    const auto end = std::min(at + sector, left.size());
    std::fill(left.begin() + static_cast<std::ptrdiff_t>(at),
              left.begin() + static_cast<std::ptrdiff_t>(end), '\0');
  }
  return left;
}

void settle(Node& node, Random* random) {
  node.locked = false;
  if (!node.is_directory) {
    node.data = node.synced_data = torn(node, random);
    return;
  }
  if (random == nullptr || random->number() % 2 == 0) node.entries = node.synced_entries;
  node.synced_entries = node.entries;
  for (auto& [name, child] : node.entries) settle(*child, random);
}

}  // namespace

MemoryFileSystem::MemoryFileSystem()
    : mutex_(std::make_shared<std::mutex>()),
      root_(new Node{.is_directory = true, .mode = 0700}),
      free_space_(UINT64_MAX) {}
MemoryFileSystem::~MemoryFileSystem() = default;

Result<std::shared_ptr<MemoryFileSystem::Node>> MemoryFileSystem::find(const std::string& path) {
  auto node = root_;
  for (std::size_t at = 0; at < path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto name = path.substr(at, end - at);
    at = end + 1;
    if (name.empty() || name == ".") continue;
    const auto found = node->entries.find(name);
    if (found == node->entries.end()) return absent(path);
    node = found->second;
  }
  return node;
}

Result<std::shared_ptr<MemoryFileSystem::Node>> MemoryFileSystem::find_directory(
    const std::string& path) {
  TRY(auto node, find(path));
  if (!node->is_directory) return fail(codes::storage_failure, path + ": not a directory");
  return node;
}

Result<std::unique_ptr<ReadableFile>> MemoryFileSystem::open(const std::string& path) {
  const std::lock_guard lock(*mutex_);
  TRY(auto node, find(path));
  if (node->is_directory) return fail(codes::storage_failure, path + ": is a directory");
  return std::make_unique<MemoryReadable>(mutex_, std::move(node));
}

Result<std::unique_ptr<WritableFile>> MemoryFileSystem::create(const std::string& path,
                                                               unsigned mode) {
  const std::lock_guard lock(*mutex_);
  TRY(const auto directory, find_directory(parent_directory(path)));
  auto& node = directory->entries[last_name(path)];
  if (!node) node.reset(new Node{.is_directory = false, .mode = mode});
  if (node->is_directory) return fail(codes::storage_failure, path + ": is a directory");
  node->mode = mode;
  node->data.clear();
  return std::make_unique<MemoryWritable>(mutex_, node);
}

Result<std::unique_ptr<WritableFile>> MemoryFileSystem::open_to_append(const std::string& path) {
  const std::lock_guard lock(*mutex_);
  TRY(const auto directory, find_directory(parent_directory(path)));
  auto& node = directory->entries[last_name(path)];
  if (!node) node.reset(new Node{.is_directory = false, .mode = 0600});
  if (node->is_directory) return fail(codes::storage_failure, path + ": is a directory");
  return std::make_unique<MemoryWritable>(mutex_, node);
}

Result<std::unique_ptr<BlockFile>> MemoryFileSystem::open_blocks(const std::string& path,
                                                                 std::uint64_t size) {
  const std::lock_guard lock(*mutex_);
  TRY(const auto directory, find_directory(parent_directory(path)));
  auto& node = directory->entries[last_name(path)];
  if (!node) node.reset(new Node{.is_directory = false, .mode = 0600});
  if (node->is_directory) return fail(codes::storage_failure, path + ": is a directory");
  if (node->data.size() < size) {
    node->data.resize(size);
    node->synced_data.resize(size);
  }
  return std::make_unique<MemoryBlocks>(mutex_, node);
}

Result<std::optional<FileInfo>> MemoryFileSystem::info(const std::string& path) {
  const std::lock_guard lock(*mutex_);
  const auto node = find(path);
  if (!node) return std::nullopt;
  return FileInfo{.is_directory = (*node)->is_directory,
                  .size = (*node)->data.size(),
                  .modified_seconds = 0,
                  .mode = (*node)->mode};
}

Result<std::vector<std::string>> MemoryFileSystem::children(const std::string& directory) {
  const std::lock_guard lock(*mutex_);
  TRY(const auto node, find_directory(directory));
  std::vector<std::string> names;
  for (const auto& [name, child] : node->entries) names.push_back(name);
  return names;
}

Result<void> MemoryFileSystem::remove_file(const std::string& path) {
  const std::lock_guard lock(*mutex_);
  TRY(const auto directory, find_directory(parent_directory(path)));
  const auto found = directory->entries.find(last_name(path));
  if (found == directory->entries.end()) return absent(path);
  if (found->second->is_directory) return fail(codes::storage_failure, path + ": is a directory");
  directory->entries.erase(found);
  return {};
}

Result<void> MemoryFileSystem::remove_directory(const std::string& path) {
  const std::lock_guard lock(*mutex_);
  TRY(const auto node, find_directory(path));
  if (!node->entries.empty()) return fail(codes::storage_failure, path + ": not empty");
  TRY(const auto directory, find_directory(parent_directory(path)));
  directory->entries.erase(last_name(path));
  return {};
}

Result<bool> MemoryFileSystem::create_directory(const std::string& path) {
  const std::lock_guard lock(*mutex_);
  TRY(const auto directory, find_directory(parent_directory(path)));
  auto& node = directory->entries[last_name(path)];
  if (node && !node->is_directory) return fail(codes::storage_failure, path + ": is a file");
  if (node) return false;
  node.reset(new Node{.is_directory = true, .mode = 0700});
  return true;
}

Result<void> MemoryFileSystem::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(*mutex_);
  TRY(auto node, find(from));
  TRY(const auto source, find_directory(parent_directory(from)));
  TRY(const auto target, find_directory(parent_directory(to)));
  source->entries.erase(last_name(from));
  target->entries.insert_or_assign(last_name(to), std::move(node));
  return {};
}

Result<void> MemoryFileSystem::link(const std::string& from, const std::string& to) {
  const std::lock_guard lock(*mutex_);
  TRY(auto node, find(from));
  TRY(const auto target, find_directory(parent_directory(to)));
  if (!target->entries.emplace(last_name(to), std::move(node)).second)
    return fail(codes::storage_failure, to + ": exists");
  return {};
}

Result<void> MemoryFileSystem::sync_directory(const std::string& path) {
  const std::lock_guard lock(*mutex_);
  TRY(const auto directory, find_directory(path));
  directory->synced_entries = directory->entries;
  return {};
}

Result<std::unique_ptr<FileLock>> MemoryFileSystem::lock(const std::string& path) {
  const std::lock_guard guard(*mutex_);
  TRY(const auto directory, find_directory(parent_directory(path)));
  auto& node = directory->entries[last_name(path)];
  if (!node) node.reset(new Node{.is_directory = false, .mode = 0600});
  if (node->locked) return fail(codes::locked, path + " is locked by another holder");
  node->locked = true;
  return std::make_unique<MemoryLock>(mutex_, node);
}

Result<std::uint64_t> MemoryFileSystem::free_space(const std::string&) {
  const std::lock_guard lock(*mutex_);
  return free_space_;
}

Result<std::uint64_t> MemoryFileSystem::total_space(const std::string&) { return UINT64_MAX; }

void MemoryFileSystem::power_cut(Random* random) {
  const std::lock_guard lock(*mutex_);
  settle(*root_, random);
}

void MemoryFileSystem::set_free_space(std::uint64_t bytes) {
  const std::lock_guard lock(*mutex_);
  free_space_ = bytes;
}

}  // namespace larder::storage
