// What `larder policy explain` asks a running server: may this principal do that, and why, by the
// policies that are stored. Joins IAM, which has the principals, with S3, which has the buckets.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "aws/directory.h"
#include "aws/operation.h"
#include "iam/iam.h"
#include "s3/s3.h"

namespace larder::server {

/// Safe from any core.
class DecisionExplainer {
 public:
  DecisionExplainer(const iam::Iam& iam, const aws::RoleDirectory& roles, s3::S3& s3,
                    std::string region)
      : iam_(iam), roles_(roles), s3_(s3), region_(std::move(region)) {}

  const iam::Iam& iam() const { return iam_; }
  const std::string& region() const { return region_; }

  /// The caller that the principal is when it makes a request: "anonymous", a service's name, or
  /// the ARN of a root, user, role (as its session "explain") or role session. NoSuchEntity.
  Result<aws::Caller> caller(std::string_view principal, Time now) const;

  /// Who owns the resource, and its policy: of a bucket and its objects the bucket's, of a role
  /// that is to be assumed its trust policy. NoSuchEntity when there is no such role; a bucket that
  /// does not exist has neither.
  Task<Result<aws::Fact>> resource(std::string action, std::string arn) const;

 private:
  Result<aws::Caller> session_of(const iam::Account& account, const iam::Role* role,
                                 std::string session_name, std::string_view principal,
                                 Time now) const;

  const iam::Iam& iam_;
  const aws::RoleDirectory& roles_;
  s3::S3& s3_;
  const std::string region_;
};

/// ExplainDecision, of Larder's own service.
std::span<const aws::Operation> explanation_operations();

}  // namespace larder::server
