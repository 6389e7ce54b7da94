#include "bench/s3/process.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace larder::bench {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

template <class Number>
std::optional<Number> number(std::string_view text, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\n"), text.size()));
    if (text.empty()) return out;
    out.push_back(text.substr(0, text.find_first_of(" \t\n")));
    text.remove_prefix(out.back().size());
  }
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> out;
  std::error_code error;
  for (fs::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error))
    if (const auto process = number<pid_t>(at->path().filename().string())) out.push_back(*process);
  std::ranges::sort(out);
  return out;
}

bool holds_one_of(pid_t process, const std::set<std::uint64_t>& inodes) {
  std::error_code error;
  const std::string folder = fmt::format("/proc/{}/fd", process);
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code unreadable;
    const std::string target = fs::read_symlink(at->path(), unreadable).string();
    constexpr std::string_view prefix = "socket:[";
    if (!target.starts_with(prefix) || !target.ends_with("]")) continue;
    const auto inode = number<std::uint64_t>(
        std::string_view(target).substr(prefix.size(), target.size() - prefix.size() - 1));
    if (inode && inodes.contains(*inode)) return true;
  }
  return false;
}

}  // namespace

std::optional<ProcessStat> parse_stat(std::string_view text) {
  // The name may hold spaces and parentheses; the fields after it are of one word each.
  const auto end_of_name = text.rfind(')');
  if (end_of_name == text.npos) return std::nullopt;
  const auto fields = words(text.substr(end_of_name + 1));
  if (fields.size() < 13) return std::nullopt;
  const auto parent = number<pid_t>(fields[1]);
  const auto user = number<std::uint64_t>(fields[11]), system = number<std::uint64_t>(fields[12]);
  if (!parent || !user || !system) return std::nullopt;
  return ProcessStat{.parent = *parent, .ticks = *user + *system};
}

std::uint64_t parse_memory(std::string_view status, std::string_view name) {
  const auto fields = words(status);
  const auto at = std::ranges::find(fields, fmt::format("{}:", name));
  if (at == fields.end() || at + 1 == fields.end()) return 0;
  const auto value = number<std::uint64_t>(at[1]);
  return value ? *value * 1024 : 0;
}

std::set<std::uint64_t> parse_listeners(std::string_view table, std::uint16_t port) {
  constexpr std::string_view listening = "0A";
  std::set<std::uint64_t> inodes;
  while (!table.empty()) {
    const auto line = table.substr(0, table.find('\n'));
    table.remove_prefix(std::min(line.size() + 1, table.size()));
    const auto fields = words(line);
    if (fields.size() < 10 || fields[3] != listening) continue;
    const auto local = number<std::uint16_t>(fields[1].substr(fields[1].rfind(':') + 1), 16);
    const auto inode = number<std::uint64_t>(fields[9]);
    if (local == port && inode) inodes.insert(*inode);
  }
  return inodes;
}

std::vector<pid_t> processes_listening_on(std::uint16_t port) {
  auto inodes = parse_listeners(contents("/proc/net/tcp"), port);
  inodes.merge(parse_listeners(contents("/proc/net/tcp6"), port));
  if (inodes.empty()) return {};
  std::vector<pid_t> out = all_processes();
  std::erase_if(out, [&](pid_t process) { return !holds_one_of(process, inodes); });
  return out;
}

std::vector<pid_t> with_descendants(std::vector<pid_t> processes) {
  std::vector<std::pair<pid_t, pid_t>> parents;
  for (const pid_t process : all_processes())
    if (const auto stat = parse_stat(contents(fmt::format("/proc/{}/stat", process))))
      parents.emplace_back(process, stat->parent);
  for (std::size_t i = 0; i < processes.size(); ++i)
    for (const auto& [process, parent] : parents)
      if (parent == processes[i] && std::ranges::find(processes, process) == processes.end())
        processes.push_back(process);
  return processes;
}

std::optional<ProcessUsage> usage_of(std::span<const pid_t> processes) {
  std::optional<ProcessUsage> sum;
  for (const pid_t process : processes) {
    const auto stat = parse_stat(contents(fmt::format("/proc/{}/stat", process)));
    if (!stat) continue;
    const std::string status = contents(fmt::format("/proc/{}/status", process));
    if (!sum) sum.emplace();
    sum->cpu += std::chrono::nanoseconds(stat->ticks * 1'000'000'000 /
                                         static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK)));
    sum->resident += parse_memory(status, "VmRSS");
    sum->peak += parse_memory(status, "VmHWM");
  }
  return sum;
}

}  // namespace larder::bench
