// RunInstances, DescribeInstances, TerminateInstances.
#include <fmt/format.h>

#include "aws/arn.h"
#include "aws/form.h"
#include "aws/ids.h"
#include "codec/base64.h"
#include "codec/digest.h"
#include "ec2/filters.h"
#include "ec2/operations/instance_shape.h"
#include "ec2/operations/types.h"

namespace larder::ec2 {
namespace {

constexpr std::size_t user_data_bytes_max =
    16 * 1024;  // "Work with instance user data", EC2 User Guide
constexpr std::int64_t instances_a_request_max = 1000;

using HttpTokens = aws::OneOf<"required", "optional">;
using Enabled = aws::OneOf<"disabled", "enabled">;

struct MetadataRequest {
  std::optional<HttpTokens> tokens;
  std::optional<std::int64_t> hop_limit;
  std::optional<aws::OneOf<"enabled", "disabled">> endpoint;
  std::optional<Enabled> ipv6, tags;
  static constexpr auto shape =
      aws::fields(aws::optional<&MetadataRequest::tokens>("HttpTokens"),
                  aws::optional<&MetadataRequest::hop_limit>("HttpPutResponseHopLimit"),
                  aws::optional<&MetadataRequest::endpoint>("HttpEndpoint"),
                  aws::optional<&MetadataRequest::ipv6>("HttpProtocolIpv6"),
                  aws::optional<&MetadataRequest::tags>("InstanceMetadataTags"));
};

struct TagSpecification {
  std::optional<std::string> resource_type;
  std::vector<Tag> tags;
  static constexpr auto shape =
      aws::fields(aws::optional<&TagSpecification::resource_type>("ResourceType"),
                  aws::optional<&TagSpecification::tags>("Tags").as("Tag").at_most(50));
};

struct RunInstances {
  static constexpr std::string_view name = "RunInstances";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Ec2;
  struct Input {
    std::optional<std::string> image_id, instance_type, user_data, client_token;
    std::int64_t min_count = 1, max_count = 1;
    std::optional<ProfileSpecification> profile;
    std::optional<MetadataRequest> metadata;
    std::vector<TagSpecification> tag_specifications;
    std::optional<bool> dry_run;
    static constexpr auto shape = aws::fields(
        aws::optional<&Input::image_id>("ImageId"),
        aws::optional<&Input::instance_type>("InstanceType"),
        aws::required<&Input::max_count>("MaxCount"), aws::required<&Input::min_count>("MinCount"),
        aws::optional<&Input::user_data>("UserData"),
        aws::optional<&Input::client_token>("ClientToken"),
        aws::optional<&Input::dry_run>("DryRun"),
        aws::optional<&Input::profile>("IamInstanceProfile"),
        aws::optional<&Input::metadata>("MetadataOptions"),
        aws::optional<&Input::tag_specifications>("TagSpecifications").as("TagSpecification"));
  };
  using Output = ReservationShape;

  static aws::Needs needs(const Ec2& ec2, const aws::Call& call, const Input& in) {
    const auto& account = call.caller.account();
    aws::Demand demand{.action = "ec2:RunInstances",
                       .resource = aws::instance_arn(ec2.region(), account, "*")};
    if (in.instance_type) demand.context.set("ec2:InstanceType", *in.instance_type);
    for (const auto& specification : in.tag_specifications)
      for (const auto& tag : specification.tags) {
        demand.context.set("aws:RequestTag/" + aws::or_default(tag.key),
                           aws::or_default(tag.value));
        demand.context.add("aws:TagKeys", aws::or_default(tag.key));
      }
    aws::Needs needs{demand};
    if (!in.tag_specifications.empty()) {
      demand.action = "ec2:CreateTags";
      demand.context.set("ec2:CreateAction", "RunInstances");
      needs.push_back(demand);
    }
    if (in.profile) add_pass_role(needs, ec2, account, *in.profile, "*");
    return needs;
  }

  static Result<void> check(const Input& in) {
    if (in.min_count < 1 || in.max_count < 1 || in.min_count > in.max_count ||
        in.max_count > instances_a_request_max)
      return fail(aws::codes::invalid_parameter_value,
                  fmt::format("Value ({}, {}) for parameter MinCount, MaxCount is invalid. They "
                              "must be 1 to {}, and MinCount "
                              "not above MaxCount.",
                              in.min_count, in.max_count, instances_a_request_max));
    if (in.metadata && in.metadata->hop_limit &&
        (*in.metadata->hop_limit < 1 || *in.metadata->hop_limit > 64))
      return fail(
          aws::codes::invalid_parameter_value,
          fmt::format(
              "Value ({}) for parameter HttpPutResponseHopLimit is invalid. It must be 1 to 64.",
              *in.metadata->hop_limit));
    for (const auto& specification : in.tag_specifications)
      for (const auto& tag : specification.tags)
        if (aws::or_default(tag.key).starts_with("aws:"))
          return fail(aws::codes::invalid_parameter_value,
                      "Tag keys starting with 'aws:' are reserved for internal use");
    return {};
  }

  static Result<Instance> plan(Ec2& ec2, const std::string& account, const Input& in, Time now) {
    Instance instance;
    instance.client_token = aws::or_default(in.client_token);
    instance.launched = now;
    instance.image_id = in.image_id.value_or("ami-00000000000000000");
    instance.type = in.instance_type.value_or("t3.micro");
    if (in.user_data) {
      const auto raw = base64_decode(*in.user_data);
      if (!raw)
        return fail(aws::codes::invalid_parameter_value, "Invalid BASE64 encoding of user data.");
      if (raw->size() > user_data_bytes_max)
        return fail(aws::codes::invalid_parameter_value, "User data is limited to 16384 bytes");
      instance.user_data = *raw;
    }
    if (in.metadata) {
      auto& options = instance.metadata;
      if (in.metadata->tokens) options.http_tokens = in.metadata->tokens->str();
      if (in.metadata->hop_limit) options.hop_limit = *in.metadata->hop_limit;
      if (in.metadata->endpoint) options.http_endpoint = in.metadata->endpoint->str();
      if (in.metadata->ipv6) options.ipv6 = in.metadata->ipv6->str();
      if (in.metadata->tags) options.tags = in.metadata->tags->str();
    }
    for (const auto& specification : in.tag_specifications)
      if (specification.resource_type.value_or("instance") == "instance")
        for (const auto& tag : specification.tags)
          instance.tags.emplace_back(aws::or_default(tag.key), aws::or_default(tag.value));
    if (in.profile) {
      TRY(const auto profile, resolve(ec2, account, *in.profile));
      instance.association = make_association(ec2, profile, now);
    }
    return instance;
  }

  /// What must be the same when a client token comes again.
  static std::string digest(const Instance& plan, const Input& in) {
    return sha256_hex(fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", plan.image_id, plan.type,
                                  plan.user_data, in.min_count, in.max_count,
                                  plan.association ? plan.association->profile_id : "",
                                  plan.metadata.http_tokens));
  }

  static Task<Result<Output>> run(Ec2& ec2, aws::Call& call, Input in) {
    const std::string account = call.caller.account();
    CO_TRY_VOID(check(in));
    CO_TRY(auto planned, plan(ec2, account, in, call.now));
    CO_TRY_VOID(check_dry_run(in.dry_run));
    planned.client_token_of = digest(planned, in);
    using List = std::vector<Instance>;
    auto made = co_await ec2.update<List>(
        account, [&](Instances& model, aws::Changes& changes) -> Result<List> {
          List list;
          if (!planned.client_token.empty())
            for (const auto& [id, instance] : model.all())
              if (instance->client_token == planned.client_token) list.push_back(*instance);
          if (!list.empty()) {
            if (list.front().client_token_of == planned.client_token_of) return list;
            return fail(codes::idempotent_parameter_mismatch,
                        "Arguments on this idempotent request are inconsistent with arguments used "
                        "in previous request(s).");
          }
          model.forget_terminated(call.now, changes);
          const std::string reservation = aws::make_resource_id("r-", ec2.random());
          for (std::int64_t i = 0; i < in.max_count; ++i) {
            Instance instance = planned;
            instance.id = aws::make_resource_id("i-", ec2.random());
            instance.reservation_id = reservation;
            instance.launch_index = i;
            if (i > 0 && instance.association)
              instance.association->id = aws::make_resource_id("iip-assoc-", ec2.random());
            model.put(instance, changes);
            list.push_back(std::move(instance));
          }
          return list;
        });
    if (!made) co_return fail(std::move(made).error());
    Output out{made->front().reservation_id, account, {}};
    for (const auto& instance : *made) {
      out.instances.push_back(to_shape(ec2, instance));
      if (instance.state == State::running) out.instances.back().state = {0, "pending"};
    }
    co_return out;
  }
};

struct DescribeInstances {
  static constexpr std::string_view name = "DescribeInstances";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Ec2;
  struct Input {
    std::vector<std::string> instance_ids;
    std::optional<bool> dry_run;
    std::vector<Filter> filters;
    std::optional<std::string> next_token;
    std::optional<std::int64_t> max_results;
    static constexpr auto shape = aws::fields(
        aws::optional<&Input::instance_ids>("InstanceIds").as("InstanceId").at_most(1000),
        aws::optional<&Input::dry_run>("DryRun"),
        aws::optional<&Input::filters>("Filters").as("Filter").at_most(200),
        aws::optional<&Input::next_token>("NextToken"),
        aws::optional<&Input::max_results>("MaxResults"));
  };
  struct Output {
    std::vector<ReservationShape> reservations;
    std::optional<std::string> next_token;
    static constexpr auto shape =
        aws::fields(aws::optional<&Output::reservations>("Reservations").as("reservationSet"),
                    aws::optional<&Output::next_token>("NextToken").as("nextToken"));
  };
  static aws::Needs needs(const Ec2&, const aws::Call&, const Input&) {
    return {{.action = "ec2:DescribeInstances", .resource = "*"}};
  }

  static std::optional<std::vector<std::string>> values(const Instance& instance,
                                                        std::string_view filter) {
    using Values = std::vector<std::string>;
    const auto state = to_shape(instance.state);
    if (filter == "instance-id") return Values{instance.id};
    if (filter == "instance-state-name") return Values{state.name};
    if (filter == "instance-state-code") return Values{std::to_string(state.code)};
    if (filter == "image-id") return Values{instance.image_id};
    if (filter == "instance-type") return Values{instance.type};
    if (filter == "reservation-id") return Values{instance.reservation_id};
    if (filter == "client-token") return Values{instance.client_token};
    if (filter == "launch-time") return Values{aws::Scalar<Time>::print(instance.launched)};
    if (filter == "metadata-options.http-tokens") return Values{instance.metadata.http_tokens};
    if (filter == "iam-instance-profile.arn")
      return instance.association ? Values{instance.association->profile_arn} : Values{};
    if (filter == "iam-instance-profile.id")
      return instance.association ? Values{instance.association->profile_id} : Values{};
    Values found;
    if (filter == "tag-key")
      for (const auto& [key, value] : instance.tags) found.push_back(key);
    if (filter.starts_with("tag:"))
      for (const auto& [key, value] : instance.tags)
        if (key == filter.substr(4)) found.push_back(value);
    if (filter == "tag-key" || filter.starts_with("tag:")) return found;
    return std::nullopt;
  }

  static Task<Result<Output>> run(Ec2& ec2, aws::Call& call, Input in) {
    const auto model = ec2.snapshot(call.caller.account());
    if (in.max_results && !in.instance_ids.empty())
      co_return fail(codes::invalid_parameter_combination,
                     "The parameter instancesSet cannot be used with the parameter maxResults");
    CO_TRY_VOID(check_dry_run(in.dry_run));
    for (const auto& id : in.instance_ids) CO_TRY_VOID(find_instance(model.get(), id));
    std::map<std::string, const Instance*> chosen;
    for (const auto& [id, instance] : model->all()) {
      if (!in.instance_ids.empty() &&
          std::ranges::find(in.instance_ids, id) == in.instance_ids.end())
        continue;
      const auto of = [&](std::string_view filter) { return values(*instance, filter); };
      CO_TRY(const bool wanted, matches(in.filters, of));
      if (wanted) chosen[instance->reservation_id + "/" + id] = instance.get();
    }
    // A filter that there is not is refused even where there is nothing to hold it against.
    const auto none = [](std::string_view filter) { return values(Instance{}, filter); };
    CO_TRY_VOID(matches(in.filters, none));
    std::vector<std::string> keys;
    for (const auto& [key, instance] : chosen) keys.push_back(key);
    CO_TRY(auto page, slice(keys, in.max_results, in.next_token));
    Output out{{}, std::move(page.next_token)};
    for (std::size_t i = page.begin; i < page.end; ++i) {
      const Instance& instance = *chosen[keys[i]];
      if (out.reservations.empty() || out.reservations.back().id != instance.reservation_id)
        out.reservations.push_back({instance.reservation_id, call.caller.account(), {}});
      out.reservations.back().instances.push_back(to_shape(ec2, instance));
    }
    co_return out;
  }
};

struct StateChange {
  std::string id;
  StateShape current, previous;
  static constexpr auto shape =
      aws::fields(aws::optional<&StateChange::id>("InstanceId").as("instanceId"),
                  aws::optional<&StateChange::current>("CurrentState").as("currentState"),
                  aws::optional<&StateChange::previous>("PreviousState").as("previousState"));
};

struct TerminateInstances {
  static constexpr std::string_view name = "TerminateInstances";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Ec2;
  struct Input {
    std::vector<std::string> instance_ids;
    std::optional<bool> dry_run;
    static constexpr auto shape = aws::fields(
        aws::required<&Input::instance_ids>("InstanceIds").as("InstanceId").at_most(1000),
        aws::optional<&Input::dry_run>("DryRun"));
  };
  struct Output {
    std::vector<StateChange> changes;
    static constexpr auto shape =
        aws::fields(aws::optional<&Output::changes>("TerminatingInstances").as("instancesSet"));
  };
  static aws::Needs needs(const Ec2& ec2, const aws::Call& call, const Input& in) {
    aws::Needs needs;
    for (const auto& id : in.instance_ids)
      needs.push_back({.action = "ec2:TerminateInstances",
                       .resource = aws::instance_arn(ec2.region(), call.caller.account(), id)});
    return needs;
  }
  static Task<Result<Output>> run(Ec2& ec2, aws::Call& call, Input in) {
    const std::string account = call.caller.account();
    const auto before = ec2.snapshot(account);
    for (const auto& id : in.instance_ids) CO_TRY_VOID(find_instance(before.get(), id));
    CO_TRY_VOID(check_dry_run(in.dry_run));
    co_return co_await ec2.update<Output>(
        account, [&](Instances& model, aws::Changes& changes) -> Result<Output> {
          Output out;
          for (const auto& id : in.instance_ids) {
            TRY(const Instance* found, find_instance(&model, id));
            out.changes.push_back({id, to_shape(State::terminated), to_shape(found->state)});
            if (found->state == State::terminated) continue;
            model.put(terminated(*found, call.now), changes);
          }
          return out;
        });
  }
};

}  // namespace

std::span<const aws::Operation> instance_operations() {
  static constexpr auto all =
      aws::operations<RunInstances, DescribeInstances, TerminateInstances>();
  return all;
}

}  // namespace larder::ec2
