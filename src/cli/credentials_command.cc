// `larder credentials`.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <vector>

#include "aws/arn.h"
#include "cli/commands.h"
#include "cli/local_server.h"
#include "cli/output.h"

namespace larder::cli {
namespace {

/// In single quotes, for any POSIX shell.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string text(const boost::json::object& from, std::string_view name) {
  return std::string(from.at(name).as_string());
}

std::string process_document(const boost::json::object& issued) {
  const boost::json::object out{{"Version", 1},
                                {"AccessKeyId", issued.at("AccessKeyId")},
                                {"SecretAccessKey", issued.at("SecretAccessKey")},
                                {"SessionToken", issued.at("SessionToken")},
                                {"Expiration", issued.at("Expiration")},
                                {"AccountId", issued.at("AccountId")}};
  return boost::json::serialize(out) + "\n";
}

std::string exports_of(const boost::json::object& issued, const boost::json::object& server) {
  std::vector<std::pair<const char*, std::string>> exports = {
      {"AWS_ACCESS_KEY_ID", text(issued, "AccessKeyId")},
      {"AWS_SECRET_ACCESS_KEY", text(issued, "SecretAccessKey")},
      {"AWS_SESSION_TOKEN", text(issued, "SessionToken")},
      {"AWS_CREDENTIAL_EXPIRATION", text(issued, "Expiration")},
      {"AWS_ENDPOINT_URL", text(server, "Endpoint")},
      {"AWS_REGION", text(server, "Region")},
      {"AWS_DEFAULT_REGION", text(server, "Region")}};
  if (server.contains("CaBundle")) {
    for (const auto* name : {"AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"})
      exports.emplace_back(name, text(server, "CaBundle"));
  }
  std::string lines;
  for (const auto& [name, value] : exports)
    lines += fmt::format("export {}={}\n", name, quoted(value));
  return lines;
}

}  // namespace

int print_credentials(const std::string& socket, const CredentialsOptions& options) {
  auto server = LocalServer::find(socket);
  if (!server) return explain(server.error().message);
  Parameters parameters{{"DurationSeconds", std::to_string(options.duration)}};
  if (!options.role_arn.empty()) parameters.emplace_back("RoleArn", options.role_arn);
  if (options.root) parameters.emplace_back("Root", "true");
  // A role says in which account it is.
  const auto arn = aws::parse_arn(options.role_arn);
  const std::string account =
      options.account.empty() && arn ? std::string(arn->account) : options.account;
  const auto issued = server->call("IssueCredentials", std::move(parameters), account);
  if (!issued)
    return explain(options.role_arn.empty()
                       ? issued.error().message
                       : fmt::format("{}: {}", options.role_arn, issued.error().message));
  if (options.format == "process") return print(process_document(*issued));
  const auto described = server->call("DescribeServer", {}, options.account);
  if (!described) return explain(described.error().message);
  return print(exports_of(*issued, *described));
}

}  // namespace larder::cli
