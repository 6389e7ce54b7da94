// `larder server`.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "base/log.h"
#include "cli/commands.h"
#include "server/program.h"

namespace larder::cli {
namespace {

constexpr std::chrono::seconds drain{30};

/// The file's settings, under those of the command line.
Result<server::Config> effective(const ServerOptions& options) {
  server::Config config;
  if (!options.config_file.empty()) TRY_VOID(server::read_config_file(options.config_file, config));
  if (!options.config.data.empty()) config.data = options.config.data;
  if (options.listen->count() > 0) config.listen = options.config.listen;
  if (options.admin->count() > 0) config.admin = options.config.admin;
  if (options.region->count() > 0) config.region = options.config.region;
  if (options.domains->count() > 0) config.domains = options.config.domains;
  if (options.scrub_rate->count() > 0) config.scrub_rate = options.config.scrub_rate;
  TRY_VOID(server::check(config));
  return config;
}

}  // namespace

int serve(const ServerOptions& options) {
  auto config = effective(options);
  if (!config) {
    explain(config.error().message);
    return 2;
  }
  // Blocked before there are threads, so that only this one takes them.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  const SystemClock clock;
  SystemRandom random;
  server::Program program(*std::move(config), clock, random);
  if (const auto started = program.start(); !started) return explain(started.error().message);
  std::cout << program.ready_line() << std::endl;
  int received = 0;
  sigwait(&stop_signals, &received);
  log::info("{}: finishing what runs", received == SIGTERM ? "SIGTERM" : "SIGINT");
  program.stop(drain);
  log::info("stopped");
  return 0;
}

}  // namespace larder::cli
