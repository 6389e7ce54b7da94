// Managed policies. Their versions are in policy_versions.cc.
#include <fmt/format.h>

#include <algorithm>

#include "aws/ids.h"
#include "iam/operations/managed_policy.h"
#include "iam/operations/types.h"

namespace larder::iam {
namespace {

constexpr std::size_t policies_quota = 1500;

struct PolicyShape {
  std::string policy_name, id, arn, path, default_version;
  std::int64_t attachments = 0;
  std::int64_t boundary_uses = 0;
  bool attachable = true;
  std::optional<std::string> description{};
  Time created{};
  Time updated{};
  std::optional<std::vector<Tag>> tags{};
  static constexpr auto shape = aws::fields(
      aws::optional<&PolicyShape::policy_name>("PolicyName"),
      aws::optional<&PolicyShape::id>("PolicyId"), aws::optional<&PolicyShape::arn>("Arn"),
      aws::optional<&PolicyShape::path>("Path"),
      aws::optional<&PolicyShape::default_version>("DefaultVersionId"),
      aws::optional<&PolicyShape::attachments>("AttachmentCount"),
      aws::optional<&PolicyShape::boundary_uses>("PermissionsBoundaryUsageCount"),
      aws::optional<&PolicyShape::attachable>("IsAttachable"),
      aws::optional<&PolicyShape::description>("Description"),
      aws::optional<&PolicyShape::created>("CreateDate"),
      aws::optional<&PolicyShape::updated>("UpdateDate"),
      aws::optional<&PolicyShape::tags>("Tags"));
};

PolicyShape listed_shape(const Account& account, const ManagedPolicy& managed) {
  PolicyShape out;
  out.policy_name = managed.name;
  out.id = managed.id;
  out.arn = managed.arn;
  out.path = managed.path;
  out.default_version = managed.default_version;
  out.attachments = static_cast<std::int64_t>(account.attachments(managed.arn));
  out.boundary_uses = static_cast<std::int64_t>(account.boundary_uses(managed.arn));
  out.created = created_at(managed, managed.created);
  out.updated = created_at(managed, managed.updated);
  return out;
}

/// With what listings leave out.
PolicyShape full_shape(const Account& account, const ManagedPolicy& managed) {
  PolicyShape out = listed_shape(account, managed);
  if (!managed.description.empty()) out.description = managed.description;
  if (!managed.tags.empty()) out.tags = to_tags(managed.tags);
  return out;
}

struct CreatePolicy {
  static constexpr std::string_view name = "CreatePolicy";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    PolicyName policy_name;
    std::optional<PolicyPath> path;
    DocumentText document;
    std::optional<DescriptionText> description;
    std::vector<Tag> tags;
    static constexpr auto shape = aws::fields(aws::required<&Input::policy_name>("PolicyName"),
                                              aws::optional<&Input::path>("Path"),
                                              aws::required<&Input::document>("PolicyDocument"),
                                              aws::optional<&Input::description>("Description"),
                                              aws::optional<&Input::tags>("Tags").at_most(50));
  };
  struct Output {
    PolicyShape policy;
    static constexpr auto shape = aws::fields(aws::optional<&Output::policy>("Policy"));
  };
  static std::string arn_of(const aws::Call& call, const Input& in) {
    return aws::iam_arn(call.caller.account(), "policy", aws::or_default(in.path).str(),
                        in.policy_name.str());
  }
  static aws::Needs needs(const Iam&, const aws::Call& call, const Input& in) {
    policy::Context context;
    add_tag_keys(context, in.tags);
    auto needs = needs_on("iam:CreatePolicy", arn_of(call, in), context);
    if (!in.tags.empty())
      needs.push_back(
          {.action = "iam:TagPolicy", .resource = needs[0].resource, .context = context});
    return needs;
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    CO_TRY_VOID(check_path_is_free(aws::or_default(in.path).str()));
    CO_TRY(auto text, accept_managed_document(in.document.str()));
    ManagedPolicy made;
    made.name = in.policy_name.str();
    made.path = aws::or_default(in.path).str();
    made.id = aws::make_unique_id("ANPA", iam.random());
    made.arn = arn_of(call, in);
    made.description = aws::or_default(in.description).str();
    made.created = call.now;
    made.updated = call.now;
    made.versions.push_back({"v1", std::move(text), call.now});
    made.default_version = "v1";
    made.versions_made = 1;
    made.tags = to_pairs(in.tags);
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          if (model.own_policy(made.name) != nullptr)
            return fail(
                codes::entity_already_exists,
                fmt::format("A policy called {} already exists. Duplicate names are not allowed.",
                            made.name));
          if (model.policies().size() >= policies_quota)
            return fail(
                codes::limit_exceeded,
                fmt::format("Cannot exceed quota for PoliciesPerAccount: {}", policies_quota));
          model.put(made, changes);
          return Output{full_shape(model, made)};
        });
  }
};

struct NamedPolicyInput {
  ArnText policy_arn;
  static constexpr auto shape =
      aws::fields(aws::required<&NamedPolicyInput::policy_arn>("PolicyArn"));
};

struct GetPolicy {
  static constexpr std::string_view name = "GetPolicy";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  using Input = NamedPolicyInput;
  struct Output {
    PolicyShape policy;
    static constexpr auto shape = aws::fields(aws::optional<&Output::policy>("Policy"));
  };
  static aws::Needs needs(const Iam&, const aws::Call&, const Input& in) {
    return needs_on("iam:GetPolicy", in.policy_arn.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    CO_TRY(const auto* found, find_policy(*account, in.policy_arn.str()));
    co_return Output{full_shape(*account, *found)};
  }
};

struct ListPolicies {
  static constexpr std::string_view name = "ListPolicies";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  using Scope = aws::OneOf<"All", "AWS", "Local">;
  using Usage = aws::OneOf<"PermissionsPolicy", "PermissionsBoundary">;
  struct Input {
    std::optional<Scope> scope;
    std::optional<bool> only_attached;
    std::optional<PolicyPath> path_prefix;
    std::optional<Usage> usage;
    std::optional<std::string> marker;
    std::optional<MaxItems> max_items;
    static constexpr auto shape = aws::fields(
        aws::optional<&Input::scope>("Scope"), aws::optional<&Input::only_attached>("OnlyAttached"),
        aws::optional<&Input::path_prefix>("PathPrefix"),
        aws::optional<&Input::usage>("PolicyUsageFilter"), aws::optional<&Input::marker>("Marker"),
        aws::optional<&Input::max_items>("MaxItems"));
  };
  struct Output {
    std::vector<PolicyShape> policies;
    bool is_truncated = false;
    std::optional<std::string> marker;
    static constexpr auto shape = aws::fields(aws::optional<&Output::policies>("Policies"),
                                              aws::optional<&Output::is_truncated>("IsTruncated"),
                                              aws::optional<&Output::marker>("Marker"));
  };
  static aws::Needs needs(const Iam&, const aws::Call&, const Input&) {
    return needs_on("iam:ListPolicies", "*");
  }
  /// PolicyUsageFilter asks how a policy is used, so that an unused one passes neither value.
  static bool shows(const Account& account, const Input& in, const ManagedPolicy& managed) {
    if (!managed.path.starts_with(aws::or_default(in.path_prefix).str())) return false;
    if (in.usage && *in.usage == "PermissionsBoundary")
      return account.boundary_uses(managed.arn) > 0;
    if (in.usage || aws::or_default(in.only_attached)) return account.attachments(managed.arn) > 0;
    return true;
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    const std::string scope = aws::or_default(in.scope).str();
    std::vector<std::string> arns;
    if (scope != "Local")
      for (const auto& [arn, managed] : aws_managed_policies())
        if (shows(*account, in, managed)) arns.push_back(arn);
    if (scope != "AWS")
      for (const auto& [key, managed] : account->policies())
        if (shows(*account, in, *managed)) arns.push_back(managed->arn);
    std::ranges::sort(arns);
    const auto show = [&](const std::string& arn) {
      return listed_shape(*account, *account->policy(arn));
    };
    co_return list_page(arns, in.marker, in.max_items, &Output::policies, show);
  }
};

struct DeletePolicy {
  static constexpr std::string_view name = "DeletePolicy";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  using Input = NamedPolicyInput;
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam&, const aws::Call&, const Input& in) {
    return needs_on("iam:DeletePolicy", in.policy_arn.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(const ManagedPolicy found,
              modifiable_policy(model, call, "iam:DeletePolicy", in.policy_arn.str()));
          if (model.attachments(found.arn) + model.boundary_uses(found.arn) > 0)
            return fail(codes::delete_conflict, "Cannot delete a policy attached to entities.");
          if (found.versions.size() > 1)
            return fail(codes::delete_conflict,
                        "This policy has more than one version. Before you delete a policy, you "
                        "must delete the policy's versions. The default version is deleted with "
                        "the policy.");
          model.erase(found, changes);
          return Output{};
        });
  }
};

std::vector<aws::Operation> with_versions() {
  static constexpr auto policies =
      aws::operations<CreatePolicy, GetPolicy, ListPolicies, DeletePolicy>();
  std::vector<aws::Operation> all(policies.begin(), policies.end());
  const auto versions = policy_version_operations();
  all.insert(all.end(), versions.begin(), versions.end());
  return all;
}

}  // namespace

std::span<const aws::Operation> managed_policy_operations() {
  static const auto all = with_versions();
  return all;
}

}  // namespace larder::iam
