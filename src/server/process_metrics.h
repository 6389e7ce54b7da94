// What the kernel knows of this process, under the names that Prometheus' clients give it
// ("Standard and runtime collectors", prometheus.io), and what was built.
#pragma once

#include "base/clock.h"
#include "base/metrics_registry.h"

namespace larder::server {

/// process_* and larder_build_info. `started`: when the process was.
void register_process_metrics(metrics::Registry& registry, Time started);

}  // namespace larder::server
