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
  if (options.log_format->count() > 0) config.log_format = options.config.log_format;
  if (options.log_level->count() > 0) config.log_level = options.config.log_level;
  // As one: a file's certificate does not go with a command line's key.
  if (options.config.tls.enabled()) config.tls = options.config.tls;
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
  log::set_format(*log::parse_format(config->log_format));
  log::set_level(*log::parse_level(config->log_level));
  // Blocked before there are threads, so that only this one takes them.
  sigset_t taken;
  sigemptyset(&taken);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&taken, number);
  pthread_sigmask(SIG_BLOCK, &taken, nullptr);
  signal(SIGPIPE, SIG_IGN);

  const SystemClock clock;
  SystemRandom random;
  server::Program program(*std::move(config), clock, random);
  if (const auto started = program.start(); !started) return explain(started.error().message);
  std::cout << program.ready_line() << std::endl;
  int received = 0;
  sigwait(&taken, &received);
  for (; received == SIGHUP; sigwait(&taken, &received)) program.reload();
  log::info("{}: finishing what runs", received == SIGTERM ? "SIGTERM" : "SIGINT");
  program.stop(drain);
  log::info("stopped");
  return 0;
}

}  // namespace larder::cli
