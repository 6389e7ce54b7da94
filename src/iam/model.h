// The entities of one account, and the immutable snapshot of all of them that authorization reads.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/snapshot_store.h"
#include "base/clock.h"
#include "base/result.h"
#include "policy/document.h"
#include "policy/evaluate.h"
#include "storage/kv.h"

namespace larder::iam {

/// A policy's text and what it compiled to. A stored text that cannot be read has a null document,
/// which denies.
struct PolicyText {
  std::string text;
  std::shared_ptr<const policy::Document> document;
};
/// For texts that come from storage or from our own tables.
PolicyText compile(std::string text, policy::Kind kind);

/// What users and roles have in common.
struct Entity {
  std::string name;
  std::string path = "/";
  std::string id;  // AIDA…, AROA…
  Time created{};
  std::map<std::string, PolicyText, std::less<>> inline_policies;  // by name
  std::vector<std::string> attached;  // ARNs of managed policies, in the order of attachment
  std::string boundary;               // ARN of a managed policy, or empty
  std::vector<std::pair<std::string, std::string>> tags;
};

struct User : Entity {};

struct Role : Entity {
  PolicyText trust;
  std::string description;
  std::int64_t max_session_seconds = 3600;
  bool reserved = false;  // Larder's own: nobody can change or delete it, and it is not stored
};

struct PolicyVersion {
  std::string id;  // v1, v2, …: never used again
  PolicyText policy;
  Time created{};
};

struct ManagedPolicy {
  std::string name;
  std::string path = "/";
  std::string id;  // ANPA…
  std::string arn;
  std::string description;
  Time created{};
  Time updated{};
  std::vector<PolicyVersion> versions;
  std::string default_version;
  std::int64_t versions_made = 0;
  std::vector<std::pair<std::string, std::string>> tags;
  bool aws_managed = false;

  const PolicyVersion& default_policy() const;
};

struct InstanceProfile {
  std::string name;
  std::string path = "/";
  std::string id;  // AIPA…
  Time created{};
  std::string role;  // its name, or empty
};

struct AccessKey {
  std::string id;             // AKIA…
  std::string user;           // empty: of the account's root
  std::string sealed_secret;  // storage/sealed.h
  bool active = true;
  Time created{};
};

/// Names are unique in an account without regard to case, and keep the case they were given.
std::string fold(std::string_view name);

template <class T>
using ByName = std::map<std::string, std::shared_ptr<const T>, std::less<>>;

/// The policies of a user or a role, put together when the snapshot is made: a decision reads them
/// as they are.
struct EntityPolicies {
  std::vector<policy::NamedPolicy> identity;
  std::optional<policy::NamedPolicy> boundary;  // one that is not to be found has a null document
};

/// Copies share the entities. put() and erase() alter this copy and add the writes that store the
/// change.
class Account {
 public:
  static Result<Account> from(const std::string& account,
                              const std::vector<storage::Entry>& entries);

  const std::string& id() const { return id_; }

  const User* user(std::string_view name) const { return find(users_, name); }
  const Role* role(std::string_view name) const { return find(roles_, name); }
  const InstanceProfile* instance_profile(std::string_view name) const {
    return find(profiles_, name);
  }
  /// Of this account or AWS's own.
  const ManagedPolicy* policy(std::string_view arn) const;
  /// By name, of this account only.
  const ManagedPolicy* own_policy(std::string_view name) const { return find(policies_, name); }
  const AccessKey* access_key(std::string_view id) const;

  const ByName<User>& users() const { return users_; }
  const ByName<Role>& roles() const { return roles_; }
  const ByName<ManagedPolicy>& policies() const { return policies_; }
  const ByName<InstanceProfile>& instance_profiles() const { return profiles_; }
  const ByName<AccessKey>& access_keys() const { return keys_; }

  void put(User user, aws::Changes& changes);
  void put(Role role, aws::Changes& changes);
  void put(ManagedPolicy policy, aws::Changes& changes);
  void put(InstanceProfile profile, aws::Changes& changes);
  void put(AccessKey key, aws::Changes& changes);
  void erase(const User& user, aws::Changes& changes);
  void erase(const Role& role, aws::Changes& changes);
  void erase(const ManagedPolicy& policy, aws::Changes& changes);
  void erase(const InstanceProfile& profile, aws::Changes& changes);
  void erase(const AccessKey& key, aws::Changes& changes);

  /// Users and roles that a managed policy is attached to; with `boundaries` those that it bounds.
  std::size_t attachments(std::string_view policy_arn) const;
  std::size_t boundary_uses(std::string_view policy_arn) const;

  /// Of a user or a role of this account.
  const EntityPolicies& policies_of(const Entity& entity) const;

 private:
  template <class T>
  static const T* find(const ByName<T>& entities, std::string_view name) {
    const auto found = entities.find(fold(name));
    return found == entities.end() ? nullptr : found->second.get();
  }

  EntityPolicies collect(const Entity& entity) const;
  void refresh(const Entity& entity);
  void refresh_all_with(std::string_view policy_arn);

  std::string id_;
  // By the ids of the users and roles.
  std::map<std::string, std::shared_ptr<const EntityPolicies>, std::less<>> entity_policies_;
  ByName<User> users_;
  ByName<Role> roles_;
  ByName<ManagedPolicy> policies_;
  ByName<InstanceProfile> profiles_;
  ByName<AccessKey> keys_;  // by id as it is
};

/// AWS's own managed policies, by ARN, compiled once.
const ManagedPolicy* aws_managed_policy(std::string_view arn);
/// All of them, by ARN.
const std::map<std::string, ManagedPolicy, std::less<>>& aws_managed_policies();

/// `/aws-reserved/larder/Operator`, which every account has: AdministratorAccess, reserved.
Role operator_role(const std::string& account);

std::string user_arn(std::string_view account, const User& user);
std::string role_arn(std::string_view account, const Role& role);
std::string instance_profile_arn(std::string_view account, const InstanceProfile& profile);

}  // namespace larder::iam
