// `larder account …`.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <iostream>

#include "cli/commands.h"
#include "cli/local_server.h"
#include "cli/usage_text.h"

namespace larder::cli {
namespace {

/// Calls one operation of Larder's own service and hands its answer to `print`.
int ask(const std::string& socket, const std::string& account, std::string_view action,
        Parameters parameters, const std::function<void(const boost::json::object&)>& print) {
  auto server = LocalServer::find(socket);
  if (!server) return explain(server.error().message);
  const auto answer = server->call(action, std::move(parameters), account);
  if (!answer) return explain(answer.error().message);
  print(*answer);
  return 0;
}

void print_json(const boost::json::value& value) {
  std::cout << boost::json::serialize(value) << "\n";
}

}  // namespace

int create_account(const std::string& socket, const AccountOptions& options) {
  Parameters parameters{{"Name", options.name}};
  if (!options.email.empty()) parameters.emplace_back("Email", options.email);
  return ask(socket, "", "CreateAccount", std::move(parameters), print_json);
}

int list_accounts(const std::string& socket) {
  return ask(socket, "", "ListAccounts", {},
             [](const boost::json::object& answer) { print_json(answer.at("Accounts")); });
}

int show_usage(const std::string& socket, const AccountOptions& options) {
  auto server = LocalServer::find(socket);
  if (!server) return explain(server.error().message);
  const auto accounts = server->call("ListAccounts", {}, "");
  if (!accounts) return explain(accounts.error().message);
  const auto usage = server->call("ListUsage", {}, "");
  if (!usage) return explain(usage.error().message);
  const auto all = usage_of(accounts->at("Accounts").as_array(), usage->at("Accounts").as_array(),
                            options.account);
  if (all.empty())
    return explain(fmt::format(
        "there is no account {}; `larder account list` shows those there are", options.account));
  return print(options.format == "json" ? boost::json::serialize(all) + "\n" : usage_text(all));
}

int set_account(const std::string& socket, const AccountOptions& options) {
  Parameters parameters;
  if (options.max_bytes != "none") {
    const auto bytes = parse_bytes(options.max_bytes);
    if (!bytes) {
      explain(fmt::format("--max-bytes {}: give a number of bytes, as 1000000 or 10GiB, or none",
                          options.max_bytes));
      return 2;
    }
    parameters.emplace_back("MaxBytes", fmt::format("{}", *bytes));
  }
  return ask(socket, options.account, "SetAccountQuota", std::move(parameters), print_json);
}

int create_root_key(const std::string& socket, const AccountOptions& options) {
  std::cerr << "larder: a root key does everything in the account, does not expire and leaks as "
               "easily as it is copied.\n"
               "larder: use `larder run` for programs and `larder credentials` for people on this "
               "machine instead: both\n"
               "larder: give temporary credentials, so that there is nothing to keep and nothing "
               "to rotate.\n"
               "larder: delete the key with `aws iam delete-access-key` when it has served.\n";
  return ask(socket, options.account, "CreateRootKey", {}, print_json);
}

}  // namespace larder::cli
