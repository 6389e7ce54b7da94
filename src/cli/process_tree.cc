#include "cli/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/file_descriptor.h"

namespace larder::cli {
namespace {

using http::FileDescriptor;

// The list of a process's children may lack some while others end, and processes move to the
// subreaper while it is walked.
constexpr int walks = 3;
// Each level holds a directory open; nobody nests programs like this.
constexpr int depth_max = 200;

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

Directory open_directory(int at, const char* name) {
  FileDescriptor descriptor(::openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor) return nullptr;
  Directory directory(::fdopendir(descriptor.get()));
  if (directory) descriptor.release();
  return directory;
}

// Calls `visit` with each name until it yields true; whether it did.
bool any_name(DIR* directory, const std::function<bool(const char*)>& visit) {
  if (directory == nullptr) return false;
  while (const dirent* entry = ::readdir(directory)) {
    if (entry->d_name[0] != '.' && visit(entry->d_name)) return true;
  }
  return false;
}

std::string read_file(int at, const char* name) {
  const FileDescriptor file(::openat(at, name, O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t count = file ? ::read(file.get(), buffer.data(), buffer.size()) : 0;
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

std::optional<pid_t> next_number(std::string_view& text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  pid_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// A process, by its directory in /proc: after its end nothing can be read through it.
struct Process {
  pid_t pid;
  FileDescriptor directory;
};

std::optional<Process> open_process(pid_t pid) {
  FileDescriptor directory(
      ::open(fmt::format("/proc/{}", pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return std::nullopt;
  return Process{pid, std::move(directory)};
}

// nullopt: it has ended.
std::optional<pid_t> parent_of(const Process& process) {
  const std::string stat = read_file(process.directory.get(), "stat");
  // pid (name) state parent: the name may hold anything, parentheses as well.
  const std::size_t name_end = stat.rfind(") ");
  if (name_end == stat.npos || name_end + 4 > stat.size()) return std::nullopt;
  std::string_view rest = std::string_view(stat).substr(name_end + 3);
  return next_number(rest);
}

std::vector<pid_t> children_of(const Process& process) {
  std::vector<pid_t> children;
  const Directory tasks = open_directory(process.directory.get(), "task");
  if (!tasks) return children;
  any_name(tasks.get(), [&](const char* task) {
    const std::string path = std::string(task) + "/children";
    const std::string text = read_file(::dirfd(tasks.get()), path.c_str());
    std::string_view rest = text;
    while (const auto child = next_number(rest)) children.push_back(*child);
    return false;
  });
  return children;
}

bool has_open(const Process& process, std::string_view target) {
  const Directory descriptors = open_directory(process.directory.get(), "fd");
  return any_name(descriptors.get(), [&](const char* name) {
    std::array<char, 64> link;
    const ssize_t size = ::readlinkat(::dirfd(descriptors.get()), name, link.data(), link.size());
    return size > 0 && std::string_view(link.data(), static_cast<std::size_t>(size)) == target;
  });
}

bool any_descendant_has(const Process& ancestor, std::string_view target, int depth) {
  if (depth == depth_max) return false;
  for (const pid_t pid : children_of(ancestor)) {
    const auto child = open_process(pid);
    if (!child) continue;
    // The number may have passed to a stranger since it was listed; the ancestor's has not, if it
    // lives after the child has named it.
    const bool is_child = parent_of(*child) == ancestor.pid && parent_of(ancestor).has_value();
    if (!is_child) continue;
    if (has_open(*child, target) || any_descendant_has(*child, target, depth + 1)) return true;
  }
  return false;
}

}  // namespace

Result<void> become_subreaper() {
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L) == 0) return {};
  return fail(codes::internal_error,
              fmt::format("cannot become the subreaper: {}", std::strerror(errno)));
}

bool descendant_has_socket(pid_t ancestor, std::uint32_t inode) {
  const auto root = open_process(ancestor);
  if (!root) return false;
  const std::string target = fmt::format("socket:[{}]", inode);
  for (int walk = 0; walk < walks; ++walk) {
    if (any_descendant_has(*root, target, 0)) return true;
  }
  return false;
}

}  // namespace larder::cli
