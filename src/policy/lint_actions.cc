// Actions that do not exist, and actions and resources that do not go together.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "policy/lint_checks.h"
#include "policy/nearest.h"
#include "policy/pattern_sets.h"

namespace larder::policy {

namespace {

using Part = Place::Part;

/// What Larder adds to AWS's services; the table has AWS's only.
constexpr std::string_view own_service = "larder";

/// Operations that people take for actions.
struct Misnomer {
  std::string_view operation;
  std::string_view action;
};
constexpr std::array<Misnomer, 22> misnomers{{
    {"s3:CompleteMultipartUpload", "s3:PutObject"},
    {"s3:CopyObject", "s3:GetObject and s3:PutObject"},
    {"s3:CreateMultipartUpload", "s3:PutObject"},
    {"s3:DeleteBucketCors", "s3:PutBucketCORS"},
    {"s3:DeleteBucketEncryption", "s3:PutEncryptionConfiguration"},
    {"s3:DeleteBucketLifecycle", "s3:PutLifecycleConfiguration"},
    {"s3:DeleteBucketTagging", "s3:PutBucketTagging"},
    {"s3:DeleteObjects", "s3:DeleteObject"},
    {"s3:GetBucketEncryption", "s3:GetEncryptionConfiguration"},
    {"s3:GetBucketLifecycle", "s3:GetLifecycleConfiguration"},
    {"s3:GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"},
    {"s3:HeadBucket", "s3:ListBucket"},
    {"s3:HeadObject", "s3:GetObject"},
    {"s3:ListBuckets", "s3:ListAllMyBuckets"},
    {"s3:ListMultipartUploads", "s3:ListBucketMultipartUploads"},
    {"s3:ListObjects", "s3:ListBucket"},
    {"s3:ListObjectsV2", "s3:ListBucket"},
    {"s3:ListObjectVersions", "s3:ListBucketVersions"},
    {"s3:ListParts", "s3:ListMultipartUploadParts"},
    {"s3:PutBucketEncryption", "s3:PutEncryptionConfiguration"},
    {"s3:PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"},
    {"s3:UploadPart", "s3:PutObject"},
}};

std::string_view name_part(std::string_view action) {
  return action.substr(std::min(action.find(':') + 1, action.size()));
}

/// The action that was meant; empty when nothing is close.
std::string meant_action(const Service& service, std::string_view text) {
  if (has_wildcard(text)) return {};
  for (const Misnomer& misnomer : misnomers)
    if (equal_ignoring_case(misnomer.operation, text)) return std::string(misnomer.action);
  for (const Service& other : action_table().services())
    for (const Action& action : other.actions)
      if (equal_ignoring_case(name_part(action.name), name_part(text))) return action.name;
  Nearest nearest(name_part(text));
  for (const Action& action : service.actions)
    nearest.consider(action.name, name_part(action.name));
  return nearest.found();
}

std::string service_names() {
  const auto services = action_table().services();
  std::string names;
  for (std::size_t i = 0; i < services.size(); ++i) {
    if (i != 0) names += i + 1 == services.size() ? " and " : ", ";
    names += services[i].prefix;
  }
  return names;
}

bool is_known(const Service& service, const Action& action) {
  return service.complete || !action.resources.empty() || !action.condition_keys.empty();
}

/// What the actions of one pattern apply to.
struct Targets {
  std::set<const ResourceType*> types{};
  bool account = false;  // some apply to no type: to the account as a whole
};

/// nullopt when the table cannot tell for each of them.
std::optional<Targets> targets_of(const ActionMatch& match) {
  if (match.service == nullptr) return std::nullopt;
  Targets targets;
  for (const Action* action : match.actions) {
    if (!is_known(*match.service, *action)) return std::nullopt;
    if (action->resources.empty()) targets.account = true;
    for (const std::string& name : action->resources) {
      const ResourceType* type = action_table().resource(*match.service, name);
      if (type == nullptr) return std::nullopt;
      targets.types.insert(type);
    }
  }
  return targets;
}

/// AWS asks for most of these on `*`; S3 on all buckets, IAM on a path of the account.
bool covers_account(std::string_view resource, const Service& service) {
  if (resource == "*") return true;
  if (service.prefix == "s3") return arns_may_overlap(resource, "arn:aws:s3:::${*}");
  return service.prefix == "iam" && resource.starts_with("arn:aws:iam:");
}

/// Whether resources and types go together; each pair is looked at once.
class Fits {
 public:
  explicit Fits(const Statement& statement) : statement_(statement) {}

  bool fits(std::size_t resource, const Service& service, const Targets& targets) {
    const std::string_view text = statement_.resources[resource];
    if (targets.account && covers_account(text, service)) return true;
    return std::ranges::any_of(targets.types, [&](const ResourceType* type) {
      const auto [known, added] = known_.try_emplace({resource, type});
      if (added) known->second = may_be_of_type(text, type->pattern);
      return known->second;
    });
  }

 private:
  const Statement& statement_;
  std::map<std::pair<std::size_t, const ResourceType*>, bool> known_{};
};

std::string describe(const Targets& targets) {
  std::string text;
  std::size_t named = 0;
  for (const ResourceType* type : targets.types) {
    if (named == 3) return text + ", …";
    text += (named == 0 ? "" : ", ") + type->name + " (" + type->pattern + ")";
    ++named;
  }
  if (!targets.account) return text;
  return text.empty() ? "\"*\" only" : text + " or \"*\"";
}

/// A bucket where its objects are meant, or the other way round.
std::string s3_remedy(const Statement& statement, const Targets& targets) {
  const auto has = [&](std::string_view name) {
    return std::ranges::any_of(targets.types, [&](const auto* t) { return t->name == name; });
  };
  for (const std::string& resource : statement.resources) {
    const std::string& text = resource;
    if (!text.starts_with("arn:aws:s3:::")) continue;
    const std::size_t slash = text.find('/');
    if (has("bucket") && slash != std::string::npos)
      return "Add the bucket itself, \"" + text.substr(0, slash) + "\".";
    if (has("object") && slash == std::string::npos) return "Add its objects, \"" + text + "/*\".";
  }
  return "Add such a resource, or take the action out.";
}

void warn_of_action(const Subject& subject, std::size_t entry, const Targets& targets,
                    Remarks& remarks) {
  const std::string& text = subject.statement.actions[entry];
  remarks.warn(
      subject.at(Part::action, entry), "action-without-resource",
      text + " applies to " + describe(targets) +
          ", which no resource of the statement is, so the statement does nothing for it. " +
          s3_remedy(subject.statement, targets));
}

}  // namespace

std::string_view service_prefix(std::string_view action) {
  const std::size_t colon = action.find(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view prefix = action.substr(0, colon);
  return has_wildcard(prefix) ? std::string_view() : prefix;
}

std::vector<ActionMatch> match_actions(const Statement& statement) {
  std::vector<ActionMatch> matches;
  for (const std::string& pattern : statement.actions) {
    ActionMatch& match = matches.emplace_back();
    match.service = action_table().service(service_prefix(pattern));
    if (match.service == nullptr) continue;
    const Wildcard wanted(pattern, true);
    for (const Action& action : match.service->actions)
      if (wanted.matches(action.name)) match.actions.push_back(&action);
  }
  return matches;
}

void check_actions(const Subject& subject, const std::vector<ActionMatch>& matches,
                   Remarks& remarks) {
  for (std::size_t i = 0; i < matches.size(); ++i) {
    const std::string& text = subject.statement.actions[i];
    const std::string_view prefix = service_prefix(text);
    if (prefix.empty() || equal_ignoring_case(prefix, own_service)) continue;
    const Service* service = matches[i].service;
    if (service == nullptr) {
      remarks.warn(subject.at(Part::action, i), "unknown-service",
                   text + " does nothing here: Larder has " + service_names() + ".");
    } else if (matches[i].actions.empty()) {
      remarks.warn(subject.at(Part::action, i), "unknown-action",
                   std::string(has_wildcard(text) ? "No action matches " : "There is no action ") +
                       text + "." + did_you_mean(meant_action(*service, text)));
    }
  }
}

void check_resources(const Subject& subject, const std::vector<ActionMatch>& matches,
                     Remarks& remarks) {
  const Statement& statement = subject.statement;
  if (statement.resources.empty() || statement.not_action || statement.not_resource) return;
  Fits fits(statement);
  std::vector<bool> used(statement.resources.size());
  bool complete = true;  // the table knows every action
  bool any_fits = false;
  for (std::size_t a = 0; a < matches.size(); ++a) {
    const auto targets = targets_of(matches[a]);
    if (!targets || matches[a].actions.empty()) {
      complete = false;
      continue;
    }
    bool has_resource = false;
    for (std::size_t r = 0; r < used.size(); ++r) {
      if (!fits.fits(r, *matches[a].service, *targets)) continue;
      used[r] = true;
      has_resource = true;
    }
    if (!has_resource) warn_of_action(subject, a, *targets, remarks);
    any_fits = any_fits || has_resource;
  }
  if (!complete || !any_fits) return;
  for (std::size_t r = 0; r < used.size(); ++r) {
    if (used[r]) continue;
    remarks.warn(subject.at(Part::resource, r), "resource-not-applicable",
                 "None of the statement's actions applies to \"" + statement.resources[r] +
                     "\": take it out, or add the action that was meant.");
  }
}

}  // namespace larder::policy
