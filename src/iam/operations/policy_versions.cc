// The versions of managed policies.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>

#include "iam/operations/managed_policy.h"
#include "iam/operations/types.h"

namespace larder::iam {
namespace {

constexpr std::size_t versions_quota = 5;

/// v1, v2, …
class VersionId {
 public:
  static Result<VersionId> parse(std::string_view text) {
    const auto dot = std::min(text.size(), text.find('.'));
    const auto number = text.substr(0, dot);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto may_follow = [](char c) {
      return c == '.' || c == '-' || aws::is_alphanumeric(static_cast<unsigned char>(c));
    };
    if (number.size() < 2 || number[0] != 'v' || number[1] == '0' ||
        !std::ranges::all_of(number.substr(1), is_digit) ||
        !std::ranges::all_of(text.substr(dot), may_follow))
      return fail(aws::codes::validation_error, aws::must_match("v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?"));
    VersionId id;
    id.text_ = text;
    return id;
  }
  const std::string& str() const { return text_; }

 private:
  std::string text_;
};

/// GetPolicyVersion adds the document, which the others leave out.
struct VersionShape {
  std::optional<EncodedDocument> document{};
  std::string id;
  bool is_default = false;
  Time created{};
  static constexpr auto shape =
      aws::fields(aws::optional<&VersionShape::document>("Document"),
                  aws::optional<&VersionShape::id>("VersionId"),
                  aws::optional<&VersionShape::is_default>("IsDefaultVersion"),
                  aws::optional<&VersionShape::created>("CreateDate"));
};

VersionShape to_shape(const ManagedPolicy& managed, const PolicyVersion& version) {
  VersionShape out;
  out.id = version.id;
  out.is_default = version.id == managed.default_version;
  out.created = created_at(managed, version.created);
  return out;
}

std::unexpected<Error> no_such_version(const ManagedPolicy& managed, std::string_view id) {
  return fail(
      codes::no_such_entity,
      fmt::format("Policy {} version {} does not exist or is not attachable.", managed.arn, id));
}

struct NamedVersion {
  ArnText policy_arn;
  VersionId version;
  static constexpr auto shape = aws::fields(aws::required<&NamedVersion::policy_arn>("PolicyArn"),
                                            aws::required<&NamedVersion::version>("VersionId"));
};

struct GetPolicyVersion {
  static constexpr std::string_view name = "GetPolicyVersion";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  using Input = NamedVersion;
  struct Output {
    VersionShape version;
    static constexpr auto shape = aws::fields(aws::optional<&Output::version>("PolicyVersion"));
  };
  static aws::Needs needs(const Iam&, const aws::Call&, const Input& in) {
    return needs_on("iam:GetPolicyVersion", in.policy_arn.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    CO_TRY(const auto* found, find_policy(*account, in.policy_arn.str()));
    const auto version = std::ranges::find(found->versions, in.version.str(), &PolicyVersion::id);
    if (version == found->versions.end()) co_return no_such_version(*found, in.version.str());
    Output out{to_shape(*found, *version)};
    out.version.document = EncodedDocument{version->policy.text};
    co_return out;
  }
};

struct ListPolicyVersions {
  static constexpr std::string_view name = "ListPolicyVersions";
  static constexpr auto effect = aws::Effect::reads;
  using Service = Iam;
  struct Input {
    ArnText policy_arn;
    std::optional<std::string> marker;
    std::optional<MaxItems> max_items;
    static constexpr auto shape = aws::fields(aws::required<&Input::policy_arn>("PolicyArn"),
                                              aws::optional<&Input::marker>("Marker"),
                                              aws::optional<&Input::max_items>("MaxItems"));
  };
  struct Output {
    std::vector<VersionShape> versions;
    bool is_truncated = false;
    std::optional<std::string> marker;
    static constexpr auto shape = aws::fields(aws::optional<&Output::versions>("Versions"),
                                              aws::optional<&Output::is_truncated>("IsTruncated"),
                                              aws::optional<&Output::marker>("Marker"));
  };
  static aws::Needs needs(const Iam&, const aws::Call&, const Input& in) {
    return needs_on("iam:ListPolicyVersions", in.policy_arn.str());
  }
  /// Ascends as the versions get older.
  static std::string order_of(const PolicyVersion& version) {
    std::uint32_t number = 0;
    std::from_chars(version.id.data() + 1, version.id.data() + version.id.size(), number);
    return fmt::format("{:010}", UINT32_MAX - number);
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    const auto account = iam.snapshot(call.caller.account());
    CO_TRY(const auto* found, find_policy(*account, in.policy_arn.str()));
    std::map<std::string, const PolicyVersion*> newest_first;
    std::vector<std::string> names;
    for (auto version = found->versions.rbegin(); version != found->versions.rend(); ++version) {
      names.push_back(order_of(*version));
      newest_first[names.back()] = &*version;
    }
    const auto show = [&](const std::string& order) {
      return to_shape(*found, *newest_first[order]);
    };
    co_return list_page(names, in.marker, in.max_items, &Output::versions, show);
  }
};

struct CreatePolicyVersion {
  static constexpr std::string_view name = "CreatePolicyVersion";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  struct Input {
    ArnText policy_arn;
    DocumentText document;
    std::optional<bool> set_as_default;
    static constexpr auto shape =
        aws::fields(aws::required<&Input::policy_arn>("PolicyArn"),
                    aws::required<&Input::document>("PolicyDocument"),
                    aws::optional<&Input::set_as_default>("SetAsDefault"));
  };
  struct Output {
    VersionShape version;
    static constexpr auto shape = aws::fields(aws::optional<&Output::version>("PolicyVersion"));
  };
  static aws::Needs needs(const Iam&, const aws::Call&, const Input& in) {
    return needs_on("iam:CreatePolicyVersion", in.policy_arn.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    CO_TRY(const auto text, accept_managed_document(in.document.str()));
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(ManagedPolicy changed,
              modifiable_policy(model, call, "iam:CreatePolicyVersion", in.policy_arn.str()));
          if (changed.versions.size() >= versions_quota)
            return fail(codes::limit_exceeded,
                        "A managed policy can have up to 5 versions. Before you create a new "
                        "version, you must delete an existing version.");
          const PolicyVersion version{fmt::format("v{}", ++changed.versions_made), text, call.now};
          changed.versions.push_back(version);
          changed.updated = call.now;
          if (aws::or_default(in.set_as_default)) changed.default_version = version.id;
          Output out{to_shape(changed, version)};
          model.put(std::move(changed), changes);
          return out;
        });
  }
};

struct DeletePolicyVersion {
  static constexpr std::string_view name = "DeletePolicyVersion";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  using Input = NamedVersion;
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam&, const aws::Call&, const Input& in) {
    return needs_on("iam:DeletePolicyVersion", in.policy_arn.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(ManagedPolicy changed,
              modifiable_policy(model, call, "iam:DeletePolicyVersion", in.policy_arn.str()));
          const std::string& id = in.version.str();
          const auto version = std::ranges::find(changed.versions, id, &PolicyVersion::id);
          if (version == changed.versions.end()) return no_such_version(changed, id);
          if (id == changed.default_version)
            return fail(codes::delete_conflict, "Cannot delete the default version of a policy.");
          changed.versions.erase(version);
          model.put(std::move(changed), changes);
          return Output{};
        });
  }
};

struct SetDefaultPolicyVersion {
  static constexpr std::string_view name = "SetDefaultPolicyVersion";
  static constexpr auto effect = aws::Effect::changes;
  using Service = Iam;
  using Input = NamedVersion;
  using Output = aws::Nothing;
  static aws::Needs needs(const Iam&, const aws::Call&, const Input& in) {
    return needs_on("iam:SetDefaultPolicyVersion", in.policy_arn.str());
  }
  static Task<Result<Output>> run(Iam& iam, aws::Call& call, Input in) {
    co_return co_await iam.update<Output>(
        call.caller.account(), [&](Account& model, aws::Changes& changes) -> Result<Output> {
          TRY(ManagedPolicy changed,
              modifiable_policy(model, call, "iam:SetDefaultPolicyVersion", in.policy_arn.str()));
          const std::string& id = in.version.str();
          if (std::ranges::find(changed.versions, id, &PolicyVersion::id) == changed.versions.end())
            return no_such_version(changed, id);
          changed.default_version = id;
          model.put(std::move(changed), changes);
          return Output{};
        });
  }
};

}  // namespace

std::span<const aws::Operation> policy_version_operations() {
  static constexpr auto all =
      aws::operations<GetPolicyVersion, ListPolicyVersions, CreatePolicyVersion,
                      DeletePolicyVersion, SetDefaultPolicyVersion>();
  return all;
}

}  // namespace larder::iam
