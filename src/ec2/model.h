// The instances of one account: identities, with or without a machine behind them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/snapshot_store.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/kv.h"

namespace larder::ec2 {

/// The profile is bound by its id: one that was deleted and made again under the same name is
/// another one.
struct Association {
  std::string id;  // iip-assoc-…
  std::string profile_arn;
  std::string profile_id;
  Time since{};
};

/// §A.7; the defaults are Larder's: IMDSv2 only.
struct MetadataOptions {
  std::string http_tokens = "required";
  std::int64_t hop_limit = 1;
  std::string http_endpoint = "enabled";
  std::string ipv6 = "disabled";
  std::string tags = "disabled";
};

enum class State { running, terminated };

struct Instance {
  std::string id;  // i-…
  std::string reservation_id;
  std::int64_t launch_index = 0;
  std::string client_token;
  std::string client_token_of;  // a digest of the parameters that the token came with
  State state = State::running;
  Time launched{};
  Time terminated{};
  std::string image_id;
  std::string type;
  std::string user_data;  // raw
  MetadataOptions metadata;
  std::optional<Association> association;
  std::vector<std::pair<std::string, std::string>> tags;
};

/// Copies share the instances. put() alters this copy and adds the writes that store the change.
class Instances {
 public:
  static Result<Instances> from(const std::string& account,
                                const std::vector<storage::Entry>& entries);

  const std::string& account() const { return account_; }
  const Instance* find(std::string_view id) const;
  const Instance* find_by_association(std::string_view association_id) const;
  const std::map<std::string, std::shared_ptr<const Instance>, std::less<>>& all() const {
    return instances_;
  }

  void put(Instance instance, aws::Changes& changes);
  /// Terminated instances stay visible for an hour.
  void forget_terminated(Time now, aws::Changes& changes);

 private:
  std::string account_;
  std::map<std::string, std::shared_ptr<const Instance>, std::less<>> instances_;
};

}  // namespace larder::ec2
