// The policies of users and roles, which AWS treats alike: attached managed ones and inline ones.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "iam/operations/managed_policy.h"
#include "iam/operations/types.h"

namespace larder::iam {

/// What differs between the kinds of entities.
struct EntityKind {
  std::string_view noun;            // in messages
  std::string_view attached_quota;  // its name in messages
  std::size_t inline_quota;         // all inline policies together, without white space
};
inline constexpr EntityKind role_kind{"role", "PoliciesPerRole", limits::inline_policies_of_role};
inline constexpr EntityKind user_kind{"user", "PoliciesPerUser", limits::inline_policies_of_user};

/// One demand on an entity, with the keys iam:PolicyARN (unless `policy_arn` is empty) and, when
/// the entity exists and has one, iam:PermissionsBoundary.
aws::Needs needs_on_entity(std::string_view action, std::string resource, const Entity* entity,
                           std::string_view policy_arn = {});

/// False: it was attached before, and nothing has changed.
Result<bool> attach_policy(const Account& account, Entity& entity, const std::string& arn,
                           const EntityKind& kind);
Result<void> detach_policy(Entity& entity, const std::string& arn);

Result<PolicyText> accept_inline_document(const std::string& text);
Result<void> put_inline_policy(Entity& entity, const std::string& name, const PolicyText& policy,
                               const EntityKind& kind);
Result<EncodedDocument> inline_policy(const Entity& entity, const std::string& name,
                                      const EntityKind& kind);
Result<void> delete_inline_policy(Entity& entity, const std::string& name, const EntityKind& kind);

/// Answers of ListAttached…Policies.
struct AttachedPolicy {
  std::string policy_name;
  std::string policy_arn;
  static constexpr auto shape =
      aws::fields(aws::optional<&AttachedPolicy::policy_name>("PolicyName"),
                  aws::optional<&AttachedPolicy::policy_arn>("PolicyArn"));
};
struct AttachedPolicies {
  std::vector<AttachedPolicy> policies;
  bool is_truncated = false;
  std::optional<std::string> marker{};
  static constexpr auto shape =
      aws::fields(aws::optional<&AttachedPolicies::policies>("AttachedPolicies"),
                  aws::optional<&AttachedPolicies::is_truncated>("IsTruncated"),
                  aws::optional<&AttachedPolicies::marker>("Marker"));
};
/// In the order of their ARNs.
Result<AttachedPolicies> list_attached_policies(const Account& account, const Entity& entity,
                                                const PolicyPath& prefix,
                                                const std::optional<std::string>& marker,
                                                const std::optional<MaxItems>& max_items);

/// Answers of List…Policies.
struct InlinePolicies {
  std::vector<std::string> names;
  bool is_truncated = false;
  std::optional<std::string> marker{};
  static constexpr auto shape =
      aws::fields(aws::required<&InlinePolicies::names>("PolicyNames"),
                  aws::optional<&InlinePolicies::is_truncated>("IsTruncated"),
                  aws::optional<&InlinePolicies::marker>("Marker"));
};
Result<InlinePolicies> list_inline_policies(const Entity& entity,
                                            const std::optional<std::string>& marker,
                                            const std::optional<MaxItems>& max_items);

}  // namespace larder::iam
