#include "cli/run_instance.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <thread>
#include <utility>

#include "base/log.h"
#include "codec/base64.h"
#include "codec/iso8601.h"

namespace larder::cli {
namespace {

using namespace std::chrono_literals;
using boost::json::object;

// A server that is being restarted comes back.
constexpr int termination_attempts = 5;
constexpr auto between_attempts = 200ms;

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

Error answer_lacks(std::string_view name) {
  return {server_failed,
          fmt::format("the server's answer has no valid {}; is it of the same version as this "
                      "program?",
                      name)};
}

// Absent: empty.
std::string text(const object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
  return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

Result<std::string> required_text(const object& from, std::string_view name) {
  std::string found = text(from, name);
  if (found.empty()) return fail(answer_lacks(name));
  return found;
}

Result<Time> required_time(const object& from, std::string_view name) {
  const auto found = parse_iso8601(text(from, name));
  if (!found) return fail(answer_lacks(name));
  return *found;
}

// Of the form that locally administered addresses have; the same for the same instance.
std::string mac_of(std::string_view instance_id) {
  std::string mac = "02";
  const std::size_t digits = 10;
  if (instance_id.size() < digits) return {};
  const std::string_view tail = instance_id.substr(instance_id.size() - digits);
  for (std::size_t i = 0; i < digits; i += 2) mac.append(":").append(tail.substr(i, 2));
  return mac;
}

imds::MetadataOptions parse_options(const object& answer) {
  imds::MetadataOptions options;
  options.tokens_required = text(answer, "HttpTokens") != "optional";
  options.endpoint_enabled = text(answer, "HttpEndpoint") != "disabled";
  options.tags_enabled = text(answer, "InstanceMetadataTags") == "enabled";
  const auto* hops = answer.if_contains("HttpPutResponseHopLimit");
  if (hops && hops->is_int64()) options.hop_limit = static_cast<int>(hops->as_int64());
  return options;
}

std::vector<std::pair<std::string, std::string>> parse_tags(const object& answer) {
  std::vector<std::pair<std::string, std::string>> tags;
  const auto* list = answer.if_contains("Tags");
  if (list == nullptr || !list->is_array()) return tags;
  for (const auto& tag : list->as_array()) {
    if (tag.is_object())
      tags.emplace_back(text(tag.as_object(), "Key"), text(tag.as_object(), "Value"));
  }
  return tags;
}

Result<std::optional<imds::Profile>> parse_profile(const object& answer) {
  imds::Profile profile;
  profile.association_id = text(answer, "AssociationId");
  if (profile.association_id.empty()) return std::nullopt;
  TRY(profile.arn, required_text(answer, "InstanceProfileArn"));
  TRY(profile.id, required_text(answer, "InstanceProfileId"));
  TRY(const std::string state, required_text(answer, "ProfileState"));
  if (state == "not-found") {
    profile.state = imds::Profile::State::not_found;
  } else if (state == "empty") {
    profile.state = imds::Profile::State::empty;
  } else {
    imds::Role role;
    TRY(role.name, required_text(answer, "RoleName"));
    TRY(role.id, required_text(answer, "RoleId"));
    profile.role = std::move(role);
  }
  return profile;
}

// Whether it is the same profile in the same state, whenever it came to be.
bool is_unchanged(const std::optional<imds::Profile>& before, imds::Profile now) {
  if (!before) return false;
  now.updated = before->updated;
  return now == *before;
}

}  // namespace

Result<LaunchedInstance> LaunchedInstance::launch(const LocalServer& server,
                                                  const RunOptions& options) {
  Parameters parameters;
  std::string with;
  if (!options.instance_profile.empty()) {
    parameters.emplace_back("InstanceProfileName", options.instance_profile);
    with = fmt::format(" with the instance profile `{}`", options.instance_profile);
  } else if (!options.role.empty()) {
    parameters.emplace_back("RoleName", options.role);
    with = fmt::format(" with the role `{}`", options.role);
  }
  // The program's name alone: its arguments may be nobody's business.
  parameters.emplace_back("Name", std::string(base_name(options.command.front())));
  auto answer = server.call("LaunchLocalInstance", std::move(parameters), options.account);
  if (!answer) {
    Error error = std::move(answer).error();
    error.message = fmt::format("cannot launch an instance{}: {}", with, error.message);
    return fail(std::move(error));
  }
  TRY(std::string id, required_text(*answer, "InstanceId"));
  return LaunchedInstance(server, options.account, std::move(id));
}

LaunchedInstance::LaunchedInstance(LaunchedInstance&& other) noexcept
    : server_(std::move(other.server_)),
      account_(std::move(other.account_)),
      id_(std::exchange(other.id_, {})) {}

LaunchedInstance::~LaunchedInstance() {
  if (id_.empty()) return;
  for (int attempt = 1;; ++attempt) {
    const auto answer = server_.call("TerminateLocalInstance", {{"InstanceId", id_}}, account_);
    if (answer) return;
    const bool may_pass = answer.error().code == no_server || answer.error().code == server_failed;
    if (!may_pass || attempt == termination_attempts) {
      log::error(
          "the instance {} could not be terminated: {}. Do it with `aws ec2 "
          "terminate-instances --instance-ids {}`",
          id_, answer.error().message, id_);
      return;
    }
    std::this_thread::sleep_for(between_attempts);
  }
}

Machine this_machine() {
  utsname names{};
  if (::uname(&names) != 0) return {};
  const std::string_view machine = names.machine;
  return {names.nodename, std::string(machine == "aarch64" ? "arm64" : machine)};
}

Result<imds::InstanceView> parse_instance_view(const object& answer, const Machine& machine) {
  imds::InstanceView view;
  TRY(view.instance_id, required_text(answer, "InstanceId"));
  TRY(view.account, required_text(answer, "AccountId"));
  TRY(view.region, required_text(answer, "Region"));
  TRY(view.zone, required_text(answer, "AvailabilityZone"));
  TRY(view.launched, required_time(answer, "LaunchTime"));
  view.image_id = text(answer, "ImageId");
  view.instance_type = text(answer, "InstanceType");
  view.architecture = machine.architecture;
  view.hostname = machine.hostname;
  view.local_ipv4 = "127.0.0.1";
  view.mac = mac_of(view.instance_id);
  view.options = parse_options(answer);
  view.tags = parse_tags(answer);
  const auto user_data = base64_decode(text(answer, "UserData"));
  if (!user_data) return fail(answer_lacks("UserData"));
  view.user_data = *user_data;
  TRY(view.profile, parse_profile(answer));
  return view;
}

Result<imds::RoleCredentials> parse_credentials(const object& answer) {
  imds::RoleCredentials made;
  TRY(made.code, required_text(answer, "Code"));
  TRY(made.last_updated, required_time(answer, "LastUpdated"));
  made.message = text(answer, "Message");
  made.account = text(answer, "AccountId");
  if (made.code != "Success") return made;
  TRY(made.access_key_id, required_text(answer, "AccessKeyId"));
  TRY(std::string secret, required_text(answer, "SecretAccessKey"));
  made.secret_access_key = Secret(std::move(secret));
  TRY(made.token, required_text(answer, "Token"));
  TRY(made.expiration, required_time(answer, "Expiration"));
  return made;
}

Task<Result<LocalInstance::View>> LocalInstance::view() {
  const Time now = clock_.now();
  // A clock that was set back must not keep the old view.
  const bool is_fresh = asked_ && now >= *asked_ && now < *asked_ + good_for;
  if (is_fresh) co_return last_;
  co_return co_await flight_.run([this] { return refresh(); });
}

Task<Result<LocalInstance::View>> LocalInstance::refresh() {
  Parameters parameters = {{"InstanceId", id_}};
  const bool has_last = last_ && *last_;
  const auto timeout = has_last ? patience : LocalServer::default_timeout;
  const auto answer =
      co_await server_.call_async("DescribeInstanceMetadata", parameters, account_, timeout);
  const Time now = clock_.now();
  asked_ = now;
  if (answer) {
    last_ = take(*answer, now);
  } else if (answer.error().code == refused_by_server || !has_last) {
    last_ = fail(answer.error());
  } else {
    log::warning("the server is away; the metadata service shows what it last knew: {}",
                 answer.error().message);
  }
  co_return last_;
}

Result<LocalInstance::View> LocalInstance::take(const object& answer, Time now) {
  TRY(imds::InstanceView view, parse_instance_view(answer, machine_));
  if (text(answer, "State") != "running") {
    return fail(refused_by_server, fmt::format("the instance {} was terminated", id_));
  }
  if (view.profile) {
    const bool unchanged = last_ && *last_ && is_unchanged((*last_)->profile, *view.profile);
    view.profile->updated = unchanged ? (*last_)->profile->updated : now;
  }
  return std::make_shared<const imds::InstanceView>(std::move(view));
}

Task<Result<imds::RoleCredentials>> LocalInstance::credentials(imds::Delivery delivery) {
  Parameters parameters = {{"InstanceId", id_}, {"RoleDelivery", std::string(to_string(delivery))}};
  CO_TRY(const object answer,
         co_await server_.call_async("IssueInstanceCredentials", parameters, account_));
  co_return parse_credentials(answer);
}

}  // namespace larder::cli
