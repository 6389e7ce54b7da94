#include "iam/operations/entity_policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace larder::iam {
namespace {

constexpr std::size_t attached_quota = 10;

std::unexpected<Error> no_such_inline_policy(const std::string& name, const EntityKind& kind) {
  return fail(codes::no_such_entity,
              fmt::format("The {} policy with name {} cannot be found.", kind.noun, name));
}

}  // namespace

aws::Needs needs_on_entity(std::string_view action, std::string resource, const Entity* entity,
                           std::string_view policy_arn) {
  policy::Context context;
  if (!policy_arn.empty()) context.set("iam:PolicyARN", policy_arn);
  if (entity != nullptr && !entity->boundary.empty())
    context.set("iam:PermissionsBoundary", entity->boundary);
  return needs_on(action, std::move(resource), std::move(context));
}

Result<bool> attach_policy(const Account& account, Entity& entity, const std::string& arn,
                           const EntityKind& kind) {
  TRY_VOID(check_policy_arn(arn));
  if (account.policy(arn) == nullptr)
    return fail(codes::no_such_entity,
                fmt::format("Policy {} does not exist or is not attachable.", arn));
  if (std::ranges::find(entity.attached, arn) != entity.attached.end()) return false;
  if (entity.attached.size() >= attached_quota)
    return fail(codes::limit_exceeded,
                fmt::format("Cannot exceed quota for {}: {}", kind.attached_quota, attached_quota));
  entity.attached.push_back(arn);
  return true;
}

Result<void> detach_policy(Entity& entity, const std::string& arn) {
  TRY_VOID(check_policy_arn(arn));
  const auto found = std::ranges::find(entity.attached, arn);
  if (found == entity.attached.end()) return errors::no_such_policy(arn);
  entity.attached.erase(found);
  return {};
}

Result<PolicyText> accept_inline_document(const std::string& text) {
  TRY(auto document, policy::parse(text, policy::Kind::identity));
  return PolicyText{text, std::make_shared<const policy::Document>(std::move(document))};
}

Result<void> put_inline_policy(Entity& entity, const std::string& name, const PolicyText& policy,
                               const EntityKind& kind) {
  std::size_t total = policy::counted_size(policy.text);
  for (const auto& [other, held] : entity.inline_policies)
    if (other != name) total += policy::counted_size(held.text);
  if (total > kind.inline_quota)
    return fail(codes::limit_exceeded,
                fmt::format("Maximum policy size of {} bytes exceeded for {} {}", kind.inline_quota,
                            kind.noun, entity.name));
  entity.inline_policies.insert_or_assign(name, policy);
  return {};
}

Result<EncodedDocument> inline_policy(const Entity& entity, const std::string& name,
                                      const EntityKind& kind) {
  const auto found = entity.inline_policies.find(name);
  if (found == entity.inline_policies.end()) return no_such_inline_policy(name, kind);
  return EncodedDocument{found->second.text};
}

Result<void> delete_inline_policy(Entity& entity, const std::string& name, const EntityKind& kind) {
  if (entity.inline_policies.erase(name) == 0) return no_such_inline_policy(name, kind);
  return {};
}

Result<AttachedPolicies> list_attached_policies(const Account& account, const Entity& entity,
                                                const PolicyPath& prefix,
                                                const std::optional<std::string>& marker,
                                                const std::optional<MaxItems>& max_items) {
  std::vector<std::string> arns;
  for (const auto& arn : entity.attached) {
    const auto* managed = account.policy(arn);
    if (managed != nullptr && managed->path.starts_with(prefix.str())) arns.push_back(arn);
  }
  std::ranges::sort(arns);
  const auto show = [&](const std::string& arn) {
    return AttachedPolicy{account.policy(arn)->name, arn};
  };
  return list_page(arns, marker, max_items, &AttachedPolicies::policies, show);
}

Result<InlinePolicies> list_inline_policies(const Entity& entity,
                                            const std::optional<std::string>& marker,
                                            const std::optional<MaxItems>& max_items) {
  std::vector<std::string> names;
  for (const auto& [policy_name, held] : entity.inline_policies) names.push_back(policy_name);
  return list_page(names, marker, max_items, &InlinePolicies::names, std::identity());
}

}  // namespace larder::iam
