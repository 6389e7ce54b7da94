// The admin port: is the server alive, and can it serve?
#pragma once

#include <atomic>

#include "aws/audit.h"
#include "http/message.h"

namespace larder::server {

/// GET and HEAD of /health/live and /health/ready. Safe from any core.
class AdminService final : public http::Service {
 public:
  /// Not ready while `audit` is not: changes are refused then.
  explicit AdminService(const aws::AuditSink& audit) : audit_(audit) {}
  Task<void> serve(http::Request& request, http::ResponseWriter& response) override;
  /// From now on /health/ready answers 503: the server is finishing what runs.
  void stop_being_ready() { stopping_ = true; }

 private:
  const aws::AuditSink& audit_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace larder::server
