// The subcommands but `run`. Each returns the exit status: 0, 1 for a failure that it has explained
// on stderr, 2 for wrong usage.
#pragma once

#include <string>
#include <vector>

#include "cli/output.h"
#include "server/config.h"

namespace CLI {
class Option;
}

namespace larder::cli {

struct ServerOptions {
  server::Config config;
  std::string config_file;
  // Which of them stood on the command line, and so win over the file.
  const CLI::Option* listen = nullptr;
  const CLI::Option* admin = nullptr;
  const CLI::Option* region = nullptr;
  const CLI::Option* domains = nullptr;
  const CLI::Option* log_format = nullptr;
  const CLI::Option* log_level = nullptr;
  const CLI::Option* scrub_rate = nullptr;
};
int serve(const ServerOptions& options);

struct FsckCommandOptions {
  std::string data;
  bool quarantine = false;
  std::string format = "text";
};
/// 0: nothing is damaged; 1: something is; 2: it could not be checked.
int fsck(const FsckCommandOptions& options);

struct AccountOptions {
  std::string name, email, account, max_bytes, format = "text";
};
int create_account(const std::string& socket, const AccountOptions& options);
int list_accounts(const std::string& socket);
/// What each account holds, and each of its buckets.
int show_usage(const std::string& socket, const AccountOptions& options);
/// `max_bytes`: a number of bytes, perhaps with a unit (10GiB), or `none`.
int set_account(const std::string& socket, const AccountOptions& options);
int create_root_key(const std::string& socket, const AccountOptions& options);

struct CredentialsOptions {
  std::string account, role_arn, format = "process";
  bool root = false;
  long duration = 3600;
};
int print_credentials(const std::string& socket, const CredentialsOptions& options);

int list_operations(const std::string& format);

/// `larder policy evaluate`: a request a line on stdin, a verdict a line on stdout
/// (policy/evaluation_json.h). A line of nothing but white space is an error too, except at the
/// end.
int evaluate_policies();

struct ExplainDecisionOptions {
  std::string file = "-";                                     // of the request, or
  std::string principal, action, resource, resource_account;  // of what the server is asked
  std::vector<std::string> context;                           // KEY=VALUE; repeated: a list
  std::string format = "text";
};
int explain_decision(const std::string& socket, const ExplainDecisionOptions& options);

struct LintPoliciesOptions {
  std::vector<std::string> files;
  std::string kind;      // empty: by the text
  std::string boundary;  // its file, or empty
  std::string format = "text";
};
int lint_policies(const LintPoliciesOptions& options);

struct SuggestPolicyOptions {
  std::string audit;  // a file, or the directory of the log
  std::string principal;
  std::string format = "text";
};
int suggest_policy(const SuggestPolicyOptions& options);

}  // namespace larder::cli
