#include "server/local_server.h"

namespace larder::server {
namespace {

struct DescribeServer {
  static constexpr std::string_view name = "DescribeServer";
  static constexpr auto effect = aws::Effect::reads;
  using Service = LocalServer;
  using Input = aws::Nothing;
  struct Output {
    std::string endpoint, region;
    std::optional<std::string> ca_bundle;
    static constexpr auto shape = aws::fields(aws::required<&Output::endpoint>("Endpoint"),
                                              aws::required<&Output::region>("Region"),
                                              aws::optional<&Output::ca_bundle>("CaBundle"));
  };
  static aws::Needs needs(const LocalServer&, const aws::Call&, const Input&) {
    return {{.action = "larder:DescribeServer", .resource = "*"}};
  }
  static Task<Result<Output>> run(LocalServer& server, aws::Call&, Input) {
    co_return Output{server.endpoint, server.region, server.ca_bundle};
  }
};

}  // namespace

std::span<const aws::Operation> server_operations() {
  static constexpr auto all = aws::operations<DescribeServer>();
  return all;
}

}  // namespace larder::server
