#include "cli/run_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <functional>
#include <tuple>

#include "cli/testing/fake_server.h"

namespace larder::cli {
namespace {

int run_shell(const std::string& script, const HeldSignals& signals) {
  const std::vector<std::string> command = {"sh", "-c", script};
  const auto program = start_program(command, current_environment(), signals);
  EXPECT_TRUE(program.has_value());
  return wait_for_program(program.value_or(-1), signals);
}

// Does `what` in another process once a byte can be read from the pipe that it gives.
class WhenTold {
 public:
  explicit WhenTold(const std::function<void()>& what) {
    CHECK(::pipe(pipe_.data()) == 0);
    if (::fork() != 0) return;
    char byte = 0;
    if (::read(pipe_[0], &byte, 1) == 1) what();
    ::_exit(0);
  }
  WhenTold(const WhenTold&) = delete;
  WhenTold& operator=(const WhenTold&) = delete;
  ~WhenTold() {
    ::close(pipe_[0]);
    ::close(pipe_[1]);
  }
  int descriptor() const { return pipe_[1]; }

 private:
  std::array<int, 2> pipe_{};
};

TEST(Program, ItsStatusIsHandedOn) {
  const HeldSignals signals;
  EXPECT_EQ(run_shell("exit 0", signals), 0);
  EXPECT_EQ(run_shell("exit 37", signals), 37);
  EXPECT_EQ(run_shell("kill -KILL $$", signals), 128 + SIGKILL);
}

TEST(Program, GetsItsEnvironmentAndNoOther) {
  const HeldSignals signals;
  const std::vector<std::string> command = {"/bin/sh", "-c", "test \"$A$PATH_\" = xy"};
  const auto program = start_program(command, {"A=x", "PATH_=y"}, signals);
  ASSERT_TRUE(program.has_value());
  EXPECT_EQ(wait_for_program(*program, signals), 0);
}

TEST(Program, ThatIsNotThereOrNotToBeExecutedIsToldApart) {
  const testing::Folder folder;
  std::ofstream(folder.path() + "/text") << "no program\n";
  const HeldSignals signals;
  const auto start = [&](const std::string& name) {
    const std::vector<std::string> command = {name};
    return start_program(command, current_environment(), signals);
  };
  EXPECT_EQ(start("no-such-program-anywhere").error().code, program_not_found);
  EXPECT_EQ(start(folder.path() + "/none").error().code, program_not_found);
  const auto text = start(folder.path() + "/text");
  EXPECT_EQ(text.error().code, program_not_executable);
  EXPECT_NE(text.error().message.find(folder.path() + "/text"), std::string::npos);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
}

TEST(Program, GetsTheSignalsThatOthersSendUs) {
  const HeldSignals signals;
  for (const auto& [number, name] :
       {std::pair(SIGTERM, "TERM"), std::pair(SIGINT, "INT"), std::pair(SIGHUP, "HUP"),
        std::pair(SIGQUIT, "QUIT"), std::pair(SIGUSR1, "USR1"), std::pair(SIGUSR2, "USR2"),
        std::pair(SIGWINCH, "WINCH")}) {
    const WhenTold sender([signal = number] { ::kill(::getppid(), signal); });
    const std::string script =
        fmt::format("sleep 600 & sleeper=$!; trap 'kill $sleeper; exit 5' {}; echo >&{}; wait",
                    name, sender.descriptor());
    EXPECT_EQ(run_shell(script, signals), 5) << name;
  }
}

TEST(Program, HasTheSignalMaskFromBefore) {
  const HeldSignals signals;
  EXPECT_EQ(run_shell("kill -TERM $$; exit 1", signals), 128 + SIGTERM);
}

TEST(Program, DoesNotGetBackWhatItSendsUs) {
  const HeldSignals signals;
  EXPECT_EQ(run_shell("trap 'exit 5' USR1; kill -USR1 $PPID; true; exit 0", signals), 0);
}

TEST(Program, OrphansAreReapedOnTheWay) {
  ::signal(SIGCHLD, SIG_IGN);  // as some inherit it: the status must come through all the same
  const HeldSignals signals;
  EXPECT_EQ(run_shell("(true & true & true) ; exit 3", signals), 3);
}

TEST(HeldSignals, KnowOfAnEndThatWasAskedForAndDropItAfterwards) {
  {
    const HeldSignals signals;
    EXPECT_EQ(signals.pending_end(), std::nullopt);
    ::kill(::getpid(), SIGUSR1);
    EXPECT_EQ(signals.pending_end(), std::nullopt);
    ::kill(::getpid(), SIGTERM);
    EXPECT_EQ(signals.pending_end(), SIGTERM);
  }
  SUCCEED() << "still here, although both signals would end this process";
}

}  // namespace
}  // namespace larder::cli
