// Actions that do not exist, and actions and resources that do not go together.
#include <map>
#include <optional>
#include <utility>

#include "policy/lint_checks.h"
#include "policy/nearest.h"
#include "policy/slips.h"

namespace larder::policy {

namespace {

using Part = Place::Part;

bool is_known(const Service& service, const Action& action) {
  return service.complete || !action.resources.empty() || !action.condition_keys.empty();
}

/// What actions of one service apply to.
struct Targets {
  std::vector<bool> types{};  // which of Service::resources, in their order
  bool account = false;       // some apply to no type: to the account as a whole

  void add(const Targets& more) {
    types.resize(more.types.size());
    for (std::size_t i = 0; i < types.size(); ++i) types[i] = types[i] || more.types[i];
    account = account || more.account;
  }
  bool meets(const Targets& other) const {
    for (std::size_t i = 0; i < types.size(); ++i)
      if (types[i] && other.types[i]) return true;
    return account && other.account;
  }
};

/// nullopt when the table cannot tell for each of the actions.
std::optional<Targets> targets_of(const ActionMatch& match) {
  if (!match.any) return std::nullopt;
  const Service& service = *match.service;
  Targets targets{.types = std::vector<bool>(service.resources.size())};
  for (std::size_t i = 0; i < match.actions.size(); ++i) {
    if (!match.actions[i]) continue;
    const Action& action = service.actions[i];
    if (!is_known(service, action)) return std::nullopt;
    if (action.resources.empty()) targets.account = true;
    for (const std::string& name : action.resources) {
      const ResourceType* type = action_table().resource(service, name);
      if (type == nullptr) return std::nullopt;
      targets.types[static_cast<std::size_t>(type - service.resources.data())] = true;
    }
  }
  return targets;
}

/// AWS asks for most of these on `*`; S3 on all buckets, IAM on a path of the account.
bool covers_account(std::string_view resource, const Service& service, Effort& effort) {
  if (resource == "*") return true;
  if (service.prefix == "s3") return arns_may_overlap(resource, "arn:aws:s3:::${*}", effort);
  return service.prefix == "iam" && resource.starts_with("arn:aws:iam:");
}

/// What of `wanted` the resource may be.
Targets part_of(const Targets& wanted, std::string_view resource, const Service& service,
                Effort& effort) {
  Targets part{.types = std::vector<bool>(wanted.types.size())};
  for (std::size_t i = 0; i < wanted.types.size(); ++i)
    part.types[i] =
        wanted.types[i] && may_be_of_type(resource, service.resources[i].pattern, effort);
  part.account = wanted.account && covers_account(resource, service, effort);
  return part;
}

std::string describe(const Service& service, const Targets& targets) {
  std::string text;
  std::size_t named = 0;
  for (std::size_t i = 0; i < targets.types.size(); ++i) {
    if (!targets.types[i]) continue;
    if (named == 3) return text + ", …";
    const ResourceType& type = service.resources[i];
    text += (named == 0 ? "" : ", ") + type.name + " (" + type.pattern + ")";
    ++named;
  }
  if (!targets.account) return text;
  return text.empty() ? "\"*\" only" : text + " or \"*\"";
}

/// A bucket where its objects are meant, or the other way round.
std::string s3_remedy(const Statement& statement, const Service& service, const Targets& targets) {
  const auto has = [&](std::string_view name) {
    const ResourceType* type = action_table().resource(service, name);
    return type != nullptr &&
           targets.types[static_cast<std::size_t>(type - service.resources.data())];
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

/// The actions of a statement beside its resources.
class ResourceCheck {
 public:
  ResourceCheck(const Subject& subject, const std::vector<ActionMatch>& matches)
      : subject_(subject), matches_(matches), used_(subject.statement.resources.size()) {
    for (const ActionMatch& match : matches) {
      targets_.push_back(targets_of(match));
      if (targets_.back())
        services_[match.service].wanted.add(*targets_.back());
      else
        complete_ = false;
    }
    for (auto& [service, of_service] : services_) offer(*service, of_service);
  }

  void warn(Remarks& remarks) const {
    bool any_fits = false;
    for (std::size_t a = 0; a < matches_.size() && !remarks.full(); ++a) {
      if (!targets_[a]) continue;
      const bool fits = targets_[a]->meets(services_.at(matches_[a].service).offered);
      if (!fits) warn_of_action(a, remarks);
      any_fits = any_fits || fits;
    }
    if (!complete_ || !any_fits) return;
    for (std::size_t r = 0; r < used_.size() && !remarks.full(); ++r)
      if (!used_[r]) warn_of_resource(r, remarks);
  }

 private:
  struct OfService {
    Targets wanted;   // by any of the actions
    Targets offered;  // of those, by any of the resources
  };

  void offer(const Service& service, OfService& of_service) {
    for (std::size_t r = 0; r < used_.size(); ++r) {
      const Targets part =
          part_of(of_service.wanted, subject_.statement.resources[r], service, subject_.effort);
      used_[r] = used_[r] || part.meets(part);
      of_service.offered.add(part);
    }
  }

  void warn_of_action(std::size_t entry, Remarks& remarks) const {
    const Statement& statement = subject_.statement;
    const Service& service = *matches_[entry].service;
    const Targets& targets = *targets_[entry];
    remarks.warn(
        subject_.at(Part::action, entry), "action-without-resource",
        statement.actions[entry] + " applies to " + describe(service, targets) +
            ", which no resource of the statement is, so the statement does nothing for it. " +
            s3_remedy(statement, service, targets));
  }

  void warn_of_resource(std::size_t entry, Remarks& remarks) const {
    remarks.warn(subject_.at(Part::resource, entry), "resource-not-applicable",
                 "None of the statement's actions applies to \"" +
                     subject_.statement.resources[entry] +
                     "\": take it out, or add the action that was meant.");
  }

  const Subject& subject_;
  const std::vector<ActionMatch>& matches_;
  std::vector<std::optional<Targets>> targets_{};  // of each entry; nullopt: the table cannot tell
  std::map<const Service*, OfService> services_{};
  std::vector<bool> used_;  // each resource, by some action
  bool complete_ = true;    // the table can tell for every entry
};

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
    const std::vector<Action>& actions = match.service->actions;
    match.actions.resize(actions.size());
    const auto add = [&match](std::size_t i) { match.any = match.actions[i] = true; };
    if (!has_wildcard(pattern)) {
      if (const Action* named = action_table().action(pattern))
        add(static_cast<std::size_t>(named - actions.data()));
      continue;
    }
    const Wildcard wanted(pattern, true);
    for (std::size_t i = 0; i < actions.size(); ++i)
      if (wanted.matches(actions[i].name)) add(i);
  }
  return matches;
}

void check_actions(const Subject& subject, const std::vector<ActionMatch>& matches,
                   Remarks& remarks) {
  for (std::size_t i = 0; i < matches.size() && !remarks.full(); ++i) {
    const std::string& text = subject.statement.actions[i];
    const std::string_view prefix = service_prefix(text);
    if (prefix.empty() || is_own_action(text)) continue;
    if (matches[i].service == nullptr) {
      remarks.warn(subject.at(Part::action, i), "unknown-service",
                   text + " does nothing here: Larder has " + service_names() + ".");
    } else if (!matches[i].any) {
      remarks.warn(subject.at(Part::action, i), "unknown-action",
                   std::string(has_wildcard(text) ? "No action matches " : "There is no action ") +
                       text + "." + did_you_mean(meant_action(text)));
    }
  }
}

void check_resources(const Subject& subject, const std::vector<ActionMatch>& matches,
                     Remarks& remarks) {
  const Statement& statement = subject.statement;
  if (statement.resources.empty() || statement.not_action || statement.not_resource) return;
  ResourceCheck(subject, matches).warn(remarks);
}

}  // namespace larder::policy
