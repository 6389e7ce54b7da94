// Which instance has which instance profile.
#include <fmt/format.h>

#include <algorithm>

#include "aws/arn.h"
#include "ec2/filters.h"
#include "ec2/operations/types.h"

namespace larder::ec2 {
namespace {

struct AssociationShape {
  std::string id, instance_id;
  ProfileShape profile;
  std::string state;
  static constexpr auto shape = aws::fields(
      aws::optional<&AssociationShape::id>("AssociationId").as("associationId"),
      aws::optional<&AssociationShape::instance_id>("InstanceId").as("instanceId"),
      aws::optional<&AssociationShape::profile>("IamInstanceProfile").as("iamInstanceProfile"),
      aws::optional<&AssociationShape::state>("State").as("state"));
};

AssociationShape to_shape(const Instance& instance, const Association& association,
                          std::string state) {
  return {association.id,
          instance.id,
          {association.profile_arn, association.profile_id},
          std::move(state)};
}

struct OneAssociation {
  AssociationShape association;
  static constexpr auto shape =
      aws::fields(aws::optional<&OneAssociation::association>("IamInstanceProfileAssociation")
                      .as("iamInstanceProfileAssociation"));
};

std::unexpected<Error> no_such_association(const std::string& id) {
  return fail(codes::invalid_association_id_not_found,
              fmt::format("An invalid association-id of '{}' was given", id));
}

/// The instance of an association as far as it is known before anything is looked up.
std::string instance_arn_of(const Ec2& ec2, const std::string& account,
                            const std::string& association_id) {
  const auto model = ec2.snapshot(account);
  const Instance* instance = model ? model->find_by_association(association_id) : nullptr;
  return aws::instance_arn(ec2.region(), account, instance ? instance->id : "*");
}

struct AssociateIamInstanceProfile {
  static constexpr std::string_view name = "AssociateIamInstanceProfile";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Ec2;
  struct Input {
    ProfileSpecification profile;
    std::string instance_id;
    static constexpr auto shape = aws::fields(aws::required<&Input::profile>("IamInstanceProfile"),
                                              aws::required<&Input::instance_id>("InstanceId"));
  };
  using Output = OneAssociation;
  static aws::Needs needs(const Ec2& ec2, const aws::Call& call, const Input& in) {
    const auto& account = call.caller.account();
    aws::Needs needs{{.action = "ec2:AssociateIamInstanceProfile",
                      .resource = aws::instance_arn(ec2.region(), account, in.instance_id)}};
    add_pass_role(needs, ec2, account, in.profile, in.instance_id);
    return needs;
  }
  static Task<Result<Output>> run(Ec2& ec2, aws::Call& call, Input in) {
    const std::string account = call.caller.account();
    const auto before = ec2.snapshot(account);
    CO_TRY_VOID(find_instance(before.get(), in.instance_id));
    CO_TRY(const auto profile, resolve(ec2, account, in.profile));
    const Association association = make_association(ec2, profile, call.now);
    co_return co_await ec2.update<Output>(
        account, [&](Instances& model, aws::Changes& changes) -> Result<Output> {
          TRY(const Instance* found, find_instance(&model, in.instance_id));
          if (found->state != State::running)
            return fail(
                codes::incorrect_instance_state,
                fmt::format("The instance '{}' is not in the 'running' or 'stopped' states.",
                            found->id));
          if (found->association)
            return fail(codes::incorrect_state,
                        fmt::format("There is an existing association for instance {}", found->id));
          Instance instance = *found;
          instance.association = association;
          Output out{to_shape(instance, association, "associating")};
          model.put(std::move(instance), changes);
          return out;
        });
  }
};

struct DisassociateIamInstanceProfile {
  static constexpr std::string_view name = "DisassociateIamInstanceProfile";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Ec2;
  struct Input {
    std::string association_id;
    static constexpr auto shape =
        aws::fields(aws::required<&Input::association_id>("AssociationId"));
  };
  using Output = OneAssociation;
  static aws::Needs needs(const Ec2& ec2, const aws::Call& call, const Input& in) {
    return {{.action = "ec2:DisassociateIamInstanceProfile",
             .resource = instance_arn_of(ec2, call.caller.account(), in.association_id)}};
  }
  static Task<Result<Output>> run(Ec2& ec2, aws::Call& call, Input in) {
    co_return co_await ec2.update<Output>(
        call.caller.account(), [&](Instances& model, aws::Changes& changes) -> Result<Output> {
          const Instance* found = model.find_by_association(in.association_id);
          if (found == nullptr) return no_such_association(in.association_id);
          Instance instance = *found;
          Output out{to_shape(instance, *instance.association, "disassociating")};
          instance.association.reset();
          model.put(std::move(instance), changes);
          return out;
        });
  }
};

struct ReplaceIamInstanceProfileAssociation {
  static constexpr std::string_view name = "ReplaceIamInstanceProfileAssociation";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Ec2;
  struct Input {
    ProfileSpecification profile;
    std::string association_id;
    static constexpr auto shape =
        aws::fields(aws::required<&Input::profile>("IamInstanceProfile"),
                    aws::required<&Input::association_id>("AssociationId"));
  };
  using Output = OneAssociation;
  static aws::Needs needs(const Ec2& ec2, const aws::Call& call, const Input& in) {
    const auto& account = call.caller.account();
    const std::string arn = instance_arn_of(ec2, account, in.association_id);
    aws::Needs needs{{.action = "ec2:ReplaceIamInstanceProfileAssociation", .resource = arn}};
    add_pass_role(needs, ec2, account, in.profile, aws::name_of_arn(arn));
    return needs;
  }
  static Task<Result<Output>> run(Ec2& ec2, aws::Call& call, Input in) {
    const std::string account = call.caller.account();
    const auto before = ec2.snapshot(account);
    if (before->find_by_association(in.association_id) == nullptr)
      co_return no_such_association(in.association_id);
    CO_TRY(const auto profile, resolve(ec2, account, in.profile));
    const Association association = make_association(ec2, profile, call.now);
    co_return co_await ec2.update<Output>(
        account, [&](Instances& model, aws::Changes& changes) -> Result<Output> {
          const Instance* found = model.find_by_association(in.association_id);
          if (found == nullptr) return no_such_association(in.association_id);
          Instance instance = *found;
          instance.association = association;
          Output out{to_shape(instance, association, "associating")};
          model.put(std::move(instance), changes);
          return out;
        });
  }
};

struct DescribeIamInstanceProfileAssociations {
  static constexpr std::string_view name = "DescribeIamInstanceProfileAssociations";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Ec2;
  struct Input {
    std::vector<std::string> association_ids;
    std::vector<Filter> filters;
    std::optional<std::int64_t> max_results;
    std::optional<std::string> next_token;
    static constexpr auto shape = aws::fields(
        aws::optional<&Input::association_ids>("AssociationIds").as("AssociationId").at_most(1000),
        aws::optional<&Input::filters>("Filters").as("Filter").at_most(200),
        aws::optional<&Input::max_results>("MaxResults"),
        aws::optional<&Input::next_token>("NextToken"));
  };
  struct Output {
    std::vector<AssociationShape> associations;
    std::optional<std::string> next_token;
    static constexpr auto shape =
        aws::fields(aws::optional<&Output::associations>("IamInstanceProfileAssociations")
                        .as("iamInstanceProfileAssociationSet"),
                    aws::optional<&Output::next_token>("NextToken").as("nextToken"));
  };
  static aws::Needs needs(const Ec2&, const aws::Call&, const Input&) {
    return {{.action = "ec2:DescribeIamInstanceProfileAssociations", .resource = "*"}};
  }
  static std::optional<std::vector<std::string>> values(const Instance& instance,
                                                        std::string_view filter) {
    if (filter == "instance-id") return std::vector<std::string>{instance.id};
    if (filter == "state") return std::vector<std::string>{"associated"};
    return std::nullopt;
  }
  static Task<Result<Output>> run(Ec2& ec2, aws::Call& call, Input in) {
    const auto model = ec2.snapshot(call.caller.account());
    for (const auto& id : in.association_ids)
      if (model->find_by_association(id) == nullptr) co_return no_such_association(id);
    const auto none = [](std::string_view filter) { return values(Instance{}, filter); };
    CO_TRY_VOID(matches(in.filters, none));
    std::map<std::string, const Instance*> chosen;
    for (const auto& [id, instance] : model->all()) {
      if (!instance->association) continue;
      const auto& association = instance->association->id;
      if (!in.association_ids.empty() &&
          std::ranges::find(in.association_ids, association) == in.association_ids.end())
        continue;
      const auto of = [&](std::string_view filter) { return values(*instance, filter); };
      CO_TRY(const bool wanted, matches(in.filters, of));
      if (wanted) chosen[association] = instance.get();
    }
    std::vector<std::string> keys;
    for (const auto& [key, instance] : chosen) keys.push_back(key);
    CO_TRY(auto page, slice(keys, in.max_results, in.next_token));
    Output out{{}, std::move(page.next_token)};
    for (std::size_t i = page.begin; i < page.end; ++i)
      out.associations.push_back(
          to_shape(*chosen[keys[i]], *chosen[keys[i]]->association, "associated"));
    co_return out;
  }
};

}  // namespace

std::span<const aws::Operation> association_operations() {
  static constexpr auto all =
      aws::operations<AssociateIamInstanceProfile, DisassociateIamInstanceProfile,
                      ReplaceIamInstanceProfileAssociation,
                      DescribeIamInstanceProfileAssociations>();
  return all;
}

}  // namespace larder::ec2
