// What does counting a request cost it? A request takes some 20 µs, counting it should take 50 ns.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "aws/request_metrics.h"
#include "base/clock.h"
#include "base/metrics_registry.h"

namespace larder {
namespace {

/// As many operations as a server has, of which some are used.
const std::vector<std::string>& names() {
  static const auto all = [] {
    std::vector<std::string> made;
    for (int i = 0; i < 130; ++i) made.push_back("Operation" + std::to_string(i));
    return made;
  }();
  return all;
}

struct World {
  metrics::Registry registry;
  aws::RequestMetrics requests{{{"s3", {names().begin(), names().end()}}}, registry};
};

World& shared_world() {
  static World world;
  return world;
}

void a_counter(benchmark::State& state) {
  static metrics::Counter counter;
  for (auto _ : state) counter.add();
}
BENCHMARK(a_counter)->Threads(1)->Threads(2);

void a_histogram(benchmark::State& state) {
  static metrics::Histogram histogram(metrics::latency_bounds_microseconds,
                                      metrics::microseconds_per_second);
  std::uint64_t value = 0;
  for (auto _ : state) histogram.observe(value = (value + 997) % 20'000);
}
BENCHMARK(a_histogram)->Threads(1)->Threads(2);

void a_request(benchmark::State& state) {
  auto& world = shared_world();
  const aws::Served served{.status = 200, .microseconds = 180, .bytes_in = 10, .bytes_out = 4096};
  for (auto _ : state) world.requests.record(0, 17, served);
}
BENCHMARK(a_request)->Threads(1)->Threads(2);

void a_denied_request(benchmark::State& state) {
  auto& world = shared_world();
  const aws::Served served{
      .status = 403, .error_code = "SignatureDoesNotMatch", .microseconds = 90, .bytes_out = 600};
  for (auto _ : state) world.requests.record(0, 17, served);
}
BENCHMARK(a_denied_request)->Threads(1)->Threads(2);

/// The second look at the clock that a request takes for its duration.
void the_clock(benchmark::State& state) {
  const SystemClock clock;
  for (auto _ : state) benchmark::DoNotOptimize(clock.now());
}
BENCHMARK(the_clock);

/// What a scrape takes of a core when 20 operations were used.
void the_text(benchmark::State& state) {
  World world;
  for (std::size_t i = 0; i < 20; ++i) {
    world.requests.record(0, i, {.status = 200, .microseconds = i * 100, .bytes_out = i});
    world.requests.record(0, i, {.status = 404, .error_code = "NoSuchKey"});
  }
  for (auto _ : state) benchmark::DoNotOptimize(world.registry.text());
}
BENCHMARK(the_text)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace larder
