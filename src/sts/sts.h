// STS: the service that src/sts/operations.cc works on.
#pragma once

#include <span>

#include "aws/directory.h"
#include "aws/operation.h"
#include "aws/session.h"
#include "base/clock.h"

namespace larder::sts {

/// Safe from any core.
class Sts {
 public:
  Sts(const aws::RoleDirectory& roles, aws::SessionIssuer& issuer)
      : roles_(roles), issuer_(issuer) {}

  const aws::RoleDirectory& roles() const { return roles_; }
  aws::SessionIssuer& issuer() { return issuer_; }

 private:
  const aws::RoleDirectory& roles_;
  aws::SessionIssuer& issuer_;
};

std::span<const aws::Operation> sts_operations();
/// Of Larder's own service, on the Unix socket alone.
std::span<const aws::Operation> credential_operations();

}  // namespace larder::sts
