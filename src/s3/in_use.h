// Blobs that this process is writing, or reading: neither may be taken for garbage.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "storage/blobs.h"

namespace larder::s3 {

/// Safe from any core. Holds may outlive it.
class InUse {
  struct State {
    std::mutex mutex;
    std::map<storage::BlobId, int> counts;  // guarded by mutex
  };

 public:
  /// Keeps its blobs while it lives. Moves.
  class Hold {
   public:
    Hold() = default;
    Hold(InUse& all, std::vector<storage::BlobId> blobs);
    ~Hold() { release(); }
    Hold(Hold&& other) noexcept = default;
    Hold& operator=(Hold&& other) noexcept {
      release();
      state_ = std::move(other.state_);
      blobs_ = std::move(other.blobs_);
      return *this;
    }

   private:
    void release();

    std::shared_ptr<State> state_;
    std::vector<storage::BlobId> blobs_;
  };

  bool contains(const storage::BlobId& blob) const;

 private:
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace larder::s3
