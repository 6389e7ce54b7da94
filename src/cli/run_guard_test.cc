#include "cli/run_guard.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "cli/run_program.h"
#include "http/testing/raw_client.h"

namespace larder::cli {
namespace {

using http::testing::RawClient;

http::ServerOptions one_core() {
  http::ServerOptions options;
  options.cores = 1;
  return options;
}

class Guard : public ::testing::Test {
 protected:
  // The first line of the answer to a child's requests, each on the same connection, is 200.
  int ask_in_a_child(int requests) {
    const std::string script = fmt::format(
        "exec 3<>/dev/tcp/127.0.0.1/{}; for i in $(seq {}); do "
        "printf 'GET / HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n' >&3; status=; length=0; "
        "while read -r line <&3; do line=${{line%$'\\r'}}; [ -n \"$line\" ] || break; "
        "case $line in HTTP*) status=${{line:9:3}};; esac; done; "
        "[ \"$status\" = 200 ] || exit 1; read -r -N 3 body <&3; done; exit 0",
        server_.port(), requests);
    const HeldSignals signals;
    const std::vector<std::string> command = {"bash", "-c", script};
    const auto program = start_program(command, current_environment(), signals);
    EXPECT_TRUE(program.has_value());
    return wait_for_program(program.value_or(-1), signals);
  }
  int ask_here(std::string& answer) {
    RawClient client(server_.port());
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto response = client.receive();
    answer = response.body;
    if (response.status == 403) {
      EXPECT_TRUE(client.at_end());
    }
    return response.status;
  }

  http::testing::LambdaService yes_{
      [](http::Request&, http::ResponseWriter& response) -> Task<void> {
        co_await response.send(200, {}, "yes");
      }};
  DescendantsOnly guard_{yes_, ::getpid(), DescendantsOnly::Root::like_others};
  DescendantsOnly with_root_{yes_, ::getpid(), DescendantsOnly::Root::excepted};
  bool root_is_excepted_ = false;
  http::testing::TestServer server_{[this](http::Request& request, http::ResponseWriter& response) {
                                      return root_is_excepted_ ? with_root_.serve(request, response)
                                                               : guard_.serve(request, response);
                                    },
                                    one_core()};
};

TEST_F(Guard, AnswersADescendant) { EXPECT_EQ(ask_in_a_child(1), 0); }

TEST_F(Guard, AnswersEveryRequestOfItsConnection) { EXPECT_EQ(ask_in_a_child(20), 0); }

TEST_F(Guard, RefusesEverybodyElseAndLogsIt) {
  std::string answer;
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(ask_here(answer), 403);
  const std::string logged = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(answer.find("403 - Forbidden"), std::string::npos);
  EXPECT_NE(logged.find("403 from the metadata service"), std::string::npos) << logged;
  EXPECT_NE(logged.find(fmt::format("of user {}", ::geteuid())), std::string::npos) << logged;
}

TEST_F(Guard, ExceptsRootIfToldSo) {
  root_is_excepted_ = true;
  std::string answer;
  EXPECT_EQ(ask_here(answer), ::geteuid() == 0 ? 200 : 403);
}

}  // namespace
}  // namespace larder::cli
