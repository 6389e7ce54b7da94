// `larder policy suggest`.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <iostream>

#include "cli/commands.h"
#include "cli/policy_audit_reader.h"
#include "policy/principal.h"

namespace larder::cli {
namespace {

/// "1 line is", "2 lines are".
std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? " is" : "s are");
}

void note(std::size_t count, std::string_view noun, std::string_view what) {
  if (count > 0) std::cerr << "larder: " << counted(count, noun) << " " << what << "\n";
}

void report(const AuditCounts& counts) {
  note(counts.files_passed_over, "file", "no .jsonl and passed over; unpack what is compressed");
  note(counts.lines_unreadable, "line", "no event and passed over");
  note(counts.events_refused, "event", "of what was refused, and not in the policy");
  note(counts.events_refused_where, "event",
       "of an older version, which did not write down all that was refused: the policy may allow "
       "it");
  note(counts.events_without_uses, "event",
       "of an older version, which did not write down what was authorized: not in the policy");
  note(counts.events_incomplete, "event",
       "too large to tell all that was authorized or refused: the policy goes by what they tell");
}

void report(const policy::Evidence& evidence) {
  std::string examples;
  for (const std::string& example : evidence.examples) examples += "\n    " + printable(example);
  std::cerr << fmt::format("{}: {} use{}, {} to {}, such as{}\n", evidence.sid, evidence.uses,
                           evidence.uses == 1 ? "" : "s", printable(evidence.first),
                           printable(evidence.last), examples);
  if (!evidence.widened.empty())
    std::cerr << "    wider than that: " << printable(evidence.widened) << "\n";
  if (!evidence.refused.empty())
    std::cerr << "    at another time this was refused: " << printable(evidence.refused) << "\n";
}

/// It cannot be attached as it is, and should be known to before somebody tries.
void report_size(const policy::Suggestion& suggestion) {
  if (suggestion.managed_policies() <= 1) return;
  std::cerr << fmt::format(
      "larder: warning: the policy has {} characters (without white space), and a managed policy "
      "takes {}. Its resources are as wide as helps and as what was refused lets them be, its "
      "actions are those that were used. Share its statements out among {} managed policies or "
      "more, of which a user or role takes 10.\n",
      suggestion.characters, policy::managed_policy_max, suggestion.managed_policies());
}

boost::json::value text_or_null(const std::string& text) {
  return text.empty() ? boost::json::value(nullptr) : boost::json::value(text);
}

boost::json::object to_json(const policy::Evidence& evidence) {
  boost::json::array examples;
  for (const std::string& example : evidence.examples) examples.emplace_back(example);
  return {{"sid", evidence.sid},
          {"uses", evidence.uses},
          {"first", evidence.first},
          {"last", evidence.last},
          {"examples", examples},
          {"widened", text_or_null(evidence.widened)},
          {"refused", text_or_null(evidence.refused)}};
}

boost::json::object to_json(const AuditCounts& counts) {
  return {{"files", counts.files},
          {"files_passed_over", counts.files_passed_over},
          {"lines", counts.lines},
          {"lines_unreadable", counts.lines_unreadable},
          {"events", counts.events},
          {"events_refused", counts.events_refused},
          {"events_refused_where", counts.events_refused_where},
          {"events_without_uses", counts.events_without_uses},
          {"events_incomplete", counts.events_incomplete}};
}

/// Of a root, a user, a role, a session.
bool is_principal(const std::string& arn) {
  return arn.starts_with("arn:") && policy::parse_principal_entry("AWS", arn).has_value();
}

}  // namespace

int suggest_policy(const SuggestPolicyOptions& options) {
  if (!is_principal(options.principal)) {
    explain(
        fmt::format("--principal takes the ARN of a user, a role or a role's session, as in "
                    "arn:aws:iam::123456789012:role/reader, not '{}'",
                    options.principal));
    return 2;
  }
  AuditReader reader(options.principal);
  const auto uses = reader.read(options.audit);
  if (!uses) return explain(uses.error().message);
  const bool json = options.format == "json";
  if (!json || uses->empty()) report(reader.counts());
  if (uses->empty())
    return explain(
        fmt::format("{} was not seen doing anything that needs leave, in {} ({} lines); "
                    "userIdentity.arn in the log shows who was",
                    options.principal, options.audit, reader.counts().lines));
  const policy::Suggestion suggestion = uses->suggest();
  if (!json) {
    if (const int status = print(suggestion.document); status != 0) return status;
    for (const policy::Evidence& evidence : suggestion.evidence) report(evidence);
    report_size(suggestion);
    return 0;
  }
  boost::json::array evidence;
  for (const policy::Evidence& one : suggestion.evidence) evidence.push_back(to_json(one));
  report_size(suggestion);
  return print(printable(boost::json::serialize(
                   boost::json::object{{"policy", boost::json::parse(suggestion.document)},
                                       {"characters", suggestion.characters},
                                       {"managed_policies", suggestion.managed_policies()},
                                       {"evidence", std::move(evidence)},
                                       {"log", to_json(reader.counts())}})) +
               "\n");
}

}  // namespace larder::cli
