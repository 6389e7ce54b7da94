#include "iam/operations/managed_policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"

namespace larder::iam {
namespace {

/// When AdministratorAccess and its oldest neighbours were made.
constexpr Time aws_policies_created{std::chrono::seconds{1'423'248'041}};

bool is_policy_path_character(char c) {
  return c == '/' || aws::is_name_character(static_cast<unsigned char>(c));
}

}  // namespace

Result<PolicyPath> PolicyPath::parse(std::string_view text) {
  if (text.empty()) return fail(aws::codes::validation_error, aws::length_at_least(1));
  if (text.size() > 512) return fail(aws::codes::validation_error, aws::length_at_most(512));
  if (text.front() != '/' || text.back() != '/' || text.find("//") != text.npos ||
      !std::ranges::all_of(text, is_policy_path_character))
    return fail(aws::codes::validation_error, aws::must_match("((/[A-Za-z0-9\\.,\\+@=_-]+)*)/"));
  PolicyPath path;
  path.text_ = text;
  return path;
}

Result<void> check_policy_arn(const std::string& arn) {
  if (!aws::parse_arn(arn))
    return fail(aws::codes::validation_error, "Invalid ARN:  Could not be parsed!");
  return {};
}

Result<const ManagedPolicy*> find_policy(const Account& account, const std::string& arn) {
  TRY_VOID(check_policy_arn(arn));
  const auto* found = account.policy(arn);
  if (found == nullptr) return errors::no_such_policy(arn);
  return found;
}

Result<ManagedPolicy> modifiable_policy(const Account& account, const aws::Call& call,
                                        std::string_view action, const std::string& arn) {
  TRY_VOID(check_policy_arn(arn));
  if (aws::parse_arn(arn)->account == "aws")
    return fail(larder::codes::access_denied,
                fmt::format("User: {} is not authorized to perform: {} on resource: {} because it "
                            "is an AWS managed policy",
                            call.caller.principal.arn, action, arn));
  TRY(const auto* found, find_policy(account, arn));
  return *found;
}

Result<PolicyText> accept_managed_document(const std::string& text) {
  TRY(auto document, policy::parse(text, policy::Kind::identity, {.require_2012 = true}));
  if (policy::counted_size(text) > limits::managed_policy)
    return fail(codes::limit_exceeded,
                fmt::format("Cannot exceed quota for PolicySize: {}", limits::managed_policy));
  return PolicyText{text, std::make_shared<const policy::Document>(std::move(document))};
}

Time created_at(const ManagedPolicy& policy, Time created) {
  return policy.aws_managed ? aws_policies_created : created;
}

}  // namespace larder::iam
