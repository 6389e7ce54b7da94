// What is written down of every operation. The sink is in src/audit.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "aws/authorizer.h"
#include "aws/caller.h"
#include "base/clock.h"

namespace larder::aws {

/// What the caller asked to be allowed.
struct Permission {
  std::string action;    // s3:GetObject
  std::string resource;  // an ARN, or "*"
};

/// Field names in the log are CloudTrail's ("CloudTrail record contents", CloudTrail User Guide).
struct AuditEvent {
  Time time{};
  std::string request_id;
  std::string source;  // s3.amazonaws.com
  std::string name;    // PutObject
  std::string region;
  std::string source_ip;
  std::string user_agent;
  bool read_only = true;
  bool object_data = false;  // a read or write of an object: a "data event"
  std::string bucket;
  Caller caller;
  std::vector<std::pair<std::string, std::string>> parameters;  // never a secret
  std::vector<std::string> resources;                           // ARNs
  std::vector<Permission> authorized;                           // in the order of the questions
  std::vector<Permission> refused;                              // likewise
  Ruling ruling;  // the one that decided: the first denial, or the last allow; empty when none was
                  // reached
  std::string error_code;
  std::string error_message;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

/// Safe from any core.
class AuditSink {
 public:
  virtual ~AuditSink() = default;
  /// False: nothing can be written now, so changes are refused.
  virtual bool ready() const = 0;
  /// Appended when it returns; durable within a second.
  virtual Result<void> append(const AuditEvent& event) = 0;
};

}  // namespace larder::aws
