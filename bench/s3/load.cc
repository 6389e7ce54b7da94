#include "bench/s3/load.h"

#include <algorithm>
#include <thread>

#include "base/check.h"
#include "bench/s3/lane.h"

namespace larder::bench {

Result<Load> Load::open(const Server& server, const Body& body, const Settings& settings) {
  Load load;
  const std::size_t threads = std::clamp<std::size_t>(settings.threads, 1, settings.connections);
  for (std::size_t i = 0; i < threads; ++i) {
    const std::size_t connections =
        settings.connections / threads + (i < settings.connections % threads ? 1 : 0);
    load.lanes_.push_back(std::make_unique<Lane>(server, body, connections, settings.patience));
    TRY_VOID(load.lanes_.back()->connect());
  }
  return load;
}

Load::Load(Load&&) noexcept = default;
Load& Load::operator=(Load&&) noexcept = default;
Load::~Load() = default;

Tally Load::run(std::span<const std::unique_ptr<Workload>> workloads,
                std::chrono::nanoseconds duration) {
  CHECK(workloads.size() == lanes_.size());
  if (lanes_.size() == 1) return lanes_[0]->run(*workloads[0], duration);
  std::vector<Tally> tallies(lanes_.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < lanes_.size(); ++i)
      threads.emplace_back([&, i] { tallies[i] = lanes_[i]->run(*workloads[i], duration); });
  }
  Tally sum;
  for (const Tally& tally : tallies) sum.merge(tally);
  return sum;
}

Result<Answer> Load::ask(const Request& request) { return lanes_[0]->ask(request); }

}  // namespace larder::bench
