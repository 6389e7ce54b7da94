#include "storage/memory_blobs.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

#include "base/check.h"

namespace larder::storage {

struct MemoryBlobs::State {
  std::mutex mutex;
  std::map<BlobId, std::shared_ptr<const std::string>> sealed;  // guarded by mutex
};

namespace {

class Writer final : public BlobWriter {
 public:
  Writer(std::shared_ptr<MemoryBlobs::State> state, BlobId id)
      : state_(std::move(state)), id_(id) {}

  Task<Result<void>> write(std::span<const char> chunk) override {
    CHECK(!sealed_);
    content_.append(chunk.data(), chunk.size());
    co_return Result<void>();
  }

  Task<Result<void>> seal() override {
    CHECK(!sealed_);
    sealed_ = true;
    auto content = std::make_shared<const std::string>(std::move(content_));
    const std::lock_guard lock(state_->mutex);
    state_->sealed.insert_or_assign(id_, std::move(content));
    co_return Result<void>();
  }

 private:
  std::shared_ptr<MemoryBlobs::State> state_;
  const BlobId id_;
  std::string content_;
  bool sealed_ = false;
};

class Source final : public ByteSource {
 public:
  Source(std::shared_ptr<const std::string> content, ByteRange range)
      : content_(std::move(content)),
        at_(std::min<std::uint64_t>(range.offset, content_->size())),
        end_(at_ + std::min<std::uint64_t>(range.length, content_->size() - at_)),
        length_(end_ - at_) {}

  Task<Result<std::size_t>> read(std::span<char> into) override {
    const std::size_t count = std::min<std::uint64_t>(into.size(), end_ - at_);
    std::memcpy(into.data(), content_->data() + at_, count);
    at_ += count;
    co_return count;
  }

  std::optional<std::uint64_t> length() const override { return length_; }

 private:
  const std::shared_ptr<const std::string> content_;
  std::uint64_t at_;
  const std::uint64_t end_;
  const std::uint64_t length_;
};

}  // namespace

MemoryBlobs::MemoryBlobs() : state_(std::make_shared<State>()) {}
MemoryBlobs::~MemoryBlobs() = default;

Task<Result<std::unique_ptr<BlobWriter>>> MemoryBlobs::create(BlobId id) {
  co_return std::make_unique<Writer>(state_, id);
}

Task<Result<std::optional<std::unique_ptr<ByteSource>>>> MemoryBlobs::read(BlobId id,
                                                                           ByteRange range) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->sealed.find(id);
  if (found == state_->sealed.end()) co_return std::nullopt;
  co_return std::make_unique<Source>(found->second, range);
}

Task<Result<void>> MemoryBlobs::remove(BlobId id) {
  const std::lock_guard lock(state_->mutex);
  state_->sealed.erase(id);
  co_return Result<void>();
}

Task<Result<std::vector<BlobId>>> MemoryBlobs::list(std::optional<BlobId> after,
                                                    std::size_t limit) {
  CHECK(limit >= 1);
  std::vector<BlobId> ids;
  const std::lock_guard lock(state_->mutex);
  auto at = after ? state_->sealed.upper_bound(*after) : state_->sealed.begin();
  for (; at != state_->sealed.end() && ids.size() < limit; ++at) ids.push_back(at->first);
  co_return ids;
}

}  // namespace larder::storage
