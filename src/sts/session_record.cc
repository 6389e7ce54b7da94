#include "sts/session_record.h"

#include <zlib.h>

#include <boost/json.hpp>

#include "base/check.h"
#include "codec/json.h"

namespace larder::sts {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::size_t unpacked_bytes_max =
    256 * 1024;  // policies of 2,048 characters, 50 tags and names fit many times

std::int64_t seconds(Time time) {
  return std::chrono::floor<Seconds>(time).time_since_epoch().count();
}
Time to_time(const boost::json::value& value) { return Time(Seconds(value.as_int64())); }

std::string deflate(const std::string& text) {
  uLongf size = compressBound(text.size());
  std::string out(size, '\0');
  CHECK(compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                  reinterpret_cast<const Bytef*>(text.data()), text.size(),
                  Z_BEST_COMPRESSION) == Z_OK);
  out.resize(size);
  return out;
}

std::vector<std::string> strings(const boost::json::value& from) {
  std::vector<std::string> out;
  for (const auto& value : from.as_array()) out.emplace_back(value.as_string());
  return out;
}

/// Each request unpacks a token: most have some hundred bytes, and memory for the largest would be
/// the most expensive part of it.
Result<std::string> inflated(std::string_view packed) {
  constexpr std::size_t usual_bytes = 2048;
  std::string text;
  for (std::size_t room = usual_bytes;; room = unpacked_bytes_max) {
    int status = Z_OK;
    text.resize_and_overwrite(room, [&](char* into, std::size_t) {
      uLongf size = room;
      status = uncompress(reinterpret_cast<Bytef*>(into), &size,
                          reinterpret_cast<const Bytef*>(packed.data()), packed.size());
      return status == Z_OK ? size : 0;
    });
    if (status == Z_OK) return text;
    if (status != Z_BUF_ERROR || room == unpacked_bytes_max)
      return fail(codes::internal_error, "a session token's content cannot be unpacked");
  }
}

}  // namespace

std::string pack(const aws::Session& session) {
  object out{{"k", session.kind == aws::Session::Kind::root ? 0 : 1},
             {"a", session.account},
             {"i", seconds(session.issued)},
             {"e", seconds(session.expires)}};
  auto text = [&](const char* name, const std::string& value) {
    if (!value.empty()) out[name] = value;
  };
  text("id", session.role_id);
  text("r", session.role_arn);
  text("n", session.name);
  text("s", session.source_identity);
  text("si", session.source_instance_arn);
  text("rd", session.role_delivery);
  if (!session.policies.empty()) out["p"] = boost::json::value_from(session.policies);
  if (!session.policy_arns.empty()) out["pa"] = boost::json::value_from(session.policy_arns);
  if (!session.tags.empty()) {
    array tags;
    for (const auto& [key, value] : session.tags) tags.push_back(array{key, value});
    out["t"] = std::move(tags);
  }
  return deflate(boost::json::serialize(out));
}

Result<aws::Session> unpack(std::string_view packed) {
  TRY(const auto text, inflated(packed));
  TRY(const auto json, parse_json(text));
  try {
    const object& from = json.as_object();
    auto read = [&](const char* name) {
      const auto* value = from.if_contains(name);
      return value == nullptr ? std::string() : std::string(value->as_string());
    };
    aws::Session session;
    session.kind =
        from.at("k").as_int64() == 0 ? aws::Session::Kind::root : aws::Session::Kind::role;
    session.account = read("a");
    session.issued = to_time(from.at("i"));
    session.expires = to_time(from.at("e"));
    session.role_id = read("id");
    session.role_arn = read("r");
    session.name = read("n");
    session.source_identity = read("s");
    session.source_instance_arn = read("si");
    session.role_delivery = read("rd");
    if (const auto* policies = from.if_contains("p")) session.policies = strings(*policies);
    if (const auto* arns = from.if_contains("pa")) session.policy_arns = strings(*arns);
    if (const auto* tags = from.if_contains("t"))
      for (const auto& tag : tags->as_array()) {
        const auto pair = strings(tag);
        session.tags.emplace_back(pair.at(0), pair.at(1));
      }
    return session;
  } catch (const std::exception&) {
    return fail(codes::internal_error, "a session token's content is not a session");
  }
}

}  // namespace larder::sts
