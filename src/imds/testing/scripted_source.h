// An instance that tests make up, and that answers when they say so.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "imds/instance_view.h"

namespace larder::imds::testing {

/// An instance with a role, IMDSv2 only.
inline InstanceView example_view() {
  InstanceView view;
  view.instance_id = "i-0123456789abcdef0";
  view.account = "123456789012";
  view.region = "us-east-1";
  view.zone = "us-east-1a";
  view.image_id = "ami-00000000000000000";
  view.instance_type = "m5.large";
  view.architecture = "x86_64";
  view.hostname = "ip-10-0-0-7.ec2.internal";
  view.local_ipv4 = "10.0.0.7";
  view.mac = "02:01:02:03:04:05";
  view.launched = Time(std::chrono::seconds(1'577'836'800));
  Profile profile;
  profile.association_id = "iip-assoc-0123456789abcdef0";
  profile.arn = "arn:aws:iam::123456789012:instance-profile/team/uploader-profile";
  profile.id = "AIPAEXAMPLE";
  profile.role = Role{"uploader", "AROAEXAMPLE"};
  profile.updated = view.launched;
  view.profile = profile;
  return view;
}

/// Safe from any thread, but for hold(): then all of it is one thread's.
class ScriptedSource final : public InstanceSource {
 public:
  explicit ScriptedSource(const Clock& clock) : clock_(clock) {}

  void show(InstanceView view) {
    const std::lock_guard lock(mutex_);
    view_ = std::make_shared<const InstanceView>(std::move(view));
  }
  /// nullopt: it answers again.
  void fail_with(std::optional<Error> error) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(error);
  }
  /// Credentials come with this code from now on.
  void answer_with_code(std::string code) {
    const std::lock_guard lock(mutex_);
    code_ = std::move(code);
  }
  void live_for(Seconds lifetime) {
    const std::lock_guard lock(mutex_);
    lifetime_ = lifetime;
  }
  /// Calls of credentials() wait from now on for release().
  void hold() { held_ = true; }
  void release() {
    held_ = false;
    for (auto& waiting : waiting_) waiting.cancel();
  }
  int fetches() const {
    const std::lock_guard lock(mutex_);
    return fetches_;
  }

  Task<Result<std::shared_ptr<const InstanceView>>> view() override {
    const std::lock_guard lock(mutex_);
    if (failure_) co_return fail(*failure_);
    co_return view_;
  }

  Task<Result<RoleCredentials>> credentials(Delivery delivery) override {
    const int number = count();
    if (held_) {
      const auto executor = co_await boost::asio::this_coro::executor;
      auto& gate = waiting_.emplace_back(executor, boost::asio::steady_timer::time_point::max());
      co_await gate.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    const std::lock_guard lock(mutex_);
    if (failure_) co_return fail(*failure_);
    RoleCredentials made;
    made.code = code_;
    made.message = code_ == "Success" ? "" : "EC2 cannot assume the role.";
    made.access_key_id =
        "ASIA" + std::to_string(number) + "V" + std::string(to_string(delivery).substr(0, 1));
    made.secret_access_key = Secret("wJalrXUtnFEMI");
    made.token = "a/session+token==";
    made.last_updated = clock_.now();
    made.expiration = clock_.now() + lifetime_;
    made.account = view_ ? view_->account : "";
    co_return made;
  }

 private:
  int count() {
    const std::lock_guard lock(mutex_);
    return ++fetches_;
  }

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::shared_ptr<const InstanceView> view_ = std::make_shared<const InstanceView>(example_view());
  std::optional<Error> failure_;
  std::string code_ = "Success";
  Seconds lifetime_{6 * 3600};
  int fetches_ = 0;
  bool held_ = false;
  std::list<boost::asio::steady_timer> waiting_;
};

}  // namespace larder::imds::testing
