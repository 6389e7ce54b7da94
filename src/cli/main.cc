// The `larder` program: subcommands only; what they do is in the files beside this one.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "cli/commands.h"
#include "cli/run.h"
#include "server/catalog.h"

namespace larder::cli {
namespace {

constexpr const char* top_examples = R"text(Examples:
  larder server --data ./larder-data          start a store; nothing needs to be configured
  eval "$(larder credentials --format env)"   be its operator in this shell, with no key to keep
  larder run --instance-profile uploader -- aws s3 cp picture.jpg s3://photos/
                                              run a program that finds its role as on EC2

The operator's commands find the server by --socket, else LARDER_SOCKET, else
./larder-data/larder.sock, else /run/larder/larder.sock.)text";

void add_server(CLI::App& app, ServerOptions& options, std::function<int()>& chosen) {
  auto* command = app.add_subcommand(
      "server", "Serve S3, IAM, STS and EC2's identity operations from one directory");
  command
      ->add_option("--data", options.config.data,
                   "Where everything is kept; made when it is not there")
      ->type_name("DIR");
  options.listen =
      command->add_option("--listen", options.config.listen, "Address of the AWS services")
          ->type_name("HOST:PORT");
  options.admin = command->add_option("--admin", options.config.admin, "Address of health checks")
                      ->type_name("HOST:PORT");
  options.region = command->add_option("--region", options.config.region, "The region that this is")
                       ->type_name("NAME");
  options.domains = command
                        ->add_option("--domain", options.config.domains,
                                     "Domain whose subdomains are buckets (repeatable; default: "
                                     "localhost and AWS's S3 names)")
                        ->type_name("NAME")
                        ->allow_extra_args(false);
  command
      ->add_option("--config", options.config_file,
                   "TOML file with the same settings; options here win")
      ->type_name("FILE");
  command->get_option("--listen")->capture_default_str();
  command->get_option("--admin")->capture_default_str();
  command->get_option("--region")->capture_default_str();
  command->footer(
      R"(When it can serve it prints one line: larder: ready s3=URL admin=URL socket=PATH.
SIGTERM and SIGINT let running requests finish and exit with 0.

Examples:
  larder server --data ./larder-data
  larder server --data /srv/larder --listen 0.0.0.0:9000 --domain s3.example.com
  larder server --config /etc/larder.toml

A configuration file:
  data = "/srv/larder"
  listen = "0.0.0.0:9000"
  [audit]
  keep_days = 365
  object_reads_off = ["public-site"])");
  command->callback([&] { chosen = [&] { return serve(options); }; });
}

/// The program itself, what follows --, is not for CLI11 to read: its arguments pass as they are.
void add_run(CLI::App& app, const std::string& socket, RunOptions& options,
             std::function<int()>& chosen) {
  auto* command = app.add_subcommand(
      "run", "Run a program (after --) as an EC2 instance with a metadata service of its own");
  auto* profile = command
                      ->add_option("--instance-profile", options.instance_profile,
                                   "The instance profile to launch it with")
                      ->type_name("NAME");
  command
      ->add_option("--role", options.role,
                   "The role to launch it with, by an instance profile that holds it")
      ->type_name("NAME")
      ->excludes(profile);
  command->add_option("--account", options.account, "The account (default: the first one)")
      ->type_name("ID");
  command->footer(
      R"(The program and its descendants find the metadata service and Larder's endpoint in their
environment; no key is in it, in a file or in an argument. Signals and the exit status pass
through, and the instance is terminated at the end.

Examples:
  larder run --instance-profile uploader -- aws s3 cp picture.jpg s3://photos/
  larder run --role reader -- python3 report.py
  larder run --instance-profile uploader -- sh -c 'aws sts get-caller-identity')");
  command->callback([&] {
    chosen = [&] {
      options.socket = socket;
      if (!options.command.empty()) return run(options);
      explain("name the program to run after --, as in: larder run -- aws s3 ls");
      return 2;
    };
  });
}

void add_account(CLI::App& app, const std::string& socket, AccountOptions& options,
                 std::function<int()>& chosen) {
  auto* account = app.add_subcommand("account", "Make and list accounts");
  account->require_subcommand(1);
  account->footer(
      "Examples:\n  larder account list\n  larder account create --name research --email "
      "research@example.com");

  auto* create = account->add_subcommand("create", "Make an account; prints it as JSON");
  create->add_option("--name", options.name, "Its name, unique here")
      ->required()
      ->type_name("NAME");
  create->add_option("--email", options.email, "Its e-mail address, unique here")
      ->type_name("ADDRESS");
  create->footer("Example:\n  larder account create --name research --email research@example.com");
  create->callback([&] { chosen = [&] { return create_account(socket, options); }; });

  auto* list = account->add_subcommand("list", "List the accounts as JSON, the default one first");
  list->footer("Example:\n  larder account list");
  list->callback([&] { chosen = [&] { return list_accounts(socket); }; });

  auto* key = account->add_subcommand(
      "create-root-key", "Make a long-lived access key of an account's root (avoid it)");
  key->add_option("--account", options.account, "The account's id")->required()->type_name("ID");
  key->footer(
      R"(Nothing in Larder needs such a key. On this machine use `larder credentials` or
`larder run`; elsewhere roles and temporary credentials.

Example:
  larder account create-root-key --account 123456789012)");
  key->callback([&] { chosen = [&] { return create_root_key(socket, options); }; });
}

void add_credentials(CLI::App& app, const std::string& socket, CredentialsOptions& options,
                     std::function<int()>& chosen) {
  auto* command = app.add_subcommand(
      "credentials", "Temporary credentials of the operator, of a role or of the root");
  command->add_option("--account", options.account, "The account (default: the first one)")
      ->type_name("ID");
  auto* role =
      command->add_option("--role-arn", options.role_arn, "A role; its trust policy is not asked")
          ->type_name("ARN");
  command->add_flag("--root", options.root, "The account's root")->excludes(role);
  command->add_option("--duration", options.duration, "How long they are good for")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 43'200))
      ->capture_default_str();
  command
      ->add_option("--format", options.format,
                   "process: credential_process's JSON; env: shell exports with the endpoints")
      ->check(CLI::IsMember({"process", "env"}))
      ->capture_default_str();
  command->footer(R"text(Examples:
  eval "$(larder credentials --format env)"
  larder credentials --role-arn arn:aws:iam::123456789012:role/reader --duration 900
  aws configure set profile.larder.credential_process "larder credentials")text");
  command->callback([&] { chosen = [&] { return print_credentials(socket, options); }; });
}

void add_operations(CLI::App& app, std::string& format, std::function<int()>& chosen) {
  auto* command = app.add_subcommand("operations", "List the AWS operations that this program has");
  command->add_option("--format", format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer("Example:\n  larder operations --format json");
  command->callback([&] { chosen = [&] { return list_operations(format); }; });
}

int main(int argc, char** argv) {
  CLI::App app("larder: an S3-compatible object store in which applications hold no access keys",
               "larder");
  app.require_subcommand(1);
  app.set_version_flag("--version", "larder " LARDER_VERSION);
  app.footer(top_examples);
  app.get_formatter()->column_width(34);
  std::string socket, format = "text";
  app.add_option("--socket", socket, "The server's socket, DIR/larder.sock")->type_name("PATH");
  app.fallthrough();

  std::function<int()> chosen;
  ServerOptions server;
  RunOptions run_options;
  AccountOptions account;
  CredentialsOptions credentials;
  add_server(app, server, chosen);
  add_run(app, socket, run_options, chosen);
  add_account(app, socket, account, chosen);
  add_credentials(app, socket, credentials, chosen);
  add_operations(app, format, chosen);
  char** const separator = std::find(argv, argv + argc, std::string_view("--"));
  run_options.command.assign(std::min(separator + 1, argv + argc), argv + argc);
  const std::string_view first = argc > 1 ? argv[1] : "-";
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  const bool known = std::ranges::any_of(
      commands, [&](const CLI::App* command) { return command->get_name() == first; });
  if (!first.starts_with('-') && !known) {
    explain(fmt::format("there is no command '{}'; `larder --help` lists those there are", first));
    return 2;
  }
  try {
    app.parse(static_cast<int>(separator - argv), argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : 2;
  }
  return chosen();
}

}  // namespace
}  // namespace larder::cli

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  return larder::cli::main(argc, argv);
}
