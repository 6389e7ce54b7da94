#include "cli/run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <iostream>

#include "base/clock.h"
#include "base/random.h"
#include "cli/environment.h"
#include "cli/local_server.h"
#include "cli/process_tree.h"
#include "cli/run_guard.h"
#include "cli/run_instance.h"
#include "cli/run_program.h"
#include "http/server.h"
#include "imds/service.h"

namespace larder::cli {
namespace {

constexpr int own_failure = 125;  // as of env, timeout and nohup
constexpr int not_executable = 126;
constexpr int not_found = 127;

int explain_failure(const Error& error) {
  std::cerr << "larder run: " << error.message << std::endl;
  if (error.code == program_not_found) return not_found;
  if (error.code == program_not_executable) return not_executable;
  return own_failure;
}

// The metadata service of one instance, on a port of its own.
class MetadataServer {
 public:
  MetadataServer(const LocalServer& local, const std::string& account, const std::string& id)
      : server_(clock_, options()),
        instance_(local, account, id, this_machine(), clock_),
        service_(instance_, clock_, random_),
        guard_(service_, ::getpid(), DescendantsOnly::Root::excepted) {}
  ~MetadataServer() { server_.stop(std::chrono::milliseconds(0)); }
  MetadataServer(const MetadataServer&) = delete;
  MetadataServer& operator=(const MetadataServer&) = delete;

  /// Takes connections from now on, and answers them from start() on. Its URL.
  Result<std::string> listen() {
    const http::TcpEndpoint loopback{"127.0.0.1", 0};
    TRY(const http::Endpoint endpoint, server_.add_listener(loopback, guard_));
    return "http://" + to_string(endpoint);
  }
  void start() { server_.start(); }

 private:
  static http::ServerOptions options() {
    http::ServerOptions options;
    options.cores = 1;
    options.server_name = imds::server_name;
    options.connections_max = 1000;
    return options;
  }

  SystemClock clock_;
  SystemRandom random_;
  http::Server server_;
  LocalInstance instance_;
  imds::MetadataService service_;
  DescendantsOnly guard_;
};

Result<std::string> member(const boost::json::object& answer, std::string_view name) {
  const auto* value = answer.if_contains(name);
  if (value && value->is_string()) return std::string(value->as_string());
  return fail(server_failed, fmt::format("the server does not say its {}; is it of the same "
                                         "version as this program?",
                                         name));
}

// The instance is terminated after all else, when nobody can ask for its credentials any more.
// From its launch on no signal ends this process.
Result<int> run_on_instance(const RunOptions& options) {
  TRY(const LocalServer local, LocalServer::find(options.socket));
  TRY(const auto described, local.call("DescribeServer", {}, options.account));
  Surroundings surroundings;
  TRY(surroundings.endpoint, member(described, "Endpoint"));
  TRY(surroundings.region, member(described, "Region"));
  if (described.contains("CaBundle")) {
    TRY(surroundings.ca_bundle, member(described, "CaBundle"));
  }
  TRY_VOID(become_subreaper());
  const HeldSignals signals;
  TRY(const LaunchedInstance instance, LaunchedInstance::launch(local, options));

  MetadataServer metadata(local, options.account, instance.id());
  TRY(surroundings.metadata_url, metadata.listen());
  const Variables environment = program_environment(current_environment(), surroundings);
  if (const auto signal = signals.pending_end()) return 128 + *signal;
  // Before the server has threads; what the program asks at once waits for them.
  TRY(const pid_t program, start_program(options.command, environment, signals));
  metadata.start();
  return wait_for_program(program, signals);
}

}  // namespace

int run(const RunOptions& options) {
  if (options.command.empty() || options.command.front().empty()) {
    return explain_failure({codes::invalid_argument, "no program to run: name one after `--`"});
  }
  if (!options.instance_profile.empty() && !options.role.empty()) {
    return explain_failure(
        {codes::invalid_argument, "--instance-profile and --role: name one of them"});
  }
  // So that an exception, too, terminates the instance.
  try {
    const auto status = run_on_instance(options);
    return status ? *status : explain_failure(status.error());
  } catch (const std::exception& exception) {
    return explain_failure({codes::internal_error, exception.what()});
  }
}

}  // namespace larder::cli
