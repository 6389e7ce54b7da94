#include "s3/in_use.h"

namespace larder::s3 {

InUse::Hold::Hold(InUse& all, std::vector<storage::BlobId> blobs)
    : state_(all.state_), blobs_(std::move(blobs)) {
  const std::lock_guard lock(state_->mutex);
  for (const auto& blob : blobs_) ++state_->counts[blob];
}

void InUse::Hold::release() {
  if (!state_) return;
  const std::lock_guard lock(state_->mutex);
  for (const auto& blob : blobs_)
    if (--state_->counts[blob] == 0) state_->counts.erase(blob);
}

bool InUse::contains(const storage::BlobId& blob) const {
  const std::lock_guard lock(state_->mutex);
  return state_->counts.contains(blob);
}

}  // namespace larder::s3
