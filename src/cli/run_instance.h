// The ephemeral instance of `larder run`: launched, looked at and terminated through the server.
#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "cli/local_server.h"
#include "cli/run.h"
#include "imds/instance_view.h"
#include "imds/single_flight.h"

namespace larder::cli {

/// Lives as long as the instance: its end terminates it, and says so if that fails.
class LaunchedInstance {
 public:
  /// Launches one with the options' profile or role, or with neither.
  static Result<LaunchedInstance> launch(const LocalServer& server, const RunOptions& options);
  LaunchedInstance(LaunchedInstance&& other) noexcept;
  LaunchedInstance& operator=(LaunchedInstance&&) = delete;
  ~LaunchedInstance();

  const std::string& id() const { return id_; }

 private:
  LaunchedInstance(LocalServer server, std::string account, std::string id)
      : server_(std::move(server)), account_(std::move(account)), id_(std::move(id)) {}

  LocalServer server_;
  std::string account_;
  std::string id_;  // empty: moved from
};

/// What the server does not know of an instance that is this machine.
struct Machine {
  std::string hostname;
  std::string architecture;
};
Machine this_machine();

/// DescribeInstanceMetadata's answer. server_failed when it lacks what it has to have.
Result<imds::InstanceView> parse_instance_view(const boost::json::object& answer,
                                               const Machine& machine);
/// IssueInstanceCredentials' answer.
Result<imds::RoleCredentials> parse_credentials(const boost::json::object& answer);

/// Asks the server, at most once a second and only when asked itself. While the server is away, or
/// too busy to answer in time, the instance is what it was last. One core only.
class LocalInstance final : public imds::InstanceSource {
 public:
  static constexpr std::chrono::seconds good_for{1};
  /// AWS's clients give up after a second; so what was last seen has to be served before.
  static constexpr std::chrono::milliseconds patience{700};

  LocalInstance(LocalServer server, std::string account, std::string id, Machine machine,
                const Clock& clock)
      : server_(std::move(server)),
        account_(std::move(account)),
        id_(std::move(id)),
        machine_(std::move(machine)),
        clock_(clock) {}

  /// Also fails, for good, when the server says that there is no such running instance.
  Task<Result<std::shared_ptr<const imds::InstanceView>>> view() override;
  Task<Result<imds::RoleCredentials>> credentials(imds::Delivery delivery) override;

 private:
  using View = std::shared_ptr<const imds::InstanceView>;

  Task<Result<View>> refresh();
  Result<View> take(const boost::json::object& answer, Time now);

  const LocalServer server_;
  const std::string account_;
  const std::string id_;
  const Machine machine_;
  const Clock& clock_;
  Result<View> last_{View()};
  std::optional<Time> asked_;
  imds::SingleFlight<Result<View>> flight_;
};

}  // namespace larder::cli
