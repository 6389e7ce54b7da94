#include "policy/validate.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

#include "base/check.h"
#include "policy/action_table.h"

namespace larder::policy {

namespace {

using Part = Place::Part;
using MaybeFault = std::optional<Fault>;

/// A fault of the statement `index` or of an element of it.
Fault fault_at(std::size_t index, Part part, std::string message, std::size_t entry = 0) {
  return {std::move(message), {.part = part, .statement = index, .index = entry}};
}

/// The first statement for which it holds.
template <class Predicate>
std::optional<std::size_t> first_of(const std::vector<Statement>& statements,
                                    Predicate&& predicate) {
  const auto found = std::ranges::find_if(statements, predicate);
  if (found == statements.end()) return std::nullopt;
  return static_cast<std::size_t>(found - statements.begin());
}

bool is_plain_sid(std::string_view sid) {
  return std::ranges::all_of(sid, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

bool has_date(const Condition& condition) {
  return condition.op.comparison >= Comparison::date_equals &&
         condition.op.comparison <= Comparison::date_greater_equals;
}

/// The first date that is none.
std::optional<Place> unreadable_date(const Statement& statement, std::size_t index) {
  for (std::size_t c = 0; c < statement.conditions.size(); ++c) {
    const Condition& condition = statement.conditions[c];
    if (!has_date(condition)) continue;
    for (std::size_t v = 0; v < condition.values.size(); ++v)
      if (!read_date(condition.values[v])) return Place{Part::condition_value, index, c, v};
  }
  return std::nullopt;
}

MaybeFault sid_fault(const Document& document, bool plain) {
  const auto& statements = document.statements;
  if (plain) {
    if (const auto i = first_of(statements, [](const auto& s) { return !is_plain_sid(s.sid); }))
      return fault_at(*i, Part::sid,
                      "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies "
                      "the regular expression [0-9A-Za-z]*");
  }
  std::set<std::string_view> sids;
  const auto repeated = first_of(
      statements, [&](const auto& s) { return !s.sid.empty() && !sids.insert(s.sid).second; });
  if (repeated)
    return fault_at(*repeated, Part::sid, "Statement IDs (SID) in a single policy must be unique.");
  return std::nullopt;
}

/// "arn:x:y" as AWS reads it: what is missing up to the sixth component is `*`.
std::string padded_arn(std::string_view resource) {
  std::string padded(resource);
  for (auto colons = std::ranges::count(resource, ':'); colons < 5; ++colons) padded += ":*";
  return padded;
}

constexpr std::string_view iam_paths =
    "user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, "
    "sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/";

/// `root` is what sts:AssumeRoot takes.
bool is_iam_path(std::string_view path) {
  if (path == "*" || path == "root") return true;
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

/// What is wrong with a resource.
std::optional<std::string> resource_message(const std::string& resource) {
  if (resource == "*") return std::nullopt;
  if (!resource.starts_with("arn:"))
    return "Resource " + resource + " must be in ARN format or \"*\".";
  const std::string_view rest = std::string_view(resource).substr(4);
  const std::string_view partition = rest.substr(0, rest.find(':'));
  if (partition != "aws")
    return "Partition \"" + std::string(partition) + "\" is not valid for resource \"" +
           padded_arn(resource) + "\".";
  const std::string complete = padded_arn(resource);
  const auto arn = split_arn(complete);
  if ((*arn)[2].find_first_of("*?$") != std::string_view::npos)
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

bool legacy_reads(std::string_view arn) {
  const bool has_gap = std::ranges::count(arn, ':') < 5 && arn.contains("::");
  const std::string_view vendor = arn.substr(std::string_view("arn:aws:").size());
  return !has_gap && !vendor.empty() && !vendor.starts_with(':');
}

/// What the older parser cannot read.
std::optional<Place> legacy_place(const Document& document, const ReadingNotes& notes) {
  if (notes.effect_in_wrong_case)
    return Place{.part = Part::effect, .statement = *notes.effect_in_wrong_case};
  for (std::size_t i = 0; i < document.statements.size(); ++i) {
    const Statement& statement = document.statements[i];
    if (auto date = unreadable_date(statement, i)) return date;
    for (std::size_t r = 0; r < statement.resources.size(); ++r) {
      const std::string& text = statement.resources[r];
      if (!text.starts_with("arn:aws:")) continue;  // has its own message
      if (!legacy_reads(text)) return Place{Part::resource, i, r};
    }
  }
  return std::nullopt;
}

MaybeFault legacy_fault(const Document& document, const ReadingNotes& notes) {
  const auto place = legacy_place(document, notes);
  if (!place) return std::nullopt;
  return Fault{"The policy failed legacy parsing", *place};
}

/// What is wrong with an action.
std::optional<std::string> action_message(const std::string& action) {
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

MaybeFault actions_fault(const Document& document) {
  for (std::size_t i = 0; i < document.statements.size(); ++i) {
    const Statement& statement = document.statements[i];
    for (std::size_t a = 0; a < statement.actions.size(); ++a)
      if (auto message = action_message(statement.actions[a]))
        return fault_at(i, Part::action, *std::move(message), a);
    for (std::size_t c = 0; c < statement.conditions.size(); ++c)
      if (statement.conditions[c].key.find(':') == std::string::npos)
        return fault_at(
            i, Part::condition_key,
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.", c);
  }
  return std::nullopt;
}

MaybeFault resources_fault(const Document& document) {
  for (std::size_t i = 0; i < document.statements.size(); ++i) {
    const auto& resources = document.statements[i].resources;
    for (std::size_t r = 0; r < resources.size(); ++r)
      if (auto message = resource_message(resources[r]))
        return fault_at(i, Part::resource, *std::move(message), r);
  }
  return std::nullopt;
}

MaybeFault identity_fault(const Document& document, const ParseOptions& options,
                          const ReadingNotes& notes) {
  const auto& statements = document.statements;
  if (const auto i = first_of(statements, [](const auto& s) { return s.principals.has_value(); }))
    return fault_at(*i, Part::principal_name, "Policy document should not specify a principal.");
  if (options.require_2012 && document.version != "2012-10-17")
    return Fault{"Policy document must be version 2012-10-17 or greater.", {.part = Part::version}};
  if (auto fault = legacy_fault(document, notes)) return fault;
  if (auto fault = sid_fault(document, true)) return fault;
  if (const auto i = first_of(statements, [](const auto& s) { return s.actions.empty(); }))
    return fault_at(*i, Part::action_name, "Policy statement must contain actions.");
  if (const auto i = first_of(statements, [](const auto& s) { return s.resources.empty(); }))
    return fault_at(*i, Part::resource_name, "Policy statement must contain resources.");
  if (auto fault = resources_fault(document)) return fault;
  return actions_fault(document);
}

bool is_trust_action(const std::string& action) {
  constexpr std::array<std::string_view, 7> legal{
      "sts:AssumeRole",       "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity",
      "sts:TagSession",       "sts:SetSourceIdentity",  "sts:SetContext",
      "sts:GetCallerIdentity"};
  if (!equal_ignoring_case(action.substr(0, 4), "sts:")) return false;
  const Wildcard pattern(action, true);
  return std::ranges::any_of(legal, [&](std::string_view name) { return pattern.matches(name); });
}

MaybeFault trust_element_fault(const Statement& statement, std::size_t i) {
  if (!statement.resources.empty() || statement.not_resource)
    return fault_at(i, Part::resource_name, "Has prohibited field Resource.");
  if (!statement.principals)
    return fault_at(i, Part::statement, "Missing required field Principal");
  if (statement.principals->negated)
    return fault_at(i, Part::principal_name, "Has prohibited field NotPrincipal.");
  if (statement.actions.empty())
    return fault_at(i, Part::action_name, "Missing required field Action");
  return std::nullopt;
}

MaybeFault trust_actions_fault(const Statement& statement, std::size_t i) {
  constexpr const char* message =
      "Trust Policy statement actions can only be sts:AssumeRole, sts:AssumeRoleWithSAML,  "
      "and sts:AssumeRoleWithWebIdentity";
  if (statement.not_action) return fault_at(i, Part::action_name, message);
  for (std::size_t a = 0; a < statement.actions.size(); ++a)
    if (!is_trust_action(statement.actions[a])) return fault_at(i, Part::action, message, a);
  return std::nullopt;
}

MaybeFault trust_fault(const Document& document, const ReadingNotes& notes) {
  const auto& statements = document.statements;
  for (std::size_t i = 0; i < statements.size(); ++i)
    if (auto fault = trust_element_fault(statements[i], i)) return fault;
  if (auto fault = legacy_fault(document, notes)) return fault;
  if (auto fault = sid_fault(document, true)) return fault;
  if (auto fault = actions_fault(document)) return fault;
  for (std::size_t i = 0; i < statements.size(); ++i)
    if (auto fault = trust_actions_fault(statements[i], i)) return fault;
  return std::nullopt;
}

/// The part after "arn:aws:s3:::" when it begins with the bucket (empty: with any) and what follows
/// can only be the bucket or its keys.
std::optional<std::string_view> within_bucket(std::string_view resource, std::string_view bucket) {
  constexpr std::string_view prefix = "arn:aws:s3:::";
  if (!resource.starts_with(prefix)) return std::nullopt;
  resource.remove_prefix(prefix.size());
  if (resource.empty() || resource.starts_with('/')) return std::nullopt;
  if (bucket.empty()) return resource;
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
/// action on others (s3:ListAllMyBuckets, s3:CreateJob) takes none that a bucket policy can name.
Fit fit_of(const std::string& action, Targets targets) {
  const auto fit = [&](const Action& candidate) {
    const auto takes = [&](std::string_view type) {
      return std::ranges::find(candidate.resources, type) != candidate.resources.end();
    };
    const bool fits = (targets.bucket && takes("bucket")) || (targets.object && takes("object"));
    return fits ? Fit::fits : Fit::other_resources;
  };
  const std::string_view head = std::string_view(action).substr(0, action.find_first_of("*?"));
  if (head.size() == action.size()) {
    const Action* named = action_table().action(action);
    return named != nullptr && named->name.starts_with("s3:") ? fit(*named) : Fit::unknown;
  }
  const Service* s3 = action_table().service("s3");
  CHECK(s3 != nullptr);
  const std::string_view tail = std::string_view(action).substr(action.find_last_of("*?") + 1);
  const Wildcard pattern(action, true);
  Fit best = Fit::unknown;
  for (const Action& candidate : s3->actions) {
    if (best == Fit::fits) break;
    const std::string_view name = candidate.name;
    // Most are told apart by their ends, which costs less than a match.
    if (!equal_ignoring_case(name.substr(0, head.size()), head)) continue;
    if (!equal_ignoring_case(name.substr(name.size() - std::min(name.size(), tail.size())), tail))
      continue;
    if (pattern.matches(name)) best = std::max(best, fit(candidate));
  }
  return best;
}

/// Whether a request for one of the statement's actions can carry the key. Of the keys that any
/// service's requests have, and of an action that is not S3's, the table says yes.
bool any_action_supplies(const Statement& statement, std::string_view name) {
  const ConditionKey* key = action_table().condition_key(name);
  const Service* s3 = action_table().service("s3");
  CHECK(s3 != nullptr);
  if (key == nullptr || key->global) return true;
  return std::ranges::any_of(statement.actions, [&](const std::string& action) {
    const Wildcard pattern(action, true);
    return std::ranges::any_of(s3->actions, [&](const Action& candidate) {
      return action_table().supplies(candidate, *key) && pattern.matches(candidate.name);
    });
  });
}

MaybeFault unfit_condition(const Statement& statement, std::size_t i) {
  for (std::size_t c = 0; c < statement.conditions.size(); ++c) {
    const std::string& key = statement.conditions[c].key;
    if (!equal_ignoring_case(key.substr(0, 3), "s3:") || any_action_supplies(statement, key))
      continue;
    return fault_at(i, Part::condition_key,
                    "Conditions do not apply to combination of actions and resources in statement",
                    c);
  }
  return std::nullopt;
}

/// What no resource policy of any service can have.
MaybeFault resource_form_fault(const Statement& statement, std::size_t i) {
  for (std::size_t r = 0; r < statement.resources.size(); ++r)
    if (statement.resources[r] != "*" && !statement.resources[r].starts_with("arn:"))
      return fault_at(i, Part::resource, "Policy has invalid resource", r);
  return std::nullopt;
}

MaybeFault bucket_statement_fault(const Statement& statement, std::size_t i,
                                  std::optional<std::string_view> bucket) {
  if (!statement.principals)
    return fault_at(i, Part::statement, "Missing required field Principal");
  if (statement.actions.empty())
    return fault_at(i, Part::action_name, "Missing required field Action");
  if (statement.resources.empty())
    return fault_at(i, Part::resource_name, "Missing required field Resource");
  if (!bucket) return resource_form_fault(statement, i);
  // Wrong actions come before wrong resources; what does not fit together comes last.
  constexpr Targets any{.bucket = true, .object = true};
  for (std::size_t a = 0; a < statement.actions.size(); ++a)
    if (fit_of(statement.actions[a], any) == Fit::unknown)
      return fault_at(i, Part::action, "Policy has invalid action", a);
  Targets targets;
  for (std::size_t r = 0; r < statement.resources.size(); ++r) {
    const auto name = within_bucket(statement.resources[r], *bucket);
    if (!name) return fault_at(i, Part::resource, "Policy has invalid resource", r);
    const bool has_key = name->find('/') != std::string_view::npos;
    const bool open = name->find_first_of("*?") != std::string_view::npos;
    targets.bucket = targets.bucket || !has_key;
    targets.object = targets.object || has_key || open;
  }
  if (statement.not_action || statement.not_resource) return std::nullopt;
  for (std::size_t a = 0; a < statement.actions.size(); ++a)
    if (fit_of(statement.actions[a], targets) == Fit::other_resources)
      return fault_at(i, Part::action, "Action does not apply to any resource(s) in statement", a);
  return unfit_condition(statement, i);
}

MaybeFault bucket_fault(const Document& document, const ParseOptions& options,
                        const ReadingNotes& notes) {
  if (notes.effect_in_wrong_case)
    return fault_at(*notes.effect_in_wrong_case, Part::effect, "Invalid effect");
  for (std::size_t i = 0; i < document.statements.size(); ++i)
    if (auto fault = bucket_statement_fault(document.statements[i], i, options.bucket))
      return fault;
  return sid_fault(document, false);
}

}  // namespace

std::optional<Fault> first_fault(const Document& document, Kind kind, const ParseOptions& options,
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
