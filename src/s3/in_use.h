// Blobs that this process is writing or reading: no sweep may touch them.
#pragma once

#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "storage/blobs.h"

namespace larder::s3 {

/// Safe from any core. Outlives its holds.
class InUse {
 public:
  /// Keeps its blobs while it lives. Moves.
  class Hold {
   public:
    Hold() = default;
    Hold(InUse& all, std::vector<storage::BlobId> blobs);
    ~Hold() { release(); }
    Hold(Hold&& other) noexcept
        : all_(std::exchange(other.all_, nullptr)), blobs_(std::move(other.blobs_)) {}
    Hold& operator=(Hold&& other) noexcept {
      release();
      all_ = std::exchange(other.all_, nullptr);
      blobs_ = std::move(other.blobs_);
      return *this;
    }

   private:
    void release();

    InUse* all_ = nullptr;
    std::vector<storage::BlobId> blobs_;
  };

  bool contains(const storage::BlobId& blob) const;

 private:
  mutable std::mutex mutex_;
  std::map<storage::BlobId, int> counts_;  // guarded by mutex_
};

}  // namespace larder::s3
