// bench_s3: see --help, and docs/performance.md.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <iostream>

#include "bench/s3/options.h"
#include "bench/s3/process.h"
#include "bench/s3/report.h"
#include "bench/s3/subject.h"
#include "bench/s3/units.h"

namespace larder::bench {
namespace {

std::atomic<bool> interrupted = false;

/// An endpoint that is measured.
struct Contestant {
  EndpointOptions options;
  std::unique_ptr<Server> server;
  std::unique_ptr<Subject> subject;
  std::vector<pid_t> processes;
  std::optional<Load> load;  // of the cell
};

bool is_here(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::vector<pid_t> processes_of(const EndpointOptions& endpoint, bool descendants) {
  std::vector<pid_t> found;
  if (endpoint.process) {
    found = {*endpoint.process};
  } else if (is_here(endpoint.url.host)) {
    found = processes_listening_on(endpoint.url.port);
  }
  return descendants ? with_descendants(std::move(found)) : found;
}

class Bench {
 public:
  Bench(Options options, const Environment& environment, const Clock& clock, Random& random)
      : options_(std::move(options)), environment_(environment), clock_(clock), random_(random) {}

  /// Whatever was measured before a failure is printed, and what was made is taken away.
  Result<void> run();
  const std::vector<Measured>& measured() const { return measured_; }
  std::vector<std::string> names() const;

 private:
  Result<void> open();
  Result<void> open(const EndpointOptions& endpoint, const std::string& bucket);
  Result<void> measure(const Cell& cell);
  Result<void> prepare(Contestant& contestant, const Cell& cell);
  Result<Round> measure(Contestant& contestant, const Cell& cell);
  Result<void> clean();

  Options options_;
  const Environment& environment_;
  const Clock& clock_;
  Random& random_;
  std::optional<Body> body_;
  std::vector<Contestant> contestants_;
  std::vector<Measured> measured_;
};

Result<void> Bench::run() {
  Result<void> outcome = open();
  for (const Cell& cell : matrix(options_.kinds, options_.sizes, options_.connections)) {
    if (!outcome || interrupted) break;
    outcome = measure(cell);
  }
  const Result<void> cleaned = clean();
  return outcome ? cleaned : outcome;
}

Result<void> Bench::open() {
  const std::uint64_t largest = std::ranges::max(options_.sizes);
  TRY(Body body, Body::make(options_.get_url ? 0 : largest, random_));
  body_.emplace(std::move(body));
  const std::string bucket =
      options_.bucket.empty() ? fmt::format("bench-s3-{:016x}", random_.number()) : options_.bucket;
  for (const EndpointOptions& endpoint : options_.endpoints) TRY_VOID(open(endpoint, bucket));
  return {};
}

Result<void> Bench::open(const EndpointOptions& endpoint, const std::string& bucket) {
  StoreSettings settings{.endpoint = endpoint.url,
                         .credentials = std::nullopt,
                         .region = options_.region,
                         .bucket = bucket,
                         .objects = options_.objects,
                         .sign_payload = options_.sign_payload,
                         .keep = options_.keep,
                         .fill_time = options_.round_time};
  if (!options_.is_unsigned) settings.credentials.emplace(endpoint.credentials, environment_);
  TRY(Server server, Server::find(endpoint.url, options_.tls));
  Contestant contestant{.options = endpoint,
                        .server = std::make_unique<Server>(std::move(server)),
                        .subject = nullptr,
                        .processes = processes_of(endpoint, options_.descendants),
                        .load = std::nullopt};
  if (options_.get_url) {
    std::uint64_t size = 0;
    TRY(contestant.subject,
        open_page(std::move(settings), *contestant.server, *body_, clock_, size));
    if (!contestants_.empty() && options_.sizes.front() != size)
      return fail(codes::invalid_argument, "the two URLs have not as many bytes");
    options_.kinds = {Kind::get};
    options_.sizes = {size};
  } else {
    TRY(contestant.subject, open_store(std::move(settings), *contestant.server, *body_, clock_));
  }
  contestants_.push_back(std::move(contestant));
  return {};
}

Result<void> Bench::measure(const Cell& cell) {
  Measured measured{.cell = cell, .rounds = {}};
  measured.rounds.resize(contestants_.size());
  for (Contestant& contestant : contestants_) TRY_VOID(prepare(contestant, cell));
  for (std::size_t round = 0; round < options_.rounds && !interrupted; ++round) {
    for (std::size_t i = 0; i < contestants_.size(); ++i) {
      TRY(Round result, measure(contestants_[i], cell));
      measured.rounds[i].push_back(std::move(result));
    }
  }
  for (std::size_t i = 0; i < contestants_.size(); ++i) {
    contestants_[i].load.reset();
    if (measured.rounds[i].empty()) return {};
    const Summary summary = summarize(measured.rounds[i], options_.threads);
    std::cerr << fmt::format("{} {} x{} {}: {} op/s, p99 {}\n", name_of(cell.kind),
                             format_size(cell.size), cell.connections, contestants_[i].options.name,
                             format_number(summary.rate),
                             format_time(std::chrono::nanoseconds(summary.latency.at(0.99))));
  }
  measured_.push_back(std::move(measured));
  return {};
}

Result<void> Bench::prepare(Contestant& contestant, const Cell& cell) {
  TRY_VOID(contestant.subject->prepare(cell));
  TRY(contestant.load, Load::open(*contestant.server, *body_,
                                  {.connections = cell.connections, .threads = options_.threads}));
  // DELETEs are preceded by PUTs in any case.
  if (cell.kind == Kind::remove || options_.warm_up.count() == 0) return {};
  TRY(const Workloads workloads, contestant.subject->workloads(cell, contestant.load->lanes()));
  contestant.load->run(workloads, options_.warm_up);
  return {};
}

Result<Round> Bench::measure(Contestant& contestant, const Cell& cell) {
  TRY(const Workloads workloads, contestant.subject->workloads(cell, contestant.load->lanes()));
  const auto before = usage_of(contestant.processes);
  Round round{.tally = contestant.load->run(workloads, options_.round_time)};
  const auto after = usage_of(contestant.processes);
  if (before && after) {
    round.server_cpu = after->cpu - before->cpu;
    round.resident = after->resident;
    round.peak = after->peak;
  }
  if (!round.tally.complaint.empty())
    std::cerr << fmt::format("{}: {}\n", contestant.options.name, round.tally.complaint);
  return round;
}

Result<void> Bench::clean() {
  Result<void> outcome;
  for (Contestant& contestant : contestants_)
    if (auto cleaned = contestant.subject->clean(); !cleaned) outcome = std::move(cleaned);
  return outcome;
}

std::vector<std::string> Bench::names() const {
  std::vector<std::string> names;
  for (const EndpointOptions& endpoint : options_.endpoints) names.push_back(endpoint.name);
  return names;
}

Result<void> write_json(const std::string& file, const std::string& json) {
  if (file.empty()) return {};
  std::ofstream out(file, std::ios::binary);
  if (out << json << std::flush) return {};
  return fail(codes::invalid_argument, "cannot write " + file);
}

int explain(const Error& error) {
  std::cerr << "bench_s3: " << error.message << "\n";
  return 1;
}

int run(int argc, char** argv, const Environment& environment) {
  auto options = parse_options(argc, argv, environment);
  if (!options) return options.error();
  const std::string json = options->json;
  const std::size_t threads = options->threads;

  std::signal(SIGPIPE, SIG_IGN);  // a server that closes while it is sent to
  const auto interrupt = [](int) { interrupted = true; };
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);

  const SystemClock clock;
  SystemRandom random;
  Bench bench(*std::move(options), environment, clock, random);
  const auto outcome = bench.run();
  if (!bench.measured().empty()) std::cout << table_of(bench.measured(), bench.names(), threads);
  const auto written = write_json(json, json_of(bench.measured(), bench.names(), threads));
  if (!outcome) return explain(outcome.error());
  if (!written) return explain(written.error());
  return interrupted || has_errors(bench.measured()) ? 1 : 0;
}

}  // namespace
}  // namespace larder::bench

int main(int argc, char** argv, char** variables) {
  larder::bench::Environment environment;
  for (; *variables != nullptr; ++variables) {
    const std::string variable = *variables;
    const auto equals = variable.find('=');
    if (equals != variable.npos)
      environment[variable.substr(0, equals)] = variable.substr(equals + 1);
  }
  return larder::bench::run(argc, argv, environment);
}
