#include "cli/run_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/check.h"
#include "http/file_descriptor.h"

namespace larder::cli {
namespace {

using http::FileDescriptor;

constexpr std::array ends = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
constexpr std::array others = {SIGUSR1, SIGUSR2, SIGWINCH};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

Error cannot_start(const std::string& name, int error) {
  if (error == ENOENT || error == ENOTDIR) {
    return {program_not_found, fmt::format("{}: not found{}", name,
                                           name.contains('/') ? "" : " in any directory of PATH")};
  }
  return {program_not_executable,
          fmt::format("{}: cannot be executed: {}", name, std::strerror(error))};
}

// In the child: becomes the program, or tells why not.
[[noreturn]] void become(char* const* arguments, char* const* environment, const sigset_t& mask,
                         int report) {
  ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  ::execvpe(arguments[0], arguments, environment);
  const int error = errno;
  [[maybe_unused]] const auto told = ::write(report, &error, sizeof(error));
  ::_exit(127);
}

// nullopt: it became the program, which closed the pipe.
std::optional<int> read_report(int pipe) {
  int error = 0;
  ssize_t count = 0;
  do {
    count = ::read(pipe, &error, sizeof(error));
  } while (count < 0 && errno == EINTR);
  if (count != static_cast<ssize_t>(sizeof(error))) return std::nullopt;
  return error;
}

int exit_status(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Every child that has ended, orphans included; the program's status if it is among them.
std::optional<int> reap(pid_t program) {
  std::optional<int> found;
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, WNOHANG);
    if (ended < 0 && errno == EINTR) continue;
    if (ended <= 0) return found;
    if (ended == program) found = exit_status(status);
  }
}

// The terminal's reach the whole group of processes, the program too while it is in ours. What the
// program sends to its parent is not for itself.
bool is_to_be_passed_on(const siginfo_t& signal, pid_t program) {
  if (signal.si_code == SI_KERNEL) return ::getpgid(program) != ::getpgrp();
  return signal.si_pid != program;
}

}  // namespace

HeldSignals::HeldSignals() {
  // An inherited SIG_IGN would have the kernel reap the children, and their status with them.
  ::signal(SIGCHLD, SIG_DFL);
  ::sigemptyset(&held_);
  ::sigaddset(&held_, SIGCHLD);
  for (const int signal : ends) ::sigaddset(&held_, signal);
  for (const int signal : others) ::sigaddset(&held_, signal);
  CHECK(::pthread_sigmask(SIG_BLOCK, &held_, &before_) == 0);
}

// One that came too late for the program must not take the place of the program's status.
HeldSignals::~HeldSignals() {
  const timespec at_once{};
  while (::sigtimedwait(&held_, nullptr, &at_once) > 0) {
  }
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

std::optional<int> HeldSignals::pending_end() const {
  sigset_t pending{};
  ::sigpending(&pending);
  for (const int signal : ends) {
    if (::sigismember(&pending, signal) == 1) return signal;
  }
  return std::nullopt;
}

Result<pid_t> start_program(const std::vector<std::string>& command, const Variables& environment,
                            const HeldSignals& signals) {
  CHECK(!command.empty());
  const auto arguments = pointers(command);
  const auto variables = pointers(environment);
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    return fail(codes::internal_error, fmt::format("no pipe: {}", std::strerror(errno)));
  }
  const FileDescriptor reading(pipe[0]);
  FileDescriptor writing(pipe[1]);
  const pid_t child = ::fork();
  if (child < 0) {
    return fail(codes::internal_error, fmt::format("no process: {}", std::strerror(errno)));
  }
  if (child == 0) become(arguments.data(), variables.data(), signals.before(), writing.get());
  writing = FileDescriptor();
  if (const auto error = read_report(reading.get())) {
    ::waitpid(child, nullptr, 0);
    return fail(cannot_start(command.front(), *error));
  }
  return child;
}

int wait_for_program(pid_t program, const HeldSignals& signals) {
  for (;;) {
    siginfo_t info{};
    const int signal = ::sigwaitinfo(&signals.held(), &info);
    if (signal < 0) {
      CHECK(errno == EINTR);
      continue;
    }
    if (signal == SIGCHLD) {
      if (const auto status = reap(program)) return *status;
    } else if (is_to_be_passed_on(info, program)) {
      ::kill(program, signal);
    }
  }
}

}  // namespace larder::cli
