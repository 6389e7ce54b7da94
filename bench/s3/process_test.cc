#include "bench/s3/process.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "http/file_descriptor.h"

namespace larder::bench {
namespace {

TEST(Process, TheStatOfANameWithParenthesesIsRead) {
  const auto stat =
      parse_stat("42 (a) b (c) S 7 42 42 0 -1 4194560 1 0 0 0 120 34 0 0 20 0 1 0 5 1 1 1 0 0\n");
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->parent, 7);
  EXPECT_EQ(stat->ticks, 154u);
  EXPECT_FALSE(parse_stat(""));
  EXPECT_FALSE(parse_stat("42 (cut) S 7 42"));
}

TEST(Process, MemoryIsReadByItsName) {
  const std::string_view status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
  EXPECT_EQ(parse_memory(status, "VmRSS"), 1024u * 1024);
  EXPECT_EQ(parse_memory(status, "VmHWM"), 2048u * 1024);
  EXPECT_EQ(parse_memory(status, "VmSwap"), 0u);
}

TEST(Process, OnlyListeningSocketsOfThePortCount) {
  const std::string_view table =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
      "   0: 0100007F:2328 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 77 1 0\n"
      "   1: 0100007F:2328 0100007F:9C40 01 00000000:00000000 00:00000000 00000000 0 0 78 1 0\n"
      "   2: 0100007F:2329 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 79 1 0\n";
  EXPECT_EQ(parse_listeners(table, 9000), (std::set<std::uint64_t>{77}));
}

TEST(Process, FindsThisProcessByThePortItListensOn) {
  const http::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(bind(socket.get(), generic, size), 0);
  ASSERT_EQ(listen(socket.get(), 1), 0);
  ASSERT_EQ(getsockname(socket.get(), generic, &size), 0);
  EXPECT_EQ(processes_listening_on(ntohs(address.sin_port)), (std::vector<pid_t>{getpid()}));
}

TEST(Process, TellsItsOwnUsageAndNoneOfNobody) {
  const std::array<pid_t, 1> self{getpid()};
  const auto usage = usage_of(self);
  ASSERT_TRUE(usage);
  EXPECT_GT(usage->resident, 0u);
  EXPECT_GE(usage->peak, usage->resident / 2);
  EXPECT_FALSE(usage_of({}));
}

TEST(Process, DescendantsAreOfTheFamily) {
  const std::vector<pid_t> family = with_descendants({getppid()});
  EXPECT_NE(std::ranges::find(family, getpid()), family.end());
}

}  // namespace
}  // namespace larder::bench
