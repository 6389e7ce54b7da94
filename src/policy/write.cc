#include "policy/write.h"

#include <boost/json.hpp>

namespace larder::policy {

namespace {

namespace json = boost::json;

json::string text(std::string_view value) { return json::string(value.data(), value.size()); }

json::array list(const std::vector<std::string>& values) {
  json::array out;
  for (const std::string& value : values) out.push_back(text(value));
  return out;
}

std::string_view kind_of(PrincipalEntry::Type type) {
  switch (type) {
    case PrincipalEntry::Type::everyone:
    case PrincipalEntry::Type::account:
    case PrincipalEntry::Type::arn:
    case PrincipalEntry::Type::unique_id:
      return "AWS";
    case PrincipalEntry::Type::service:
      return "Service";
    case PrincipalEntry::Type::federated:
      return "Federated";
    case PrincipalEntry::Type::canonical_user:
      return "CanonicalUser";
  }
  return "";
}

std::string value_of(const PrincipalEntry& entry) {
  const bool account = entry.type == PrincipalEntry::Type::account;
  return account ? "arn:aws:iam::" + entry.value + ":root" : entry.value;
}

json::value principals(const Principals& element) {
  if (element.entries.size() == 1 && element.entries[0].type == PrincipalEntry::Type::everyone)
    return json::string("*");
  json::object kinds;
  for (const PrincipalEntry& entry : element.entries) {
    json::value& values = kinds[json::string_view(kind_of(entry.type))];
    if (values.is_null()) values = json::array();
    values.as_array().push_back(text(value_of(entry)));
  }
  return kinds;
}

json::object conditions(const std::vector<Condition>& all) {
  json::object operators;
  for (const Condition& condition : all) {
    json::value& keys = operators[condition.op_name];
    if (keys.is_null()) keys = json::object();
    keys.as_object()[condition.key] = list(condition.values);
  }
  return operators;
}

json::object statement(const Statement& from) {
  json::object out;
  if (!from.sid.empty()) out["Sid"] = text(from.sid);
  out["Effect"] = from.effect == Effect::allow ? "Allow" : "Deny";
  if (from.principals)
    out[from.principals->negated ? "NotPrincipal" : "Principal"] = principals(*from.principals);
  out[from.not_action ? "NotAction" : "Action"] = list(from.actions);
  if (!from.resources.empty())
    out[from.not_resource ? "NotResource" : "Resource"] = list(from.resources);
  if (!from.conditions.empty()) out["Condition"] = conditions(from.conditions);
  return out;
}

}  // namespace

std::string write(const Document& document) {
  json::object out;
  if (!document.version.empty()) out["Version"] = text(document.version);
  if (!document.id.empty()) out["Id"] = text(document.id);
  json::array& statements = out["Statement"].emplace_array();
  for (const Statement& one : document.statements) statements.push_back(statement(one));
  return json::serialize(out);
}

}  // namespace larder::policy
