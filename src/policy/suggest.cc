#include "policy/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <set>
#include <span>
#include <utility>

#include "policy/document.h"
#include "policy/match.h"

namespace larder::policy {

namespace {

constexpr std::size_t document_max = 6144;   // AWS's quota of a managed policy
constexpr std::size_t resources_max = 4096;  // of an action, that are kept apart
constexpr std::size_t examples_max = 3;
constexpr std::initializer_list<Width> widths{Width::folders, Width::one_folder, Width::buckets,
                                              Width::types, Width::everything};

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

/// The statements of one width, and what they rest on.
class Draft {
 public:
  Draft(const Suggester& suggester, Width width, bool whole_services)
      : seen_(suggester.seen_), whole_services_(whole_services) {
    for (const auto& [action, resources] : seen_) {
      std::vector<Scope> scopes;
      for (const auto& [scope, seen] : resources) scopes.push_back(scope);
      actions_[{service_of(action), widen(scopes, width)}].push_back(action);
    }
  }

  Suggestion finish() {
    Suggestion suggestion;
    std::vector<std::string> statements;
    for (const auto& [subject, actions] : actions_) {
      const auto& [service, scopes] = subject;
      Evidence evidence = evidence_of(actions, scopes);
      evidence.sid = new_sid(camel_case(service) + name_of(scopes.front()));
      std::vector<std::string> patterns;
      for (const Scope& scope : scopes) patterns.push_back(pattern_of(scope));
      const std::vector<std::string> whole{std::string(service) + ":*"};
      statements.push_back(
          statement_json(evidence.sid, whole_services_ ? whole : actions, patterns));
      suggestion.evidence.push_back(std::move(evidence));
    }
    suggestion.document = document_json(statements);
    return suggestion;
  }

 private:
  using Actions = std::vector<std::string>;

  Evidence evidence_of(const Actions& actions, const std::vector<Scope>& scopes) const {
    Suggester::Seen all;
    for (const std::string& action : actions)
      for (const auto& [scope, seen] : seen_.at(action)) Suggester::merge(all, seen);
    Evidence evidence{
        .uses = all.uses, .first = all.first, .last = all.last, .examples = all.examples};
    for (const Scope& scope : scopes) {
      if (!scope.folder) continue;
      if (!evidence.widened.empty()) evidence.widened += "; ";
      evidence.widened += widening(actions, scope);
    }
    if (whole_services_)
      evidence.widened +=
          fmt::format("; the {} actions seen as {}:*", actions.size(), service_of(actions.front()));
    return evidence;
  }

  std::string widening(const Actions& actions, const Scope& folder) const {
    std::set<std::string_view> apart;
    std::size_t together = 0;  // of what was too much to keep
    for (const std::string& action : actions) {
      for (const auto& [scope, seen] : seen_.at(action)) {
        if (!folder.covers(scope)) continue;
        if (scope.folder)
          together = std::max(together, seen.resources);
        else
          apart.insert(scope.text);
      }
    }
    const auto arn = split_arn(folder.text);
    const bool objects = arn && (*arn)[2] == "s3";
    return fmt::format("the {}{} {} seen{}{} as {}", std::max(apart.size(), together),
                       together > 0 ? " or more" : "", objects ? "keys" : "resources",
                       arn ? " under " : "", arn ? (*arn)[5] : "", pattern_of(folder));
  }

  std::string new_sid(const std::string& name) {
    for (std::size_t number = 1;; ++number) {
      std::string sid = fmt::format("{}{}", name, number);
      if (sids_.insert(sid).second) return sid;
    }
  }

  const std::map<std::string, Suggester::Resources>& seen_;
  const bool whole_services_;
  std::map<std::pair<std::string_view, std::vector<Scope>>, Actions> actions_{};
  std::set<std::string> sids_{};
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

/// Folders in the place of what is below them, until half of the room is free.
void Suggester::shrink(Resources& resources) {
  for (const Width width : widths) {
    std::vector<Scope> scopes;
    for (const auto& [scope, seen] : resources) scopes.push_back(scope);
    Resources wider;
    for (Scope& scope : widen(scopes, width)) wider.emplace(std::move(scope), Seen{});
    for (const auto& [scope, seen] : resources) {
      // Of the scopes that begin as this one does, only the one that covers it stands before it.
      const auto covering = std::prev(wider.upper_bound(Scope{scope.text, true}));
      if (covering->second.uses == 0) covering->second.resources = 0;
      covering->second.resources += seen.resources;
      merge(covering->second, seen);
    }
    resources = std::move(wider);
    if (resources.size() <= resources_max / 2) return;
  }
}

bool Suggester::add(const Use& use) {
  const Seen now{.uses = 1, .first = use.time, .last = use.time, .examples = {use.resource}};
  const auto known = seen_.find(use.action);
  if (known != seen_.end()) {
    Resources& resources = known->second;
    // The last that is not after it: itself, or the folder that it is in.
    const auto after = resources.upper_bound(Scope{use.resource, true});
    const Scope self{use.resource, false};
    if (after != resources.begin() && std::prev(after)->first.covers(self)) {
      merge(std::prev(after)->second, now);
      return true;
    }
  }
  if (!is_action(use.action) || !is_resource(use.resource)) return false;
  const std::string alone =
      statement_json("Use", {use.action}, {pattern_of(Scope{use.resource, false})});
  if (!parse(document_json({alone}), Kind::identity)) return false;
  Resources& resources = seen_[use.action];
  resources.emplace(Scope{use.resource, false}, now);
  if (resources.size() > resources_max) shrink(resources);
  return true;
}

Suggestion Suggester::suggest() const {
  for (const Width width : widths) {
    Suggestion suggestion = Draft(*this, width, false).finish();
    if (counted_size(suggestion.document) <= document_max) return suggestion;
  }
  return Draft(*this, Width::everything, true).finish();
}

}  // namespace larder::policy
