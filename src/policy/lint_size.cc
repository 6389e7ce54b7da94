// AWS's quotas of size, as far as one document can break them.
#include <fmt/format.h>

#include "base/limits.h"
#include "policy/lint_checks.h"

namespace larder::policy {

namespace {

constexpr std::string_view code = "exceeds-quota";

void check_identity(std::size_t size, Remarks& remarks) {
  if (size <= limits::managed_policy) return;
  if (size > limits::inline_policies_of_role) {
    remarks.add(Severity::error, {}, code,
                fmt::format("The policy has {} characters without white space; a managed policy "
                            "may have {}, the inline policies of a role together {}, of a group "
                            "{}, of a user {}. Split it.",
                            size, limits::managed_policy, limits::inline_policies_of_role,
                            limits::inline_policies_of_group, limits::inline_policies_of_user));
    return;
  }
  remarks.warn({}, code,
               fmt::format("The policy has {} characters without white space, too many for a "
                           "managed policy ({}) and for an inline policy of a group ({}) or a user "
                           "({}): it can only be an inline policy of a role, which may have {} in "
                           "all of them together.",
                           size, limits::managed_policy, limits::inline_policies_of_group,
                           limits::inline_policies_of_user, limits::inline_policies_of_role));
}

void check_trust(std::size_t size, Remarks& remarks) {
  if (size <= limits::trust_policy) return;
  const bool raised = size <= limits::trust_policy_raised;
  remarks.add(raised ? Severity::warning : Severity::error, {}, code,
              fmt::format("The policy has {} characters without white space; a role's trust policy "
                          "may have {}. AWS raises that up to {} on request, Larder does not.",
                          size, limits::trust_policy, limits::trust_policy_raised));
}

}  // namespace

void check_size(std::string_view text, Kind kind, Remarks& remarks) {
  const auto refuse_above = [&](std::size_t most, std::size_t size, std::string_view unit,
                                std::string_view what) {
    if (size > most)
      remarks.add(Severity::error, {}, code,
                  fmt::format("The policy has {} {}; {} may have {}.", size, unit, what, most));
  };
  switch (kind) {
    case Kind::identity:
      return check_identity(counted_size(text), remarks);
    case Kind::trust:
      return check_trust(counted_size(text), remarks);
    case Kind::bucket:
      return refuse_above(limits::s3_bucket_policy, text.size(), "bytes", "a bucket policy");
    case Kind::session:
      return refuse_above(limits::session_policy, character_count(text),
                          "characters, white space counted", "a session policy");
    case Kind::boundary:
      return refuse_above(limits::managed_policy, counted_size(text),
                          "characters without white space",
                          "a permissions boundary, which is a managed policy,");
  }
}

}  // namespace larder::policy
