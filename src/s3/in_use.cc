#include "s3/in_use.h"

namespace larder::s3 {

InUse::Hold::Hold(InUse& all, std::vector<storage::BlobId> blobs)
    : all_(&all), blobs_(std::move(blobs)) {
  const std::lock_guard lock(all_->mutex_);
  for (const auto& blob : blobs_) ++all_->counts_[blob];
}

void InUse::Hold::release() {
  if (all_ == nullptr) return;
  const std::lock_guard lock(all_->mutex_);
  for (const auto& blob : blobs_)
    if (--all_->counts_[blob] == 0) all_->counts_.erase(blob);
  all_ = nullptr;
}

bool InUse::contains(const storage::BlobId& blob) const {
  const std::lock_guard lock(mutex_);
  return counts_.contains(blob);
}

}  // namespace larder::s3
