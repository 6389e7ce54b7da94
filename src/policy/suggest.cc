#include "policy/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <set>
#include <span>
#include <utility>

#include "policy/context.h"
#include "policy/document.h"
#include "policy/match.h"

namespace larder::policy {

namespace {

constexpr std::size_t resources_max = 4096;  // of an action, that are kept apart
constexpr std::size_t examples_max = 3;
constexpr std::initializer_list<Width> all_widths{Width::folders,    Width::beginnings,
                                                  Width::one_folder, Width::buckets,
                                                  Width::types,      Width::services};

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_action(std::string_view action) {
  const std::size_t colon = action.find(':');
  if (colon == 0 || colon >= action.size() - 1) return false;
  return std::ranges::all_of(action, [&](const char& c) {
    const bool in_service = static_cast<std::size_t>(&c - action.data()) <= colon;
    return is_letter_or_digit(c) || (in_service && (c == '-' || c == ':'));
  });
}

/// What a pattern cannot escape has to be free of what a pattern means.
bool is_resource(std::string_view resource) {
  if (resource == "*") return true;
  const auto arn = split_arn(resource);
  return arn && !(*arn)[5].empty() &&
         std::ranges::all_of(std::span(*arn).first(5), [](std::string_view part) {
           return part.find_first_of("*?$") == std::string_view::npos;
         });
}

/// What was asked for: a resource, or any of a kind where none exists yet or all are meant. The
/// server names these with a `*` of its own making; in any other action's resource it is a
/// character that the caller sent.
Scope scope_of(const Use& use) {
  constexpr std::array<std::string_view, 3> on_any{"s3:ListAllMyBuckets", "ec2:RunInstances",
                                                   "ec2:CreateTags"};
  const bool any = use.resource.starts_with("arn:") && use.resource.ends_with('*') &&
                   std::ranges::any_of(on_any, [&](std::string_view action) {
                     return equal_ignoring_case(action, use.action);
                   });
  if (!any) return {use.resource, false};
  return {use.resource.substr(0, use.resource.size() - 1), true};
}

std::string_view service_of(std::string_view action) { return action.substr(0, action.find(':')); }

struct Character {
  std::uint32_t code;
  std::size_t length;  // bytes; 0: `text` does not begin with UTF-8
};

Character first_character(std::string_view text) {
  const std::uint32_t lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4 || length > text.size()) return {0, 0};
  std::uint32_t code = lead & (0xffu >> (length + 1));
  for (const char next : text.substr(1, length - 1)) {
    const std::uint32_t byte = static_cast<unsigned char>(next);
    if ((byte & 0xc0u) != 0x80u) return {0, 0};
    code = code << 6 | (byte & 0x3fu);
  }
  return {code, length};
}

/// In ASCII alone: IAM takes no character beyond U+00FF in a document. A byte that is not UTF-8
/// stays, and makes the document one that parse() refuses.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const auto [code, length] = first_character(text);
    if (length == 0) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    if (code == '"' || code == '\\') out += '\\';
    if (code >= 0x10000)
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + ((code - 0x10000) >> 10),
                         0xdc00 + ((code - 0x10000) & 0x3ff));
    else if (code < 0x20 || code >= 0x7f)
      out += fmt::format("\\u{:04x}", code);
    else
      out += static_cast<char>(code);
    text.remove_prefix(length);
  }
  return out + "\"";
}

/// One string, or a list with a line each.
std::string strings(const std::vector<std::string>& texts) {
  if (texts.size() == 1) return quoted(texts.front());
  std::string out = "[";
  for (const std::string& text : texts)
    out += (out.size() == 1 ? "\n        " : ",\n        ") + quoted(text);
  return out + "\n      ]";
}

std::string statement_json(std::string_view sid, const std::vector<std::string>& actions,
                           const std::vector<std::string>& patterns) {
  return fmt::format(
      "    {{\n      \"Sid\": \"{}\",\n      \"Effect\": \"Allow\",\n      \"Action\": {},\n      "
      "\"Resource\": {}\n    }}",
      sid, strings(actions), strings(patterns));
}

std::string document_json(const std::vector<std::string>& statements) {
  return fmt::format("{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n{}\n  ]\n}}\n",
                     fmt::join(statements, ",\n"));
}

/// "my-bucket" → "MyBucket".
std::string camel_case(std::string_view text) {
  std::string out;
  bool begins = true;
  for (const char c : text) {
    const bool lower = c >= 'a' && c <= 'z';
    if (is_letter_or_digit(c)) out += begins && lower ? static_cast<char>(c - 'a' + 'A') : c;
    begins = !is_letter_or_digit(c);
  }
  return out;
}

/// What a Sid says of the resources: the bucket, or the type of the first.
std::string name_of(const Scope& scope) {
  const auto arn = split_arn(scope.text);
  if (!arn) return "Any";
  const std::string_view last = (*arn)[5];
  const std::string name = camel_case(last.substr(0, last.find_first_of("/:")));
  return name.empty() ? "Any" : name;
}

}  // namespace

using Widths = std::map<std::string_view, Width, ActionOrder>;  // by action

/// The statements that come of widths, and what they rest on.
class Draft {
 public:
  Draft(const Suggester& suggester, const Widths& widths)
      : seen_(suggester.seen_), refusals_(suggester.refusals_) {
    for (const auto& [action, done] : seen_) {
      std::vector<Scope> scopes;
      for (const auto& [scope, seen] : done.resources) scopes.push_back(scope);
      actions_[{service_of(action), widen(scopes, widths.at(action), refusals_.of(action))}]
          .push_back(action);
    }
  }

  /// Without the evidence.
  Suggestion document() const {
    Sids sids;
    std::vector<std::string> statements;
    for (const auto& [subject, actions] : actions_) {
      std::vector<std::string> patterns;
      for (const Scope& scope : subject.second) patterns.push_back(pattern_of(scope));
      statements.push_back(statement_json(sids.next(subject), actions, patterns));
    }
    Suggestion suggestion{.document = document_json(statements), .evidence = {}};
    suggestion.characters = counted_size(suggestion.document);
    return suggestion;
  }

  std::vector<Evidence> evidence() const {
    Sids sids;
    std::vector<Evidence> all;
    for (const auto& [subject, actions] : actions_) {
      all.push_back(evidence_of(actions, subject.second));
      all.back().sid = sids.next(subject);
    }
    return all;
  }

 private:
  using Actions = std::vector<std::string>;
  using Subject = std::pair<std::string_view, std::vector<Scope>>;  // service and resources
  using Seen = Suggester::Seen;

  class Sids {
   public:
    std::string next(const Subject& subject) {
      const std::string name = camel_case(subject.first) + name_of(subject.second.front());
      while (true) {
        std::string sid = fmt::format("{}{}", name, ++numbers_[name]);
        if (given_.insert(sid).second) return sid;
      }
    }

   private:
    std::map<std::string, std::size_t> numbers_{};
    std::set<std::string> given_{};
  };

  Evidence evidence_of(const Actions& actions, const std::vector<Scope>& scopes) const {
    Seen all;
    for (const std::string& action : actions)
      for (const auto& [scope, seen] : seen_.at(action).resources) Suggester::merge(all, seen);
    Evidence evidence{.uses = all.uses,
                      .first = all.first,
                      .last = all.last,
                      .examples = all.examples,
                      .refused = refused(actions, scopes)};
    for (const Scope& scope : scopes) {
      if (!scope.folder) continue;
      const std::string text = widening(actions, scope);
      if (!text.empty()) evidence.widened += (evidence.widened.empty() ? "" : "; ") + text;
    }
    return evidence;
  }

  std::string widening(const Actions& actions, const Scope& folder) const {
    std::set<std::string_view> apart;
    std::size_t together = 0;  // of what was too much to keep
    for (const std::string& action : actions) {
      const auto& resources = seen_.at(action).resources;
      for (auto at = resources.lower_bound(Scope{folder.text, false});
           at != resources.end() && folder.covers(at->first); ++at) {
        const auto& [scope, seen] = *at;
        if (scope == folder && seen.as_it_is) continue;
        if (scope.folder)
          together = std::max(together, seen.resources);
        else
          apart.insert(scope.text);
      }
    }
    if (apart.empty() && together == 0) return "";
    const std::string_view last = (*split_arn(folder.text))[5];
    const bool objects = folder.text.starts_with("arn:aws:s3:::") && last.contains('/');
    return fmt::format("the {}{} {} seen{}{} as {}", std::max(apart.size(), together),
                       together > 0 ? " or more" : "", objects ? "keys" : "resources",
                       last.empty()          ? ""
                       : last.ends_with('/') ? " under "
                                             : " that begin with ",
                       last, pattern_of(folder));
  }

  /// What was a use and a refusal.
  std::string refused(const Actions& actions, const std::vector<Scope>& scopes) const {
    std::string text;
    std::size_t more = 0;
    for (const std::string& action : actions) {
      const ResourceSet& all = refusals_.of(action);
      for (const Scope& scope : scopes) {
        const bool any = scope.text == "*";
        for (auto at = any ? all.begin() : all.lower_bound(scope.text);
             at != all.end() && (any || scope.covers(Scope{*at, false})); ++at) {
          if (text.empty())
            text = fmt::format("{} on {}", action, *at);
          else
            ++more;
        }
      }
    }
    return more == 0 ? text : fmt::format("{} and {} more", text, more);
  }

  const std::map<std::string, Suggester::Action, ActionOrder>& seen_;
  const Refusals& refusals_;
  std::map<Subject, Actions> actions_{};
};

void Suggester::merge(Seen& into, const Seen& other) {
  const bool earlier = into.uses == 0 || other.first < into.first;
  if (earlier) into.first = other.first;
  if (into.uses == 0 || other.last > into.last) into.last = other.last;
  into.uses += other.uses;
  for (const std::string& example : other.examples)
    if (into.examples.size() < examples_max &&
        std::ranges::find(into.examples, example) == into.examples.end())
      into.examples.push_back(example);
}

/// A folder takes in what it covers.
void Suggester::insert(Resources& resources, const Scope& scope, const Seen& seen) {
  Seen all = seen;
  auto at = resources.lower_bound(Scope{scope.text, false});
  while (at != resources.end() && scope.covers(at->first)) {
    merge(all, at->second);
    at = resources.erase(at);
  }
  resources.emplace(scope, std::move(all));
}

/// Folders in the place of what is below them, until half of the room is free.
void Suggester::shrink(Resources& resources, const ResourceSet& refused) {
  for (const Width width : all_widths) {
    std::vector<Scope> scopes;
    for (const auto& [scope, seen] : resources) scopes.push_back(scope);
    Resources wider;
    for (Scope& scope : widen(scopes, width, refused)) wider.emplace(std::move(scope), Seen{});
    for (const auto& [scope, seen] : resources) {
      // Of the scopes that begin as this one does, only the one that covers it stands before it.
      const auto covering = std::prev(wider.upper_bound(Scope{scope.text, true}));
      Seen& all = covering->second;
      if (all.uses == 0) all.resources = 0;
      all.resources += seen.resources;
      all.as_it_is = seen.as_it_is && scope == covering->first;
      merge(all, seen);
    }
    resources = std::move(wider);
    if (resources.size() <= resources_max / 2) return;
  }
}

bool Suggester::add(const Use& use) {
  const Scope scope = scope_of(use);
  const Seen now{.uses = 1,
                 .as_it_is = scope.folder,
                 .first = use.time,
                 .last = use.time,
                 .examples = {use.resource}};
  const auto known = seen_.find(use.action);
  if (known != seen_.end()) {
    Resources& resources = known->second.resources;
    // The last that is not after it: itself, or the folder that it is in.
    const auto after = resources.upper_bound(Scope{scope.text, true});
    if (after != resources.begin() && std::prev(after)->first.covers(scope)) {
      merge(std::prev(after)->second, now);
      return true;
    }
  }
  if (!is_action(use.action) || !is_resource(use.resource)) return false;
  const std::string alone = statement_json("Use", {use.action}, {pattern_of(scope)});
  if (!parse(document_json({alone}), Kind::identity)) return false;
  Action& action = seen_[use.action];
  insert(action.resources, scope, now);
  action.room = std::max(action.room, resources_max);
  if (action.resources.size() <= action.room) return true;
  shrink(action.resources, refusals_.of(use.action));
  // What was refused may leave little to take together: then it grows, and is looked at seldom.
  action.room = std::max(resources_max, 2 * action.resources.size());
  return true;
}

Suggestion Suggester::suggest() const {
  Widths chosen;
  for (const auto& [action, done] : seen_) chosen[action] = Width::folders;
  Suggestion best = Draft(*this, chosen).document();
  for (const Width width : all_widths) {
    if (best.managed_policies() == 1) break;
    Widths all = chosen;
    for (auto& [action, own] : all) own = width;
    Suggestion wider = Draft(*this, all).document();
    if (wider.managed_policies() >= best.managed_policies()) continue;
    best = std::move(wider);
    chosen = std::move(all);
  }
  for (auto& [action, own] : chosen) {
    const Width widest = own;
    for (const Width width : all_widths) {
      own = width;
      if (width == widest) break;
      Suggestion narrower = Draft(*this, chosen).document();
      if (narrower.managed_policies() > best.managed_policies()) continue;
      best = std::move(narrower);
      break;
    }
  }
  best.evidence = Draft(*this, chosen).evidence();
  return best;
}

}  // namespace larder::policy
