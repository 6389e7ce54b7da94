#include "server/process_metrics.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <memory>
#include <optional>

namespace larder::server {
namespace {

/// Of /proc/self/statm, in pages: 0 is all that is mapped, 1 what is in memory.
std::optional<double> mapped_bytes(int field) {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  for (int i = 0; i <= field; ++i) file >> pages;
  if (!file) return std::nullopt;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

std::optional<double> open_descriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir("/proc/self/fd"), ::closedir);
  if (!listing) return std::nullopt;
  double count = -1;  // the listing's own
  while (const dirent* entry = ::readdir(listing.get())) count += entry->d_name[0] != '.';
  return count;
}

std::optional<double> descriptors_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return static_cast<double>(limit.rlim_cur);
}

std::optional<double> cpu_seconds() {
  timespec used{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0) return std::nullopt;
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

}  // namespace

void register_process_metrics(metrics::Registry& registry, Time started) {
  registry.counter("process_cpu_seconds_total", "User and system CPU time spent.", {}, cpu_seconds);
  registry.gauge("process_max_fds", "Maximum number of open file descriptors.", {},
                 descriptors_limit);
  registry.gauge("process_open_fds", "Number of open file descriptors.", {}, open_descriptors);
  registry.gauge("process_resident_memory_bytes", "Resident memory size.", {},
                 [] { return mapped_bytes(1); });
  const auto seconds = std::chrono::duration<double>(started.time_since_epoch()).count();
  registry.gauge("process_start_time_seconds", "When the process started, since 1970.", {},
                 [seconds] { return seconds; });
  registry.gauge("process_virtual_memory_bytes", "Virtual memory size.", {},
                 [] { return mapped_bytes(0); });
  const auto compiler =
      fmt::format("clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
  registry.gauge("larder_build_info", "1; what was built is in the labels.",
                 {{"version", LARDER_VERSION}, {"compiler", compiler}}, [] { return 1; });
}

}  // namespace larder::server
