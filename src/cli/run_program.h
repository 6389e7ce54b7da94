// Starting a program and being there for it: its signals, its status, its orphans.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/environment.h"

namespace larder::cli {

/// While it lives, the signals that are passed on, and SIGCHLD, wait to be taken; threads started
/// meanwhile do not get them either. What nobody took is dropped at its end.
class HeldSignals {
 public:
  HeldSignals();
  ~HeldSignals();
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  /// A signal that asks to end and has come already.
  std::optional<int> pending_end() const;

  const sigset_t& held() const { return held_; }
  const sigset_t& before() const { return before_; }

 private:
  sigset_t held_{};
  sigset_t before_{};
};

inline constexpr ErrorCode program_not_found{"ProgramNotFound", 404};
inline constexpr ErrorCode program_not_executable{"ProgramNotExecutable", 400};

/// Starts the program (searched in PATH) with the signal mask of before, in this process group: so
/// that the terminal treats both as one job. Must be called before there are threads. Fails with
/// one of the above, or internal_error.
Result<pid_t> start_program(const std::vector<std::string>& command, const Variables& environment,
                            const HeldSignals& signals);

/// Waits for the program's end; meanwhile passes signals on and reaps orphans. A signal that the
/// terminal sent has reached the program as well, and is not repeated. The exit status, 128 + n for
/// signal n.
int wait_for_program(pid_t program, const HeldSignals& signals);

}  // namespace larder::cli
