#include "bench/s3/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "bench/s3/units.h"

namespace larder::bench {
namespace {

constexpr const char* description =
    "Measures an S3 endpoint, or two in alternation: operations a second, latencies, and what they "
    "cost\nthe server's process in CPU time and memory.";

constexpr const char* footer =
    R"text(CREDENTIALS is where they come from:
  env:PREFIX         PREFIX_ACCESS_KEY_ID, PREFIX_SECRET_ACCESS_KEY and PREFIX_SESSION_TOKEN
  process:COMMAND    a command that prints what a credential_process does; asked every ten minutes
  FILE or -          the same from a file or standard input

With two endpoints each of --credentials, --name and --pid may be given twice, the first for the
first; given once, --credentials is for both. Each cell of the matrix is then measured in turns, and
a third line has the first's figures divided by the second's. CPU time and memory are those of the
process that listens on the endpoint's port here, or of --pid. `load` is this program: when it is
busy throughout, the figure is its limit, not the server's.

A row with errors says so, and the exit status is then 1.

Examples:
  bench_s3 --endpoint http://127.0.0.1:9000 --credentials "process:larder credentials"
  larder credentials | bench_s3 --endpoint http://127.0.0.1:9000 --credentials - \
    --only put,get --sizes 4KiB --connections 64 --seconds 5
  bench_s3 --endpoint http://127.0.0.1:9000 --credentials env:AWS --name larder \
    --endpoint http://127.0.0.1:9001 --credentials env:MINIO --name minio --json rounds.json
  bench_s3 --unsigned --get-url http://127.0.0.1:8080/4KiB)text";

// As they stand on the command line.
struct Raw {
  std::vector<std::string> endpoints, get_urls, credentials{"env:AWS"}, names, kinds, sizes;
  std::vector<std::size_t> connections;
  std::vector<pid_t> processes;
  double seconds = 2, warm_up = 0.5;
};

void add_what(CLI::App& app, Raw& raw, Options& options) {
  auto* endpoint = app.add_option("--endpoint", raw.endpoints, "An S3 endpoint; once or twice")
                       ->type_name("URL");
  app.add_option("--get-url", raw.get_urls, "Instead: GET this URL over and over; once or twice")
      ->type_name("URL")
      ->excludes(endpoint);
  app.add_option("--credentials", raw.credentials, "For an endpoint; see below")
      ->type_name("CREDENTIALS")
      ->capture_default_str();
  app.add_flag("--unsigned", options.is_unsigned, "Sign nothing");
  app.add_flag("--sign-payload", options.sign_payload,
               "Sign the SHA-256 of what is put (default: UNSIGNED-PAYLOAD)");
  app.add_option("--region", options.region,
                 "For signing (default: AWS_REGION, "
                 "AWS_DEFAULT_REGION, us-east-1)")
      ->type_name("NAME");
  app.add_option("--name", raw.names, "What the table calls an endpoint")->type_name("NAME");
  app.add_option("--pid", raw.processes, "An endpoint's process")->type_name("PID");
  app.add_flag("--children", options.descendants, "Count its descendants as well");
  app.add_flag("--insecure", options.tls.insecure, "Do not check an https endpoint's certificate");
  app.add_option("--ca-file", options.tls.ca_file, "Check it against these")->type_name("FILE");
}

void add_how(CLI::App& app, Raw& raw, Options& options) {
  app.add_option("--only", raw.kinds, "Of put, get, mixed, list, delete")
      ->delimiter(',')
      ->type_name("OPERATION,...");
  app.add_option("--sizes", raw.sizes, "Of objects (default: 4KiB,64KiB,1MiB,64MiB)")
      ->delimiter(',')
      ->type_name("SIZE,...");
  app.add_option("--connections", raw.connections, "At once (default: 1,16,64)")
      ->delimiter(',')
      ->check(CLI::Range(1, 10'000))
      ->type_name("COUNT,...");
  app.add_option("--seconds", raw.seconds, "Of a round")
      ->check(CLI::Range(0.01, 3600.0))
      ->capture_default_str();
  app.add_option("--rounds", options.rounds, "Of a cell, for each endpoint")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--warm-up", raw.warm_up, "Seconds before a cell's first round, not counted")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "Of the load")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--objects", options.objects,
                 "That GET and LIST read, of a size; fewer when larger than 256 MiB together")
      ->check(CLI::Range(1, 900'000))
      ->capture_default_str();
  app.add_option("--bucket", options.bucket,
                 "To work in, below bench-s3/ (default: one that is made and deleted)")
      ->type_name("NAME");
  app.add_flag("--keep", options.keep, "Leave bucket and objects there");
  app.add_option("--json", options.json, "Where every round is written to")->type_name("FILE");
}

Result<void> take_lists(const Raw& raw, Options& options) {
  for (const auto& name : raw.kinds) {
    const auto kind = parse_kind(name);
    if (!kind)
      return fail(codes::invalid_argument, fmt::format("--only: there is no operation {}", name));
    options.kinds.push_back(*kind);
  }
  for (const auto& text : raw.sizes) {
    TRY(const std::uint64_t size, parse_size(text));
    options.sizes.push_back(size);
  }
  if (options.kinds.empty())
    options.kinds = {Kind::put, Kind::get, Kind::mixed, Kind::list, Kind::remove};
  if (options.sizes.empty()) options.sizes = {4 << 10, 64 << 10, 1 << 20, 64 << 20};
  options.connections = raw.connections;
  if (options.connections.empty()) options.connections = {1, 16, 64};
  return {};
}

Result<void> take_endpoints(const Raw& raw, Options& options) {
  options.get_url = !raw.get_urls.empty();
  const auto& urls = options.get_url ? raw.get_urls : raw.endpoints;
  if (urls.empty() || urls.size() > 2)
    return fail(codes::invalid_argument, "name one or two endpoints, with --endpoint URL");
  if (raw.credentials.size() > urls.size() || raw.names.size() > urls.size() ||
      raw.processes.size() > urls.size())
    return fail(codes::invalid_argument,
                "there are more of --credentials, --name or --pid than endpoints");
  for (std::size_t i = 0; i < urls.size(); ++i) {
    TRY(const http::Url url, http::parse_url(urls[i]));
    options.endpoints.push_back(
        {.name = i < raw.names.size() ? raw.names[i] : fmt::format("{}:{}", url.host, url.port),
         .url = url,
         .credentials = raw.credentials[i < raw.credentials.size() ? i : 0],
         .process = i < raw.processes.size() ? std::optional(raw.processes[i]) : std::nullopt});
  }
  return {};
}

std::string region_of(const Environment& environment) {
  for (const auto* name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (const auto at = environment.find(name); at != environment.end() && !at->second.empty())
      return at->second;
  return "us-east-1";
}

std::chrono::nanoseconds duration(double seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(seconds));
}

}  // namespace

std::expected<Options, int> parse_options(int argc, char** argv, const Environment& environment) {
  Raw raw;
  Options options{.rounds = 3, .objects = 1000, .threads = 1};
  CLI::App app(description, "bench_s3");
  app.footer(footer);
  add_what(app, raw, options);
  add_how(app, raw, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return std::unexpected(app.exit(error) == 0 ? 0 : 2);
  }
  auto taken = take_lists(raw, options);
  if (taken) taken = take_endpoints(raw, options);
  if (!taken) {
    std::cerr << "bench_s3: " << taken.error().message << "; see bench_s3 --help\n";
    return std::unexpected(2);
  }
  if (options.region.empty()) options.region = region_of(environment);
  options.round_time = duration(raw.seconds);
  options.warm_up = duration(raw.warm_up);
  return options;
}

}  // namespace larder::bench
