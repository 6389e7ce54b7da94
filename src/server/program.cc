#include "server/program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <filesystem>
#include <thread>

#include "audit/file_sink.h"
#include "aws/pipeline.h"
#include "base/async/blocking_pool.h"
#include "base/log.h"
#include "base/metrics_registry.h"
#include "ec2/ec2.h"
#include "http/server.h"
#include "iam/authorizer.h"
#include "iam/iam.h"
#include "iam/role_directory.h"
#include "s3/s3.h"
#include "s3/scrub.h"
#include "server/address.h"
#include "server/admin.h"
#include "server/catalog.h"
#include "server/credentials.h"
#include "server/explain_decision.h"
#include "server/local_server.h"
#include "server/process_metrics.h"
#include "server/timed_pace.h"
#include "server/tls_files.h"
#include "server/usage_metrics.h"
#include "storage/data_directory.h"
#include "sts/session_tokens.h"
#include "sts/sts.h"

namespace larder::server {
namespace {

constexpr unsigned blocking_threads = 8;
constexpr std::size_t blocking_queue = 1024;
constexpr std::chrono::minutes reclaim_interval{5};

/// Before there are cores to run on.
template <class T>
Result<T> run_now(Task<Result<T>> task) {
  boost::asio::io_context io(1);
  std::optional<Result<T>> outcome;
  boost::asio::co_spawn(
      io, [&]() -> Task<void> { outcome.emplace(co_await std::move(task)); },
      [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
      });
  io.run();
  return *std::move(outcome);
}

/// Frees what a crash left behind, then now and then what had readers when it was replaced. Runs on
/// a core until that ends.
Task<void> reclaim(s3::S3& s3) {
  if (const auto swept = co_await s3.collect_garbage(); !swept)
    log::warning("what nothing refers to could not be freed: {}", swept.error().message);
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  for (;;) {
    timer.expires_after(reclaim_interval);
    co_await timer.async_wait(boost::asio::use_awaitable);
    if (const auto freed = co_await s3.free_queues(); !freed)
      log::warning("replaced objects could not be freed: {}", freed.error().message);
  }
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

/// For programs with other working directories.
std::string absolute(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error);
  return error ? path : whole.lexically_normal().string();
}

/// Checks what is stored, again and again, until the core ends.
Task<void> scrub_for_ever(s3::Scrub& scrub) {
  [[maybe_unused]] const auto ended = co_await scrub.run();
}

void log_damage(const storage::Finding& finding) {
  log::error("stored data is damaged: {}", storage::describe(finding));
}

}  // namespace

// Built in this order, destroyed in the reverse: the server's cores outlive what runs on them, the
// pools the stores that use them.
struct Program::Parts {
  metrics::Registry metrics;  // reads the others only while the server serves
  http::Server server;
  storage::PosixFileSystem files;
  BlockingPool pool{blocking_threads, blocking_queue};
  s3::HashingThreads hashing;
  std::unique_ptr<storage::DataDirectory> data;
  std::unique_ptr<audit::FileSink> audit;
  std::unique_ptr<iam::Iam> iam;
  std::unique_ptr<sts::SessionTokens> tokens;
  std::unique_ptr<iam::IamRoleDirectory> roles;
  std::unique_ptr<iam::IamAuthorizer> authorizer;
  std::unique_ptr<Credentials> credentials;
  std::unique_ptr<sts::Sts> sts;
  std::unique_ptr<ec2::Ec2> ec2;
  std::unique_ptr<s3::S3> s3;
  std::unique_ptr<TimedPace> scrub_pace;
  std::unique_ptr<s3::Scrub> scrub;  // null: it is off
  std::unique_ptr<DecisionExplainer> explainer;
  LocalServer local;
  std::unique_ptr<aws::Pipeline> pipeline;
  std::unique_ptr<AdminService> admin;
  std::unique_ptr<http::TlsContext> tls;  // null: plain
  http::CertificateFacts certificate;     // as of the start
  std::string ready_line;

  // Half of the cores: the others receive and write what is hashed.
  explicit Parts(const Clock& clock)
      : server(clock, http::ServerOptions{.server_name = "Larder"}),
        hashing(std::max(1u, server.cores() / 2)) {}

  Result<void> open(const Config& config, const Clock& clock, Random& random);
  Result<void> build(const Config& config, const Clock& clock, Random& random);
  Result<http::TlsIdentity> identity(const Config& config, const Clock& clock);
  Result<void> secure(const Config& config, const Clock& clock);
  void build_scrub(const Config& config, const Clock& clock);
  Result<void> listen(const Config& config);
  void register_metrics(Time now);
  void register_scrub_metrics();
};

Result<void> Program::Parts::open(const Config& config, const Clock& clock, Random& random) {
  storage::RocksKvOptions kv;
  kv.metrics = &metrics;
  TRY(data, storage::open_data_directory(config.data, files, pool, random, kv));
  audit::FileSink::Options options;
  options.rotate_bytes = config.audit.rotate_bytes;
  options.keep_days = static_cast<unsigned>(config.audit.keep_days);
  options.keep_bytes = config.audit.keep_bytes;
  options.object_reads_off = config.audit.object_reads_off;
  options.object_writes_off = config.audit.object_writes_off;
  TRY(audit, audit::FileSink::open(config.data + "/audit", files, clock, options));
  admin = std::make_unique<AdminService>(*audit, metrics);

  iam = std::make_unique<iam::Iam>(data->kv(), data->sealer(), clock, random);
  tokens = std::make_unique<sts::SessionTokens>(data->kv(), data->sealer(), random);
  TRY_VOID(run_now(iam->load()));
  TRY_VOID(run_now(tokens->load()));
  return {};
}

Result<void> Program::Parts::build(const Config& config, const Clock& clock, Random& random) {
  roles = std::make_unique<iam::IamRoleDirectory>(*iam);
  authorizer = std::make_unique<iam::IamAuthorizer>(*iam);
  credentials = std::make_unique<Credentials>(*iam, *tokens);
  sts = std::make_unique<sts::Sts>(*roles, *tokens);
  ec2 = std::make_unique<ec2::Ec2>(data->kv(), *roles, *authorizer, *tokens, random, config.region);
  for (const auto& account : iam->accounts().list()) TRY_VOID(run_now(ec2->load(account.id)));
  iam->when_account_is_made([this](std::string account) { return ec2->load(std::move(account)); });
  s3 = std::make_unique<s3::S3>(
      data->kv(), data->blobs(), hashing, clock, random, config.region,
      [this](const std::string& account) {
        const auto found = iam->accounts().find(account);
        return found ? found->canonical_id : std::string();
      },
      [this](const std::string& account) { return iam->accounts().max_bytes(account); });
  TRY_VOID(run_now(s3->load()));
  build_scrub(config, clock);
  explainer = std::make_unique<DecisionExplainer>(*iam, *roles, *s3, config.region);
  const aws::PipelineOptions options{
      config.region, config.domains.empty() ? default_domains(config.region) : config.domains};
  pipeline =
      std::make_unique<aws::Pipeline>(options, *credentials, *authorizer, *audit, clock, random);
  const Services services{iam.get(),    sts.get(), ec2.get(),      s3.get(),
                          &s3->facts(), &local,    explainer.get()};
  for (auto& service : form_services(services)) pipeline->add(std::move(service));
  pipeline->set(s3_service(services));
  return {};
}

void Program::Parts::build_scrub(const Config& config, const Clock& clock) {
  if (config.scrub_rate == 0) return;
  auto rate = [this, given = config.scrub_rate]() -> std::uint64_t {
    if (given) return static_cast<std::uint64_t>(*given) << 20;
    const auto total = files.total_space(data->path());
    const auto free = files.free_space(data->path());
    return weekly_rate(total && free && *free < *total ? *total - *free : 0);
  };
  scrub_pace = std::make_unique<TimedPace>(clock, std::move(rate));
  scrub = std::make_unique<s3::Scrub>(data->kv(), data->blobs(), s3->contents(), clock, s3->usage(),
                                      *scrub_pace, log_damage);
}

Result<void> Program::Parts::listen(const Config& config) {
  TRY(const auto s3_address, parse_address(config.listen, "--listen"));
  TRY(const auto admin_address, parse_address(config.admin, "--admin"));
  const std::string socket = data->path() + "/larder.sock";
  TRY(const auto s3_listening, server.add_listener(s3_address, *pipeline, tls.get()));
  // On loopback nobody else listens, and whether the server is alive must not hang on a
  // certificate.
  const http::TlsContext* const admin_tls = is_loopback(admin_address.host) ? nullptr : tls.get();
  TRY(const auto admin_listening, server.add_listener(admin_address, *admin, admin_tls));
  const http::UnixEndpoint socket_endpoint{socket};
  TRY_VOID(server.add_listener(socket_endpoint, *pipeline));

  const auto url_of = [this](const http::Endpoint& listening, const http::TlsContext* by) {
    const auto& endpoint = std::get<http::TcpEndpoint>(listening);
    const std::string address = local_address(endpoint);
    return by ? url(Scheme::https, certified_host(certificate, address), endpoint.port)
              : url(Scheme::http, address, endpoint.port);
  };
  local.endpoint = url_of(s3_listening, tls.get());
  local.region = config.region;
  ready_line = fmt::format("larder: ready s3={} admin={} socket={}", local.endpoint,
                           url_of(admin_listening, admin_tls), socket);
  return {};
}

Result<http::TlsIdentity> Program::Parts::identity(const Config& config, const Clock& clock) {
  auto shown = config.tls.self_signed
                   ? self_signed_identity(files, data->path() + "/tls",
                                          certificate_names(config, host_name()), clock.now())
                   : read_identity(files, config.tls.certificate, config.tls.key);
  if (!shown) return shown;
  if (const auto warning = validity_warning(*shown, clock.now())) log::warning("{}", *warning);
  return shown;
}

Result<void> Program::Parts::secure(const Config& config, const Clock& clock) {
  if (!config.tls.enabled()) return {};
  TRY(const auto shown, identity(config, clock));
  TRY(tls, http::TlsContext::make(shown));
  TRY(certificate, http::certificate_facts(shown));
  if (config.tls.self_signed) {
    local.ca_bundle = absolute(shown.certificates_name);
    log::info(
        "the certificate is self-signed: AWS's clients trust it by AWS_CA_BUNDLE={0}, those of "
        "Node.js by NODE_EXTRA_CA_CERTS={0}",
        *local.ca_bundle);
  }
  return {};
}

void Program::Parts::register_scrub_metrics() {
  const auto count = [&](std::string_view name, std::string_view help, const auto& counter) {
    metrics.counter(name, help, {}, [&counter]() -> std::optional<double> {
      return static_cast<double>(counter.load(std::memory_order_relaxed));
    });
  };
  const s3::ScrubCounters& counters = scrub->counters();
  count("larder_scrub_passes_total", "Checks of all that is stored, finished.", counters.passes);
  count("larder_scrub_records_total", "Objects and parts checked.", counters.records);
  count("larder_scrub_bytes_total", "Bytes read to check them.", counters.bytes);
  count("larder_scrub_damaged_total", "Damages found, each counted once.", counters.damaged);
}

void Program::Parts::register_metrics(Time now) {
  register_process_metrics(metrics, now);
  server.register_metrics(metrics);
  pool.register_metrics(metrics);
  audit->register_metrics(metrics);
  pipeline->register_metrics(metrics);
  register_usage_metrics(metrics, s3->usage(), iam->accounts());
  if (scrub) register_scrub_metrics();
  const auto space = [this](auto ask) {
    return [this, ask]() -> std::optional<double> {
      const auto bytes = (files.*ask)(data->path());
      if (!bytes) return std::nullopt;
      return static_cast<double>(*bytes);
    };
  };
  metrics.gauge("larder_storage_free_bytes", "What may still be written to the data directory.", {},
                space(&storage::PosixFileSystem::free_space));
  metrics.gauge("larder_storage_total_bytes", "The file system of the data directory.", {},
                space(&storage::PosixFileSystem::total_space));
}

Program::Program(Config config, const Clock& clock, Random& random)
    : config_(std::move(config)), clock_(clock), random_(random) {}

Program::~Program() { stop(std::chrono::milliseconds(0)); }

Result<void> Program::start() {
  auto parts = std::make_unique<Parts>(clock_);
  TRY_VOID(parts->open(config_, clock_, random_));
  TRY_VOID(parts->build(config_, clock_, random_));
  parts->register_metrics(clock_.now());
  TRY_VOID(parts->secure(config_, clock_));
  TRY_VOID(parts->listen(config_));
  boost::asio::co_spawn(parts->server.core(0), reclaim(*parts->s3), boost::asio::detached);
  if (parts->scrub)
    boost::asio::co_spawn(parts->server.core(0), scrub_for_ever(*parts->scrub),
                          boost::asio::detached);
  parts->server.start();
  parts_ = std::move(parts);
  return {};
}

void Program::reload() {
  if (!parts_ || !parts_->tls) {
    log::info("there is nothing to read again: no TLS");
    return;
  }
  const auto replace = [&]() -> Result<void> {
    TRY(const auto shown, parts_->identity(config_, clock_));
    TRY_VOID(parts_->tls->replace(shown));
    log::info("new connections get the certificate in {}", shown.certificates_name);
    return {};
  };
  if (const auto replaced = replace(); !replaced)
    log::error("connections go on getting the old certificate: {}", replaced.error().message);
}

std::string Program::ready_line() const { return parts_ ? parts_->ready_line : std::string(); }

void Program::stop(std::chrono::milliseconds deadline) {
  if (!parts_) return;
  parts_->admin->stop_being_ready();
  parts_->server.stop(deadline);
  parts_.reset();
}

}  // namespace larder::server
