// What the metadata service knows of its instance, and where it learns it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/async/task.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace larder::imds {

/// §A.7; IMDSv2 only unless told otherwise.
struct MetadataOptions {
  bool tokens_required = true;
  int hop_limit = 1;
  bool endpoint_enabled = true;
  bool tags_enabled = false;
  friend bool operator==(const MetadataOptions&, const MetadataOptions&) = default;
};

struct Role {
  std::string name;  // without its path
  std::string id;    // AROA…
  friend bool operator==(const Role&, const Role&) = default;
};

/// The associated instance profile. Bound by its id: one that was deleted and made again under the
/// same name is not it.
struct Profile {
  enum class State { ok, not_found, empty };
  std::string association_id;
  std::string arn;
  std::string id;
  State state = State::ok;
  std::optional<Role> role;  // with State::ok
  Time updated{};            // it has been so since
  friend bool operator==(const Profile&, const Profile&) = default;
};

/// A value: what the tree shows at one moment. An empty text is a path that is not there.
struct InstanceView {
  std::string instance_id;
  std::string account;
  std::string region;
  std::string zone;
  std::string image_id;
  std::string instance_type;
  std::string architecture;  // "x86_64", "arm64"
  std::string hostname;
  std::string local_ipv4;
  std::string mac;
  Time launched{};
  MetadataOptions options;
  std::vector<std::pair<std::string, std::string>> tags;
  std::string user_data;  // raw
  std::optional<Profile> profile;
  friend bool operator==(const InstanceView&, const InstanceView&) = default;
};

/// How the credentials were asked for: with a session token or without. Each has its own, because
/// the sessions carry it (`ec2:RoleDelivery`).
enum class Delivery { v1, v2 };
/// "1.0" or "2.0".
constexpr std::string_view to_string(Delivery delivery) {
  return delivery == Delivery::v1 ? "1.0" : "2.0";
}

/// What a role document says. With a code other than "Success" there are only a message and the
/// time.
struct RoleCredentials {
  std::string code = "Success";
  std::string message;
  std::string access_key_id;
  Secret secret_access_key;
  std::string token;
  Time expiration{};
  Time last_updated{};
  std::string account;
};

/// Whoever knows the instance: the server, asked over a socket. All calls come from one core.
class InstanceSource {
 public:
  virtual ~InstanceSource() = default;
  /// The instance as it is, at most a second old while the server answers. Failure: there is
  /// nothing (any more) to show. Cheap enough to be called for every request.
  virtual Task<Result<std::shared_ptr<const InstanceView>>> view() = 0;
  /// New credentials of the instance's role. That the role may not be assumed is not a failure but
  /// a code.
  virtual Task<Result<RoleCredentials>> credentials(Delivery delivery) = 0;
};

}  // namespace larder::imds
