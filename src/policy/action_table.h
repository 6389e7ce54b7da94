// The actions that policies can name, what they apply to and the condition keys that come with
// them, for the services that Larder has: the table behind lint and the validation of
// bucket policies. The data is actions.json beside this file, which says what its members mean; it
// is part of the program, and read once when first asked for.
// Source: AWS's Service Authorization Reference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace larder::policy {

/// The type of a condition key's values: which operators make sense with it. Numeric operators make
/// sense with a date too: it may be given in seconds since 1970.
enum class KeyType : std::uint8_t { string, numeric, date, boolean, binary, ip_address, arn };

struct ConditionKey {
  std::string name;  // "aws:SourceIp"; the `*` of "aws:PrincipalTag/*" stands for any text
  KeyType type = KeyType::string;
  bool multi_valued = false;
  bool global = false;   // it can come with any action of any service
  bool supplied = true;  // false: Larder puts it into no request; of providers' keys always true
};

struct ResourceType {
  std::string name;  // "object", unique in its service
  std::string
      pattern;  // "arn:aws:s3:::*/*": an ARN whose variable parts are `*`. Those of paths and
                // of keys may hold slashes, the name of a bucket or an access point not.
};

struct Action {
  std::string name;                    // "s3:GetObject", as AWS writes it
  std::vector<std::string> resources;  // names of resource types; empty: it applies to `*` only
  std::vector<std::string> condition_keys;  // beside the global ones, as ConditionKey::name
  bool permission_only = false;             // no API operation of that name
};

struct Service {
  std::string prefix;                   // "s3"
  std::vector<Action> actions;          // by name, without regard to case
  std::vector<ResourceType> resources;  // by name
  /// False where `actions` has every name but not each one's resources and keys: those of actions
  /// with `resources` and `condition_keys` both empty are unknown then.
  bool complete = true;
};

/// A value; its look-ups do not allocate. Pointers handed out live as long as the table stays where
/// it is.
class ActionTable {
 public:
  /// REQUIRES: `json` is as actions.json is.
  explicit ActionTable(std::string_view json);

  /// Null for a service that Larder does not have. Without regard to case.
  const Service* service(std::string_view prefix) const;
  /// "s3:GetObject", without regard to case. Null when there is none.
  const Action* action(std::string_view name) const;
  const ResourceType* resource(const Service& service, std::string_view name) const;
  /// A global key ("aws:…") or one of a service, without regard to case; for "aws:PrincipalTag/x"
  /// that of "aws:PrincipalTag/*". Null when AWS has none. The keys of identity providers begin
  /// with the provider's name ("token.actions.githubusercontent.com:sub"), and only some are here:
  /// of a key with a dot before its colon, null says nothing.
  const ConditionKey* condition_key(std::string_view name) const;
  /// A request for the action can carry the key in AWS: it is global, or one of the action's own.
  /// Conservative: true where the table does not know. Larder's own requests may still lack it:
  /// ConditionKey::supplied.
  bool supplies(const Action& action, const ConditionKey& key) const;

  std::span<const Service> services() const { return services_; }
  std::span<const ConditionKey> condition_keys() const { return keys_; }

 private:
  std::vector<Service> services_;       // by prefix
  std::vector<ConditionKey> keys_;      // by name, without regard to case
  std::vector<std::size_t> open_keys_;  // those of keys_ that have a `*`
};

/// The table. Thread-safe; the first call reads it.
const ActionTable& action_table();

}  // namespace larder::policy
