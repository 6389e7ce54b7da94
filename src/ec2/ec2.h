// The identity part of EC2: the service that src/ec2/operations works on.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "aws/directory.h"
#include "aws/operation.h"
#include "aws/session.h"
#include "aws/snapshot_store.h"
#include "base/clock.h"
#include "base/random.h"
#include "ec2/model.h"

namespace larder::ec2 {

/// Safe from any core.
class Ec2 {
 public:
  Ec2(storage::Kv& kv, const aws::RoleDirectory& roles, const aws::Authorizer& authorizer,
      aws::SessionIssuer& issuer, Random& random, std::string region)
      : store_(kv, random, "instances/"),
        roles_(roles),
        authorizer_(authorizer),
        issuer_(issuer),
        random_(random),
        region_(std::move(region)) {}

  Task<Result<void>> load(std::string account) { return store_.load(std::move(account)); }
  /// Null: an account that has no instances to know of.
  std::shared_ptr<const Instances> snapshot(std::string_view account) const {
    return store_.find(account);
  }
  template <class T>
  Task<Result<T>> update(const std::string& account,
                         std::function<Result<T>(Instances&, aws::Changes&)> change) {
    return store_.update<T>(account, std::move(change));
  }

  const aws::RoleDirectory& roles() const { return roles_; }
  const aws::Authorizer& authorizer() const { return authorizer_; }
  aws::SessionIssuer& issuer() { return issuer_; }
  Random& random() { return random_; }
  const std::string& region() const { return region_; }
  std::string zone() const { return region_ + "a"; }

 private:
  aws::SnapshotStore<Instances> store_;
  const aws::RoleDirectory& roles_;
  const aws::Authorizer& authorizer_;
  aws::SessionIssuer& issuer_;
  Random& random_;
  const std::string region_;
};

std::span<const aws::Operation> instance_operations();
std::span<const aws::Operation> association_operations();
/// Of Larder's own service, on the Unix socket alone: what a metadata service asks for.
std::span<const aws::Operation> metadata_operations();
/// The same: the ephemeral instances of `larder run`.
std::span<const aws::Operation> local_instance_operations();

}  // namespace larder::ec2
