// The admin port: is the server alive, can it serve, and what has it counted?
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "aws/audit.h"
#include "base/metrics_registry.h"
#include "http/message.h"

namespace larder::server {

/// GET and HEAD of /health/live, /health/ready and /metrics. Safe from any core. Whoever reaches
/// the port may ask: nothing here names a bucket, a key or a person.
class AdminService final : public http::Service {
 public:
  /// Not ready while `audit` is not: changes are refused then. `metrics` is complete.
  AdminService(const aws::AuditSink& audit, const metrics::Registry& metrics)
      : audit_(audit), metrics_(metrics) {}
  Task<void> serve(http::Request& request, http::ResponseWriter& response) override;
  /// From now on /health/ready answers 503: the server is finishing what runs.
  void stop_being_ready() { stopping_ = true; }

 private:
  struct Reply {
    int status;
    std::string_view type;
    std::string body;
  };
  Reply reply(const http::Request& request) const;

  const aws::AuditSink& audit_;
  const metrics::Registry& metrics_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace larder::server
