// The `larder` program: subcommands only; what they do is in the files beside this one.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "cli/commands.h"
#include "cli/run.h"
#include "server/catalog.h"

// jemalloc reads it. Without the thread, what a burst of requests took stays with an idle process.
// Buffers of bodies, of 256 KiB, are what each thread keeps some of, up to twice that size.
extern "C" {
const char* malloc_conf = "background_thread:true,lg_tcache_max:19";
}

namespace larder::cli {
namespace {

constexpr const char* top_examples = R"text(Examples:
  larder server --data ./larder-data          start a store; nothing needs to be configured
  eval "$(larder credentials --format env)"   be its operator in this shell, with no key to keep
  larder run --instance-profile uploader -- aws s3 cp picture.jpg s3://photos/
                                              run a program that finds its role as on EC2

The operator's commands find the server by --socket, else LARDER_SOCKET, else
./larder-data/larder.sock, else /run/larder/larder.sock.)text";

void add_tls(CLI::App& command, server::Config::Tls& tls) {
  command.add_option("--tls-certificate", tls.certificate, "Speak TLS: PEM file, issuers included")
      ->type_name("FILE");
  command.add_option("--tls-key", tls.key, "Its private key, PEM")->type_name("FILE");
  command.add_flag("--tls-self-signed", tls.self_signed,
                   "Speak TLS with a certificate of its own, kept in DIR/tls");
}

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
  options.admin =
      command->add_option("--admin", options.config.admin, "Address of health checks and metrics")
          ->type_name("HOST:PORT");
  options.region = command->add_option("--region", options.config.region, "The region that this is")
                       ->type_name("NAME");
  options.domains = command
                        ->add_option("--domain", options.config.domains,
                                     "Domain whose subdomains are buckets (repeatable; default: "
                                     "localhost and AWS's S3 names)")
                        ->type_name("NAME")
                        ->allow_extra_args(false);
  options.log_format = command
                           ->add_option("--log-format", options.config.log_format,
                                        "Lines on stderr as text or as json")
                           ->type_name("FORMAT");
  options.log_level = command
                          ->add_option("--log-level", options.config.log_level,
                                       "Least level that is logged: debug (a line for each "
                                       "request), info, warning or error")
                          ->type_name("LEVEL");
  add_tls(*command, options.config.tls);
  options.scrub_rate =
      command
          ->add_option("--scrub-rate", options.config.scrub_rate,
                       "Megabytes a second that the checking of stored objects reads; 0: off "
                       "(default: as many as one pass a week needs, at least 4)")
          ->type_name("MB");
  command
      ->add_option("--config", options.config_file,
                   "TOML file with the same settings; options here win")
      ->type_name("FILE");
  command->get_option("--listen")->capture_default_str();
  command->get_option("--admin")->capture_default_str();
  for (const auto* name : {"--region", "--log-format", "--log-level"})
    command->get_option(name)->capture_default_str();
  command->footer(
      R"(When it can serve it prints one line: larder: ready s3=URL admin=URL socket=PATH.
SIGTERM and SIGINT let running requests finish and exit with 0. SIGHUP reads the TLS files again.

Examples:
  larder server --data ./larder-data
  larder server --data /srv/larder --listen 0.0.0.0:9000 --domain s3.example.com
  larder server --data ./larder-data --tls-self-signed
  larder server --config /etc/larder.toml

A configuration file:
  data = "/srv/larder"
  listen = "0.0.0.0:9000"
  [tls]
  certificate = "/etc/larder/tls.pem"
  key = "/etc/larder/tls.key"
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

void add_fsck(CLI::App& app, FsckCommandOptions& options, std::function<int()>& chosen) {
  auto* command = app.add_subcommand(
      "fsck", "Check everything in a data directory that no server uses; changes nothing");
  command->add_option("DIR", options.data, "The data directory, as in larder server --data DIR")
      ->required()
      ->type_name("");
  command->add_flag("--quarantine", options.quarantine,
                    "Move damaged blobs to DIR/quarantine afterwards");
  command->add_option("--format", options.format, "text or json (an object a line)")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer(
      R"(Reads every record, every reference and every byte. What is damaged is one line each on
standard output, then a summary. A running server checks its objects by itself
(larder server --scrub-rate).

Exit status: 0 nothing is damaged, 1 something is, 2 it could not be checked.

Examples:
  larder fsck larder-data
  larder fsck --format json /srv/larder > findings.jsonl)");
  command->callback([&] { chosen = [&] { return fsck(options); }; });
}

void add_account_use(CLI::App& account, const std::string& socket, AccountOptions& options,
                     std::function<int()>& chosen) {
  auto* usage = account.add_subcommand(
      "usage", "What each account holds, and each of its buckets: objects, uploads, bytes");
  usage->add_option("--account", options.account, "Of this account alone")->type_name("ID");
  usage->add_option("--format", options.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT");
  usage->footer(
      R"(Bytes are those of contents. UPLOAD BYTES are of parts of multipart uploads that are not
completed; they count against a limit as well.

Examples:
  larder account usage
  larder account usage --account 123456789012 --format json)");
  usage->callback([&] { chosen = [&] { return show_usage(socket, options); }; });

  auto* set = account.add_subcommand("set", "How much an account may hold; prints it as JSON");
  set->add_option("--account", options.account, "The account's id")->required()->type_name("ID");
  set->add_option("--max-bytes", options.max_bytes,
                  "Bytes, with a unit if you like (KiB to TiB, kB to TB), or none")
      ->required()
      ->type_name("N");
  set->footer(
      R"(What would make the account hold more is refused with QuotaExceeded: no object is stored
beyond the limit. Reading, deleting and replacing by what is no larger go on. A limit below
what the account holds removes nothing.

Examples:
  larder account set --account 123456789012 --max-bytes 100GiB
  larder account set --account 123456789012 --max-bytes none)");
  set->callback([&] { chosen = [&] { return set_account(socket, options); }; });
}

void add_account(CLI::App& app, const std::string& socket, AccountOptions& options,
                 std::function<int()>& chosen) {
  auto* account =
      app.add_subcommand("account", "Make and list accounts; what they hold, and may hold");
  account->require_subcommand(1);
  account->footer(R"(Examples:
  larder account list
  larder account usage
  larder account set --account 123456789012 --max-bytes 100GiB
  larder account create --name research --email research@example.com)");

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

  add_account_use(*account, socket, options, chosen);
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

void add_evaluate(CLI::App& policy, std::function<int()>& chosen) {
  auto* command = policy.add_subcommand(
      "evaluate", "Decide requests by the policies that come with them: JSON lines in and out");
  command->footer(R"(Each line of standard input is an object:
  principal               an ARN (of an identity provider: who brings its token), a service as
                          "ec2.amazonaws.com", or "anonymous"
  action, resource        "s3:GetObject", an ARN or "*"
  resource_account        the owner (default: the account in the ARN, else the principal's)
  context                 condition keys: {"aws:SourceIp": "192.0.2.1", "aws:TagKeys": ["a"]}
  identity_policies       list of documents
  permissions_boundary    document or null
  session_policies        list of documents; empty: none
  resource_policy         document or null; for sts:AssumeRole* the role's trust policy
and each line of standard output, in the same order, its decision, decided_by, statements and
message, or an error. A line of white space is an error too, except at the end. No server is
needed. Exit status: 0 when standard input was read to its end, whatever the decisions.

Example:
  larder policy evaluate < requests.jsonl > decisions.jsonl)");
  command->callback([&] { chosen = evaluate_policies; });
}

void add_explain(CLI::App& policy, const std::string& socket, ExplainDecisionOptions& options,
                 std::function<int()>& chosen) {
  auto* command =
      policy.add_subcommand("explain", "Decide one request and show why, statement by statement");
  auto* file = command
                   ->add_option("FILE", options.file,
                                "The request, as for `larder policy evaluate` (default: standard "
                                "input)")
                   ->type_name("");
  auto* principal = command
                        ->add_option("--principal", options.principal,
                                     "Ask the server, by the policies it has, about this user, "
                                     "role (as its session \"explain\") or session")
                        ->type_name("ARN");
  auto* action =
      command->add_option("--action", options.action, "What is to be done")->type_name("NAME");
  auto* resource = command->add_option("--resource", options.resource, "What it is to be done to")
                       ->type_name("ARN");
  auto* context = command
                      ->add_option("--context", options.context,
                                   "A condition key that the request brings (repeatable; again for "
                                   "the same key: a list)")
                      ->type_name("KEY=VALUE")
                      ->allow_extra_args(false);
  auto* account = command
                      ->add_option("--resource-account", options.resource_account,
                                   "The resource's owner (default: as the server knows it)")
                      ->type_name("ID");
  for (auto* option : {action, resource}) principal->needs(option);
  for (auto* option : {action, resource, context, account}) option->needs(principal);
  principal->excludes(file);
  command->add_option("--format", options.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer(R"(Exit status: 0 whatever the decision, 1 when there is none, 2 for wrong usage.

Examples:
  larder policy explain request.json
  larder policy explain --principal arn:aws:iam::123456789012:role/reader \
      --action s3:GetObject --resource arn:aws:s3:::photos/cat.jpg \
      --context aws:SourceIp=192.0.2.1)");
  command->callback([&] { chosen = [&] { return explain_decision(socket, options); }; });
}

void add_lint(CLI::App& policy, LintPoliciesOptions& options, std::function<int()>& chosen) {
  auto* command = policy.add_subcommand(
      "lint", "Find what AWS refuses in policies, and what they do not do as they seem to");
  command->add_option("FILE", options.files, "Policies; -: standard input")
      ->required()
      ->type_name("");
  command
      ->add_option("--kind", options.kind,
                   "What they are for: identity, trust, bucket, session or boundary (default: told "
                   "from their elements)")
      ->check(CLI::IsMember({"identity", "trust", "bucket", "session", "boundary"}))
      ->type_name("KIND");
  command
      ->add_option("--boundary", options.boundary,
                   "The permissions boundary beside which they will stand")
      ->type_name("FILE");
  command->add_option("--format", options.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer(R"(Exit status: 1 when there is an error, 0 when there are warnings at most.

Examples:
  larder policy lint policies/*.json
  larder policy lint --kind trust - < trust.json)");
  command->callback([&] { chosen = [&] { return lint_policies(options); }; });
}

void add_suggest(CLI::App& policy, SuggestPolicyOptions& options, std::function<int()>& chosen) {
  auto* command = policy.add_subcommand(
      "suggest", "Write the smallest policy for all that the audit log shows somebody doing");
  command
      ->add_option("--from-audit", options.audit, "The audit log: DATA/audit, or one of its files")
      ->required()
      ->type_name("DIR|FILE");
  command
      ->add_option("--principal", options.principal,
                   "A user, a role (all its sessions) or a session")
      ->required()
      ->type_name("ARN");
  command->add_option("--format", options.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer(
      R"(The policy goes to standard output, what each statement rests on to standard error; as
JSON both are in one object. More than five objects of one folder become the folder.

Example:
  larder policy suggest --from-audit larder-data/audit \
      --principal arn:aws:iam::123456789012:role/photo-uploader > policy.json)");
  command->callback([&] { chosen = [&] { return suggest_policy(options); }; });
}

struct PolicyOptions {
  ExplainDecisionOptions explain;
  LintPoliciesOptions lint;
  SuggestPolicyOptions suggest;
};

void add_policy(CLI::App& app, const std::string& socket, PolicyOptions& options,
                std::function<int()>& chosen) {
  auto* policy = app.add_subcommand("policy", "Evaluate, explain, check and suggest policies");
  policy->require_subcommand(1);
  policy->footer(R"(Examples:
  larder policy explain --principal arn:aws:iam::123456789012:role/reader \
      --action s3:GetObject --resource arn:aws:s3:::photos/cat.jpg
  larder policy lint policy.json)");
  add_evaluate(*policy, chosen);
  add_explain(*policy, socket, options.explain, chosen);
  add_lint(*policy, options.lint, chosen);
  add_suggest(*policy, options.suggest, chosen);
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
  FsckCommandOptions fsck_options;
  AccountOptions account;
  CredentialsOptions credentials;
  PolicyOptions policy;
  add_server(app, server, chosen);
  add_run(app, socket, run_options, chosen);
  add_fsck(app, fsck_options, chosen);
  add_account(app, socket, account, chosen);
  add_credentials(app, socket, credentials, chosen);
  add_policy(app, socket, policy, chosen);
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
