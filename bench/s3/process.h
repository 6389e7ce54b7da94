// What a server's process costs, as /proc tells it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

namespace larder::bench {

struct ProcessUsage {
  std::chrono::nanoseconds cpu{};  // user and system time of all its threads, so far
  std::uint64_t resident = 0;      // bytes of memory now
  std::uint64_t peak = 0;          // and at most, so far
  friend bool operator==(const ProcessUsage&, const ProcessUsage&) = default;
};

/// Those that listen on a TCP port of this machine, as far as this user may see; a master and its
/// workers all do.
std::vector<pid_t> processes_listening_on(std::uint16_t port);
/// And all their descendants that live now.
std::vector<pid_t> with_descendants(std::vector<pid_t> processes);
/// The sum; those that have ended count as nothing. nullopt when none lives.
std::optional<ProcessUsage> usage_of(std::span<const pid_t> processes);

// The texts of /proc; see proc(5). Of one that is not as expected nothing is taken.

struct ProcessStat {
  pid_t parent = 0;
  std::uint64_t ticks = 0;  // utime and stime
};
/// Of /proc/PID/stat.
std::optional<ProcessStat> parse_stat(std::string_view text);
/// Bytes, of a line `VmRSS:   1234 kB` of /proc/PID/status; 0 when there is none.
std::uint64_t parse_memory(std::string_view status, std::string_view name);
/// Inodes of the listening sockets of /proc/net/tcp or tcp6.
std::set<std::uint64_t> parse_listeners(std::string_view table, std::uint16_t port);

}  // namespace larder::bench
