// The admin port: is the server alive, and can it serve?
#pragma once

#include <atomic>

#include "http/message.h"

namespace larder::server {

/// GET and HEAD of /health/live and /health/ready. Safe from any core.
class AdminService final : public http::Service {
 public:
  Task<void> serve(http::Request& request, http::ResponseWriter& response) override;
  /// From now on /health/ready answers 503: the server is finishing what runs.
  void stop_being_ready() { ready_ = false; }

 private:
  std::atomic<bool> ready_ = true;
};

}  // namespace larder::server
