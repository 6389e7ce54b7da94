#include "storage/testing/faulty_file_system.h"

#include <condition_variable>

#include "storage/errors.h"

namespace larder::storage::test {

struct FaultyFileSystem::Plan {
  mutable std::mutex mutex;
  std::uint64_t count = 0;
  std::optional<std::uint64_t> at;
  Fault fault = Fault::dies;
  bool failed = false;
  std::condition_variable changed;
  bool syncs_are_held = false;
  int held_syncs = 0;

  void pass_gate() {
    std::unique_lock lock(mutex);
    ++held_syncs;
    changed.notify_all();
    changed.wait(lock, [this] { return !syncs_are_held; });
    --held_syncs;
  }

  /// The fault that meets this operation, if any. `is_first`: it is not dead already.
  std::optional<Fault> step(bool* is_first = nullptr) {
    const std::lock_guard lock(mutex);
    const auto n = count++;
    if (!at || n < *at || (n > *at && fault != Fault::dies)) return std::nullopt;
    failed = true;
    if (is_first != nullptr) *is_first = n == *at;
    return fault;
  }
};

namespace {

using Plan = FaultyFileSystem::Plan;

std::unexpected<Error> error_of(Fault fault) {
  return fault == Fault::disk_full ? fail(codes::storage_full, "injected: no space left")
                                   : fail(codes::storage_failure, "injected: input/output error");
}

class FaultyReadable final : public ReadableFile {
 public:
  FaultyReadable(std::unique_ptr<ReadableFile> below, std::shared_ptr<Plan> plan)
      : below_(std::move(below)), plan_(std::move(plan)) {}
  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const override {
    if (const auto fault = plan_->step()) return error_of(*fault);
    return below_->read_at(offset, into);
  }
  Result<std::uint64_t> size() const override { return below_->size(); }

 private:
  const std::unique_ptr<ReadableFile> below_;
  const std::shared_ptr<Plan> plan_;
};

class FaultyWritable final : public WritableFile {
 public:
  FaultyWritable(std::unique_ptr<WritableFile> below, std::shared_ptr<Plan> plan)
      : below_(std::move(below)), plan_(std::move(plan)) {}
  Result<void> append(std::string_view data) override {
    const auto fault = plan_->step();
    if (!fault) return below_->append(data);
    if (*fault == Fault::short_write || *fault == Fault::disk_full)
      TRY_VOID(below_->append(data.substr(0, data.size() / 2)));
    return error_of(*fault);
  }
  Result<void> sync() override {
    if (const auto fault = plan_->step()) return error_of(*fault);
    return below_->sync();
  }
  Result<void> truncate(std::uint64_t size) override {
    if (const auto fault = plan_->step()) return error_of(*fault);
    return below_->truncate(size);
  }
  std::uint64_t size() const override { return below_->size(); }
  void reserve(std::uint64_t offset, std::uint64_t length) override {
    below_->reserve(offset, length);
  }

 private:
  const std::unique_ptr<WritableFile> below_;
  const std::shared_ptr<Plan> plan_;
};

class FaultyBlocks final : public BlockFile {
 public:
  FaultyBlocks(std::unique_ptr<BlockFile> below, std::shared_ptr<Plan> plan)
      : below_(std::move(below)), plan_(std::move(plan)) {}
  Result<void> write_at(std::uint64_t offset, std::span<const char> data) override {
    bool is_first = false;
    const auto fault = plan_->step(&is_first);
    if (!fault) return below_->write_at(offset, data);
    // Who dies in the middle of it may leave any sectors: power_cut() chooses.
    const std::size_t half = data.size() / 2 / block_size * block_size;
    if (*fault == Fault::dies && is_first) TRY_VOID(below_->write_at(offset, data));
    if (*fault == Fault::short_write || *fault == Fault::disk_full)
      TRY_VOID(below_->write_at(offset, data.first(half)));
    return error_of(*fault);
  }
  Result<void> sync() override {
    plan_->pass_gate();
    if (const auto fault = plan_->step()) return error_of(*fault);
    return below_->sync();
  }

 private:
  const std::unique_ptr<BlockFile> below_;
  const std::shared_ptr<Plan> plan_;
};

}  // namespace

FaultyFileSystem::FaultyFileSystem(FileSystem& below)
    : below_(below), plan_(std::make_shared<Plan>()) {}

void FaultyFileSystem::fail_at(std::uint64_t n, Fault fault) {
  const std::lock_guard lock(plan_->mutex);
  plan_->count = 0;
  plan_->at = n;
  plan_->fault = fault;
  plan_->failed = false;
}

void FaultyFileSystem::revive() {
  const std::lock_guard lock(plan_->mutex);
  plan_->at.reset();
}

bool FaultyFileSystem::has_failed() const {
  const std::lock_guard lock(plan_->mutex);
  return plan_->failed;
}

void FaultyFileSystem::hold_syncs() {
  const std::lock_guard lock(plan_->mutex);
  plan_->syncs_are_held = true;
}

void FaultyFileSystem::let_syncs_go() {
  const std::lock_guard lock(plan_->mutex);
  plan_->syncs_are_held = false;
  plan_->changed.notify_all();
}

void FaultyFileSystem::await_held_sync() {
  std::unique_lock lock(plan_->mutex);
  plan_->changed.wait(lock, [this] { return plan_->syncs_are_held && plan_->held_syncs > 0; });
}

std::uint64_t FaultyFileSystem::operations() const {
  const std::lock_guard lock(plan_->mutex);
  return plan_->count;
}

Result<std::unique_ptr<ReadableFile>> FaultyFileSystem::open(const std::string& path) {
  if (const auto fault = plan_->step()) return error_of(*fault);
  TRY(auto file, below_.open(path));
  return std::make_unique<FaultyReadable>(std::move(file), plan_);
}

Result<std::unique_ptr<WritableFile>> FaultyFileSystem::create(const std::string& path,
                                                               unsigned mode) {
  if (const auto fault = plan_->step()) return error_of(*fault);
  TRY(auto file, below_.create(path, mode));
  return std::make_unique<FaultyWritable>(std::move(file), plan_);
}

Result<std::unique_ptr<WritableFile>> FaultyFileSystem::open_to_append(const std::string& path) {
  if (const auto fault = plan_->step()) return error_of(*fault);
  TRY(auto file, below_.open_to_append(path));
  return std::make_unique<FaultyWritable>(std::move(file), plan_);
}

Result<std::unique_ptr<BlockFile>> FaultyFileSystem::open_blocks(const std::string& path,
                                                                 std::uint64_t size) {
  if (const auto fault = plan_->step()) return error_of(*fault);
  TRY(auto file, below_.open_blocks(path, size));
  return std::make_unique<FaultyBlocks>(std::move(file), plan_);
}

Result<std::optional<FileInfo>> FaultyFileSystem::info(const std::string& path) {
  if (const auto fault = plan_->step()) return error_of(*fault);
  return below_.info(path);
}

Result<std::vector<std::string>> FaultyFileSystem::children(const std::string& directory) {
  if (const auto fault = plan_->step()) return error_of(*fault);
  return below_.children(directory);
}

Result<void> FaultyFileSystem::remove_file(const std::string& path) {
  if (const auto fault = plan_->step()) return error_of(*fault);
  return below_.remove_file(path);
}

Result<void> FaultyFileSystem::remove_directory(const std::string& path) {
  if (const auto fault = plan_->step()) return error_of(*fault);
  return below_.remove_directory(path);
}

Result<bool> FaultyFileSystem::create_directory(const std::string& path) {
  if (const auto fault = plan_->step()) return error_of(*fault);
  return below_.create_directory(path);
}

Result<void> FaultyFileSystem::rename(const std::string& from, const std::string& to) {
  if (const auto fault = plan_->step()) return error_of(*fault);
  return below_.rename(from, to);
}

Result<void> FaultyFileSystem::link(const std::string& from, const std::string& to) {
  if (const auto fault = plan_->step()) return error_of(*fault);
  return below_.link(from, to);
}

Result<void> FaultyFileSystem::sync_directory(const std::string& path) {
  if (const auto fault = plan_->step()) return error_of(*fault);
  return below_.sync_directory(path);
}

Result<std::unique_ptr<FileLock>> FaultyFileSystem::lock(const std::string& path) {
  if (const auto fault = plan_->step()) return error_of(*fault);
  return below_.lock(path);
}

Result<std::uint64_t> FaultyFileSystem::free_space(const std::string& path) {
  if (const auto fault = plan_->step()) return error_of(*fault);
  return below_.free_space(path);
}

Result<std::uint64_t> FaultyFileSystem::total_space(const std::string& path) {
  if (const auto fault = plan_->step()) return error_of(*fault);
  return below_.total_space(path);
}

}  // namespace larder::storage::test
