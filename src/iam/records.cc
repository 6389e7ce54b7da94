#include "iam/records.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "codec/base64.h"
#include "codec/iso8601.h"
#include "codec/json.h"

namespace larder::iam {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::int64_t version = 1;

// Reading throws boost::system::system_error on a wrong type or a missing member; read() below
// turns that into an Error.
std::string text(const object& from, std::string_view name) {
  return std::string(from.at(name).as_string());
}
Time time(const object& from, std::string_view name) {
  const auto parsed = parse_iso8601(text(from, name));
  if (!parsed) throw std::invalid_argument("not a time");
  return *parsed;
}

array from_tags(const std::vector<std::pair<std::string, std::string>>& tags) {
  array out;
  for (const auto& [key, value] : tags) out.push_back(object{{"Key", key}, {"Value", value}});
  return out;
}
std::vector<std::pair<std::string, std::string>> to_tags(const object& from) {
  std::vector<std::pair<std::string, std::string>> tags;
  for (const auto& tag : from.at("Tags").as_array())
    tags.emplace_back(text(tag.as_object(), "Key"), text(tag.as_object(), "Value"));
  return tags;
}

object from_entity(const Entity& entity) {
  object inline_policies;
  for (const auto& [name, policy] : entity.inline_policies) inline_policies[name] = policy.text;
  return {{"V", version},
          {"Name", entity.name},
          {"Path", entity.path},
          {"Id", entity.id},
          {"Created", format_iso8601_millis(entity.created)},
          {"Inline", std::move(inline_policies)},
          {"Attached", boost::json::value_from(entity.attached)},
          {"Boundary", entity.boundary},
          {"Tags", from_tags(entity.tags)}};
}

void to_entity(const object& from, Entity& entity) {
  entity.name = text(from, "Name");
  entity.path = text(from, "Path");
  entity.id = text(from, "Id");
  entity.created = time(from, "Created");
  for (const auto& [name, policy] : from.at("Inline").as_object())
    entity.inline_policies.emplace(
        name, compile(std::string(policy.as_string()), policy::Kind::identity));
  for (const auto& arn : from.at("Attached").as_array())
    entity.attached.emplace_back(arn.as_string());
  entity.boundary = text(from, "Boundary");
  entity.tags = to_tags(from);
}

template <class T, class Read>
Result<T> read(std::string_view record, Read fill) {
  TRY(const auto json, parse_json(record));
  try {
    const object& from = json.as_object();
    if (from.at("V").as_int64() != version)
      return fail(codes::internal_error,
                  "an IAM record of a newer version; start the newer Larder that wrote it");
    T value;
    fill(from, value);
    return value;
  } catch (const std::exception& error) {
    return fail(codes::internal_error,
                fmt::format("an IAM record that cannot be read: {}", error.what()));
  }
}

}  // namespace

std::string to_record(const User& user) { return boost::json::serialize(from_entity(user)); }

std::string to_record(const Role& role) {
  object out = from_entity(role);
  out["Trust"] = role.trust.text;
  out["Description"] = role.description;
  out["MaxSession"] = role.max_session_seconds;
  return boost::json::serialize(out);
}

std::string to_record(const ManagedPolicy& policy) {
  array versions;
  for (const auto& v : policy.versions)
    versions.push_back(object{
        {"Id", v.id}, {"Text", v.policy.text}, {"Created", format_iso8601_millis(v.created)}});
  return boost::json::serialize(object{{"V", version},
                                       {"Name", policy.name},
                                       {"Path", policy.path},
                                       {"Id", policy.id},
                                       {"Arn", policy.arn},
                                       {"Description", policy.description},
                                       {"Created", format_iso8601_millis(policy.created)},
                                       {"Updated", format_iso8601_millis(policy.updated)},
                                       {"Versions", std::move(versions)},
                                       {"Default", policy.default_version},
                                       {"Made", policy.versions_made},
                                       {"Tags", from_tags(policy.tags)}});
}

std::string to_record(const InstanceProfile& profile) {
  return boost::json::serialize(object{{"V", version},
                                       {"Name", profile.name},
                                       {"Path", profile.path},
                                       {"Id", profile.id},
                                       {"Created", format_iso8601_millis(profile.created)},
                                       {"Role", profile.role}});
}

std::string to_record(const AccessKey& key) {
  return boost::json::serialize(object{{"V", version},
                                       {"Id", key.id},
                                       {"User", key.user},
                                       {"Secret", base64_encode(key.sealed_secret)},
                                       {"Active", key.active},
                                       {"Created", format_iso8601_millis(key.created)}});
}

Result<User> user_from_record(std::string_view record) {
  return read<User>(record, [](const object& from, User& user) { to_entity(from, user); });
}

Result<Role> role_from_record(std::string_view record) {
  return read<Role>(record, [](const object& from, Role& role) {
    to_entity(from, role);
    role.trust = compile(text(from, "Trust"), policy::Kind::trust);
    role.description = text(from, "Description");
    role.max_session_seconds = from.at("MaxSession").as_int64();
  });
}

Result<ManagedPolicy> policy_from_record(std::string_view record) {
  return read<ManagedPolicy>(record, [](const object& from, ManagedPolicy& policy) {
    policy.name = text(from, "Name");
    policy.path = text(from, "Path");
    policy.id = text(from, "Id");
    policy.arn = text(from, "Arn");
    policy.description = text(from, "Description");
    policy.created = time(from, "Created");
    policy.updated = time(from, "Updated");
    policy.default_version = text(from, "Default");
    policy.versions_made = from.at("Made").as_int64();
    policy.tags = to_tags(from);
    for (const auto& v : from.at("Versions").as_array())
      policy.versions.push_back({text(v.as_object(), "Id"),
                                 compile(text(v.as_object(), "Text"), policy::Kind::identity),
                                 time(v.as_object(), "Created")});
  });
}

Result<InstanceProfile> instance_profile_from_record(std::string_view record) {
  return read<InstanceProfile>(record, [](const object& from, InstanceProfile& profile) {
    profile.name = text(from, "Name");
    profile.path = text(from, "Path");
    profile.id = text(from, "Id");
    profile.created = time(from, "Created");
    profile.role = text(from, "Role");
  });
}

Result<AccessKey> access_key_from_record(std::string_view record) {
  return read<AccessKey>(record, [](const object& from, AccessKey& key) {
    key.id = text(from, "Id");
    key.user = text(from, "User");
    auto sealed = base64_decode(text(from, "Secret"));
    if (!sealed) throw std::invalid_argument("a secret that is not base64");
    key.sealed_secret = *std::move(sealed);
    key.active = from.at("Active").as_bool();
    key.created = time(from, "Created");
  });
}

}  // namespace larder::iam
