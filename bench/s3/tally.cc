#include "bench/s3/tally.h"

#include <algorithm>

namespace larder::bench {

void Tally::merge(const Tally& other) {
  operations += other.operations;
  bytes += other.bytes;
  latency.merge(other.latency);
  for (const auto& [what, count] : other.errors) errors[what] += count;
  if (complaint.empty()) complaint = other.complaint;
  reconnects += other.reconnects;
  elapsed = std::max(elapsed, other.elapsed);
  cpu += other.cpu;
}

}  // namespace larder::bench
