// `larder policy explain`.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <map>

#include "cli/commands.h"
#include "cli/local_server.h"
#include "cli/policy_decision_text.h"
#include "cli/policy_files.h"
#include "policy/evaluation_json.h"
#include "policy/slips.h"

namespace larder::cli {
namespace {

using policy::DecisionView;

bool wants_color() {
  const auto set = [](const char* variable) { return variable != nullptr && *variable != '\0'; };
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && !set(std::getenv("NO_COLOR")) && set(terminal) &&
         std::string_view(terminal) != "dumb";
}

/// By the request and the policies in a file.
Result<DecisionView> explain_file(const std::string& file) {
  TRY(const std::string text, read_policy_file(file));
  TRY(const auto request, policy::EvaluationRequest::read(text));
  const policy::Query query = request->query();
  const policy::PolicySet policies = request->policies();
  return policy::view_of(query, policy::explain(query, policies));
}

Result<Parameters> parameters_of(const ExplainDecisionOptions& options) {
  Parameters parameters{{"Principal", options.principal},
                        {"ActionName", options.action},
                        {"Resource", options.resource}};
  if (!options.resource_account.empty())
    parameters.emplace_back("ResourceAccount", options.resource_account);
  std::map<std::string, std::vector<std::string>> context;
  for (const std::string& entry : options.context) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(
          codes::invalid_argument,
          fmt::format("--context takes KEY=VALUE, as in aws:SourceIp=192.0.2.1, not '{}'", entry));
    context[entry.substr(0, equals)].push_back(entry.substr(equals + 1));
  }
  std::size_t number = 0;
  for (const auto& [key, values] : context) {
    const std::string prefix = fmt::format("Context.member.{}.", ++number);
    parameters.emplace_back(prefix + "Key", key);
    for (std::size_t i = 0; i < values.size(); ++i)
      parameters.emplace_back(fmt::format("{}Values.member.{}", prefix, i + 1), values[i]);
  }
  return parameters;
}

std::string text(const boost::json::object& from, std::string_view name) {
  return std::string(from.at(name).as_string());
}

DecisionView view_of(const boost::json::object& answer, const ExplainDecisionOptions& options) {
  DecisionView view{.principal = text(answer, "Principal"),
                    .action = options.action,
                    .resource = options.resource,
                    .decision = text(answer, "Decision"),
                    .decided_by = text(answer, "DecidedBy"),
                    .message = text(answer, "Message")};
  for (const auto& value : answer.at("Statements").as_array()) {
    const boost::json::object& one = value.as_object();
    view.statements.push_back({.kind = text(one, "Kind"),
                               .policy = text(one, "Policy"),
                               .sid = text(one, "Sid"),
                               .index = one.at("Index").as_int64(),
                               .effect = text(one, "Effect"),
                               .applies = one.at("Applies").as_bool(),
                               .decided = one.at("Decided").as_bool(),
                               .failed = text(one, "Failed"),
                               .wanted = text(one, "Wanted"),
                               .found = text(one, "Found")});
  }
  return view;
}

/// By the policies that the server has.
Result<DecisionView> explain_live(const std::string& socket, Parameters parameters,
                                  const ExplainDecisionOptions& options) {
  TRY(const auto server, LocalServer::find(socket));
  TRY(const auto answer, server.call("ExplainDecision", std::move(parameters), ""));
  return view_of(answer, options);
}

int wrong_usage(std::string_view message) {
  explain(message);
  return 2;
}

}  // namespace

int explain_decision(const std::string& socket, const ExplainDecisionOptions& options) {
  const bool live = !options.principal.empty();
  auto parameters = parameters_of(options);
  if (!parameters) return wrong_usage(parameters.error().message);
  if (!live && options.file == "-" && ::isatty(STDIN_FILENO) == 1)
    return wrong_usage(
        "give a request in JSON, in a file or on standard input, or ask the server with "
        "--principal, --action and --resource; `larder policy explain --help` shows both");
  const auto view =
      live ? explain_live(socket, *std::move(parameters), options) : explain_file(options.file);
  if (!view) return explain(view.error().message);
  const int status = print(options.format == "json" ? printable(decision_json(*view)) + "\n"
                                                    : decision_text(*view, wants_color()));
  for (const std::string& slip : policy::slips_in(view->action, view->resource)) explain(slip);
  return status;
}

}  // namespace larder::cli
