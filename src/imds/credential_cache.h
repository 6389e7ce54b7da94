// The same credentials for every caller between two rotations (§A.6).
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string>

#include "base/async/task.h"
#include "base/clock.h"
#include "base/result.h"
#include "imds/instance_view.h"
#include "imds/single_flight.h"

namespace larder::imds {

/// One core only.
///
/// (1) Credentials belong to one association and one role, and to one delivery. When any of them
///     changes, the old ones are not handed out again.
/// (2) They are replaced after an hour, and never handed out with less than half an hour left
///     while better ones can be had: AWS's clients take a document that is about to expire for an
///     outage.
/// (3) When new ones cannot be had, those that are valid are handed out until they expire.
/// (4) However many callers wait, one fetch is under way; a failed one is repeated after a second.
class CredentialCache {
 public:
  static constexpr std::chrono::hours rotation{1};
  static constexpr std::chrono::minutes left_min{30};
  static constexpr Seconds retry_after{1};

  CredentialCache(InstanceSource& source, const Clock& clock) : source_(source), clock_(clock) {}

  using Credentials = std::shared_ptr<const RoleCredentials>;
  /// Of the role that `profile` holds, which must have one. A code other than "Success" is an
  /// answer too, the newest. Failure: none are valid and none can be had.
  Task<Result<Credentials>> get(const Profile& profile, Delivery delivery);

 private:
  struct Slot {
    std::string association_id;
    std::string role_id;
    Credentials credentials;
    Time replace_at{};  // of the credentials
    Time retry_at{};    // not before, after a failure
    Error failure{};    // the last
    SingleFlight<Result<Credentials>> flight;
  };

  std::shared_ptr<Slot> slot_of(const Profile& profile, Delivery delivery);
  Task<Result<Credentials>> fetch(std::shared_ptr<Slot> slot, Delivery delivery);
  Result<Credentials> keep_or_fail(Slot& slot) const;

  InstanceSource& source_;
  const Clock& clock_;
  std::array<std::shared_ptr<Slot>, 2> slots_;  // by delivery
};

}  // namespace larder::imds
