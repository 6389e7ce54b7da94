#include "policy/validate.h"

#include <algorithm>
#include <array>

#include "policy/s3_actions.h"

namespace larder::policy {

namespace {

using Fault = std::optional<std::string>;

bool is_plain_sid(std::string_view sid) {
  return std::ranges::all_of(sid, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

bool has_date(const Condition& condition) {
  return condition.op.comparison >= Comparison::date_equals &&
         condition.op.comparison <= Comparison::date_greater_equals;
}

bool dates_are_readable(const Statement& statement) {
  for (const Condition& condition : statement.conditions) {
    if (!has_date(condition)) continue;
    for (const ConditionValue& value : condition.values)
      if (!std::holds_alternative<Instant>(value.compiled)) return false;
  }
  return true;
}

Fault sid_fault(const Document& document, bool plain) {
  std::vector<std::string_view> sids;
  for (const Statement& statement : document.statements) {
    if (plain && !is_plain_sid(statement.sid))
      return "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the "
             "regular expression [0-9A-Za-z]*";
    if (!statement.sid.empty()) sids.push_back(statement.sid);
  }
  std::ranges::sort(sids);
  if (std::ranges::adjacent_find(sids) != sids.end())
    return "Statement IDs (SID) in a single policy must be unique.";
  return std::nullopt;
}

/// "arn:x:y" as AWS repeats it in a message: what is missing up to the sixth component is `*`.
std::string padded_arn(std::string_view resource) {
  std::string padded(resource);
  for (auto colons = std::ranges::count(resource, ':'); colons < 5; ++colons) padded += ":*";
  return padded;
}

constexpr std::string_view iam_paths =
    "user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, "
    "sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/";

bool is_iam_path(std::string_view path) {
  if (path == "*") return true;
  std::string_view rest = iam_paths;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(", "), rest.size());
    if (path.starts_with(rest.substr(0, comma))) return true;
    rest.remove_prefix(std::min(comma + 2, rest.size()));
  }
  return false;
}

/// S3's resources beside buckets and objects have a region and an account.
bool is_regional_s3(const ArnParts& arn) {
  constexpr std::array<std::string_view, 4> kinds{"accesspoint", "job/", "storage-lens",
                                                  "async-request/"};
  return !arn[4].empty() &&
         std::ranges::any_of(kinds, [&](auto k) { return arn[5].starts_with(k); });
}

Fault resource_fault(const std::string& resource) {
  if (resource == "*") return std::nullopt;
  if (!resource.starts_with("arn:"))
    return "Resource " + resource + " must be in ARN format or \"*\".";
  const std::string_view rest = std::string_view(resource).substr(4);
  const std::string_view partition = rest.substr(0, rest.find(':'));
  if (partition != "aws")
    return "Partition \"" + std::string(partition) + "\" is not valid for resource \"" +
           padded_arn(resource) + "\".";
  const auto arn = split_arn(resource);
  if (!arn || (*arn)[2].find_first_of("*?$") != std::string_view::npos)
    return "Resource vendor must be fully qualified and cannot contain regexes.";
  if ((*arn)[2] == "iam") {
    if (!(*arn)[3].empty())
      return "IAM resource " + resource + " cannot contain region information.";
    if (!is_iam_path((*arn)[5]))
      return "IAM resource path must either be \"*\" or start with " + std::string(iam_paths) + ".";
  }
  if ((*arn)[2] == "s3" && !(*arn)[3].empty() && !is_regional_s3(*arn))
    return "Resource " + resource + " can not contain region information.";
  return std::nullopt;
}

/// What the older parser cannot read.
bool fails_legacy_parsing(const Document& document, const ReadingNotes& notes) {
  if (notes.effect_in_wrong_case) return true;
  for (const Statement& statement : document.statements) {
    if (!dates_are_readable(statement)) return true;
    for (const ResourcePattern& resource : statement.resources) {
      if (!resource.text.starts_with("arn:aws:")) continue;  // has its own message
      const auto arn = split_arn(resource.text);
      if (!arn || (*arn)[2].empty()) return true;
    }
  }
  return false;
}

Fault action_fault(const std::string& action) {
  const auto colons = std::ranges::count(action, ':');
  if (colons == 0 && action != "*")
    return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
  if (colons > 1) return "Actions/Condition can contain only one colon.";
  const std::string vendor = action.substr(0, action.find(':'));
  const bool valid = std::ranges::all_of(vendor, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  });
  if (vendor != "*" && (!valid || vendor.empty())) return "Vendor " + vendor + " is not valid";
  return std::nullopt;
}

Fault actions_fault(const Document& document) {
  for (const Statement& statement : document.statements) {
    for (const ActionPattern& action : statement.actions)
      if (auto fault = action_fault(action.text)) return fault;
    for (const Condition& condition : statement.conditions)
      if (condition.key.find(':') == std::string::npos)
        return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
  }
  return std::nullopt;
}

Fault identity_fault(const Document& document, const ParseOptions& options,
                     const ReadingNotes& notes) {
  const auto& statements = document.statements;
  if (std::ranges::any_of(statements, [](const Statement& s) { return s.principals.has_value(); }))
    return "Policy document should not specify a principal.";
  if (options.require_2012 && document.version != "2012-10-17")
    return "Policy document must be version 2012-10-17 or greater.";
  if (fails_legacy_parsing(document, notes)) return "The policy failed legacy parsing";
  if (auto fault = sid_fault(document, true)) return fault;
  if (std::ranges::any_of(statements, [](const Statement& s) { return s.actions.empty(); }))
    return "Policy statement must contain actions.";
  if (std::ranges::any_of(statements, [](const Statement& s) { return s.resources.empty(); }))
    return "Policy statement must contain resources.";
  for (const Statement& statement : statements)
    for (const ResourcePattern& resource : statement.resources)
      if (auto fault = resource_fault(resource.text)) return fault;
  return actions_fault(document);
}

bool is_trust_action(const ActionPattern& action) {
  constexpr std::array<std::string_view, 7> legal{
      "sts:AssumeRole",       "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity",
      "sts:TagSession",       "sts:SetSourceIdentity",  "sts:SetContext",
      "sts:GetCallerIdentity"};
  if (!equal_ignoring_case(action.text.substr(0, 4), "sts:")) return false;
  return std::ranges::any_of(
      legal, [&](std::string_view name) { return action.pattern.matches(name, Context{}); });
}

Fault trust_fault(const Document& document, const ReadingNotes& notes) {
  for (const Statement& statement : document.statements) {
    if (!statement.resources.empty() || statement.not_resource)
      return "Has prohibited field Resource.";
    if (!statement.principals) return "Missing required field Principal";
    if (statement.principals->negated) return "Has prohibited field NotPrincipal.";
    if (statement.actions.empty()) return "Missing required field Action";
  }
  if (fails_legacy_parsing(document, notes)) return "The policy failed legacy parsing";
  if (auto fault = sid_fault(document, true)) return fault;
  if (auto fault = actions_fault(document)) return fault;
  for (const Statement& statement : document.statements) {
    if (statement.not_action || !std::ranges::all_of(statement.actions, is_trust_action))
      return "Trust Policy statement actions can only be sts:AssumeRole, sts:AssumeRoleWithSAML,  "
             "and sts:AssumeRoleWithWebIdentity";
  }
  return std::nullopt;
}

/// The part after "arn:aws:s3:::" when it begins with the bucket and what follows can only be the
/// bucket or its keys.
std::optional<std::string_view> within_bucket(std::string_view resource, std::string_view bucket) {
  constexpr std::string_view prefix = "arn:aws:s3:::";
  if (!resource.starts_with(prefix)) return std::nullopt;
  resource.remove_prefix(prefix.size());
  if (resource.empty()) return std::nullopt;
  if (!resource.starts_with(bucket)) return std::nullopt;
  if (resource.size() == bucket.size()) return resource;
  const char next = resource[bucket.size()];
  return next == '/' || next == '*' || next == '?' ? std::optional(resource) : std::nullopt;
}

struct Targets {
  bool bucket = false;
  bool object = false;
};

enum class Fit : std::uint8_t { unknown, other_resources, fits };

/// Whether the pattern stands for any action of S3, and any of those takes such resources. An
/// account action (s3:ListAllMyBuckets) takes none that a bucket policy can name.
Fit fit_of(const ActionPattern& action, Targets targets) {
  Fit fit = Fit::unknown;
  for (const S3Action& candidate : s3_actions()) {
    if (!action.pattern.matches(candidate.name, Context{})) continue;
    if (candidate.target == S3Target::bucket && targets.bucket) return Fit::fits;
    if (candidate.target == S3Target::object && targets.object) return Fit::fits;
    fit = Fit::other_resources;
  }
  return fit;
}

Fault bucket_statement_fault(const Statement& statement, std::string_view bucket) {
  if (!statement.principals) return "Missing required field Principal";
  if (statement.actions.empty()) return "Missing required field Action";
  if (statement.resources.empty()) return "Missing required field Resource";
  if (bucket.empty()) return std::nullopt;
  // Wrong actions come before wrong resources; what does not fit together comes last.
  constexpr Targets any{.bucket = true, .object = true};
  for (const ActionPattern& action : statement.actions)
    if (fit_of(action, any) == Fit::unknown) return "Policy has invalid action";
  Targets targets;
  for (const ResourcePattern& resource : statement.resources) {
    const auto name = within_bucket(resource.text, bucket);
    if (!name) return "Policy has invalid resource";
    const bool has_key = name->find('/') != std::string_view::npos;
    const bool open = name->find_first_of("*?") != std::string_view::npos;
    targets.bucket = targets.bucket || !has_key;
    targets.object = targets.object || has_key || open;
  }
  if (statement.not_action || statement.not_resource) return std::nullopt;
  for (const ActionPattern& action : statement.actions)
    if (fit_of(action, targets) == Fit::other_resources)
      return "Action does not apply to any resource(s) in statement";
  return std::nullopt;
}

Fault bucket_fault(const Document& document, const ParseOptions& options,
                   const ReadingNotes& notes) {
  if (notes.effect_in_wrong_case) return "Invalid effect";
  for (const Statement& statement : document.statements)
    if (auto fault = bucket_statement_fault(statement, options.bucket)) return fault;
  return sid_fault(document, false);
}

}  // namespace

Fault first_fault(const Document& document, Kind kind, const ParseOptions& options,
                  const ReadingNotes& notes) {
  switch (kind) {
    case Kind::trust:
      return trust_fault(document, notes);
    case Kind::bucket:
      return bucket_fault(document, options, notes);
    case Kind::identity:
    case Kind::session:
    case Kind::boundary:
      break;
  }
  return identity_fault(document, options, notes);
}

}  // namespace larder::policy
