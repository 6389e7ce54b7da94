#include "ec2/model.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "codec/base64.h"
#include "codec/iso8601.h"
#include "codec/json.h"

namespace larder::ec2 {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::int64_t version = 1;
constexpr std::string_view prefix = "instance/";
constexpr std::chrono::hours terminated_are_visible{1};

std::string to_record(const Instance& instance) {
  array tags;
  for (const auto& [key, value] : instance.tags) tags.push_back(array{key, value});
  object out{{"V", version},
             {"Id", instance.id},
             {"Reservation", instance.reservation_id},
             {"Index", instance.launch_index},
             {"ClientToken", instance.client_token},
             {"ClientTokenOf", instance.client_token_of},
             {"Terminated", instance.state == State::terminated},
             {"TerminatedAt", format_iso8601_millis(instance.terminated)},
             {"Launched", format_iso8601_millis(instance.launched)},
             {"Image", instance.image_id},
             {"Type", instance.type},
             {"UserData", base64_encode(instance.user_data)},
             {"Tokens", instance.metadata.http_tokens},
             {"HopLimit", instance.metadata.hop_limit},
             {"Endpoint", instance.metadata.http_endpoint},
             {"Ipv6", instance.metadata.ipv6},
             {"MetadataTags", instance.metadata.tags},
             {"Tags", std::move(tags)}};
  if (instance.association)
    out["Association"] = object{{"Id", instance.association->id},
                                {"Arn", instance.association->profile_arn},
                                {"ProfileId", instance.association->profile_id},
                                {"Since", format_iso8601_millis(instance.association->since)}};
  return boost::json::serialize(out);
}

// These throw on a wrong type or a missing member; from_record() turns that into an Error.
std::string text(const object& from, std::string_view name) {
  return std::string(from.at(name).as_string());
}
Time time(const object& from, std::string_view name) {
  return parse_iso8601(text(from, name)).value();
}

Instance read(const object& from) {
  Instance out;
  out.id = text(from, "Id");
  out.reservation_id = text(from, "Reservation");
  out.launch_index = from.at("Index").as_int64();
  out.client_token = text(from, "ClientToken");
  out.client_token_of = text(from, "ClientTokenOf");
  out.state = from.at("Terminated").as_bool() ? State::terminated : State::running;
  out.terminated = time(from, "TerminatedAt");
  out.launched = time(from, "Launched");
  out.image_id = text(from, "Image");
  out.type = text(from, "Type");
  out.user_data = base64_decode(text(from, "UserData")).value();
  out.metadata = {text(from, "Tokens"), from.at("HopLimit").as_int64(), text(from, "Endpoint"),
                  text(from, "Ipv6"), text(from, "MetadataTags")};
  for (const auto& tag : from.at("Tags").as_array())
    out.tags.emplace_back(tag.at(0).as_string(), tag.at(1).as_string());
  if (const auto* found = from.if_contains("Association")) {
    const object& association = found->as_object();
    out.association = Association{text(association, "Id"), text(association, "Arn"),
                                  text(association, "ProfileId"), time(association, "Since")};
  }
  return out;
}

Result<Instance> from_record(std::string_view record) {
  TRY(const auto json, parse_json(record));
  try {
    if (json.at("V").as_int64() != version)
      return fail(codes::internal_error,
                  "an instance's record of a newer version; start the newer Larder that wrote it");
    return read(json.as_object());
  } catch (const std::exception& error) {
    return fail(codes::internal_error,
                fmt::format("an instance's record cannot be read: {}", error.what()));
  }
}

}  // namespace

Result<Instances> Instances::from(const std::string& account,
                                  const std::vector<storage::Entry>& entries) {
  Instances model;
  model.account_ = account;
  for (const auto& entry : entries) {
    if (!entry.key.starts_with(prefix)) continue;
    TRY(auto instance, from_record(entry.value));
    auto id = instance.id;
    model.instances_[std::move(id)] = std::make_shared<const Instance>(std::move(instance));
  }
  return model;
}

const Instance* Instances::find(std::string_view id) const {
  const auto found = instances_.find(id);
  return found == instances_.end() ? nullptr : found->second.get();
}

const Instance* Instances::find_by_association(std::string_view association_id) const {
  for (const auto& [id, instance] : instances_)
    if (instance->association && instance->association->id == association_id) return instance.get();
  return nullptr;
}

void Instances::put(Instance instance, aws::Changes& changes) {
  changes.push_back({std::string(prefix) + instance.id, to_record(instance)});
  auto id = instance.id;
  instances_[std::move(id)] = std::make_shared<const Instance>(std::move(instance));
}

void Instances::forget_terminated(Time now, aws::Changes& changes) {
  std::erase_if(instances_, [&](const auto& entry) {
    const auto& instance = *entry.second;
    if (instance.state != State::terminated || instance.terminated + terminated_are_visible > now)
      return false;
    changes.push_back({std::string(prefix) + instance.id, std::nullopt});
    return true;
  });
}

}  // namespace larder::ec2
