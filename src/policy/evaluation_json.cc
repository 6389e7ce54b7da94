#include "policy/evaluation_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

#include "base/limits.h"
#include "policy/denial.h"
#include "policy/match.h"

namespace larder::policy {

namespace {

using Status = Result<void>;

std::unexpected<Error> bad(std::string_view member, std::string_view must) {
  return fail(codes::invalid_argument, fmt::format("`{}` must be {}", member, must));
}

/// A member that is there and not null.
const Json* member_of(const Json& object, std::string_view name) {
  const auto at = std::ranges::find(object.names, name);
  if (at == object.names.end()) return nullptr;
  const Json& value = object.elements[static_cast<std::size_t>(at - object.names.begin())];
  return value.is(Json::Type::null) ? nullptr : &value;
}

Status read_optional(const Json& object, std::string_view name, std::string& into) {
  const Json* value = member_of(object, name);
  if (value == nullptr) return {};
  if (!value->is(Json::Type::string)) return bad(name, "a string");
  into = value->text;
  return {};
}

Status read_required(const Json& object, std::string_view name, std::string& into) {
  TRY_VOID(read_optional(object, name, into));
  if (into.empty()) return bad(name, "there, and not empty");
  return {};
}

Status read_values(const std::string& key, const Json& value, Context& context) {
  const std::string member = fmt::format("context[\"{}\"]", key);
  if (context.contains(key))
    return bad(member, "there once: its name in another case is the same key");
  if (value.is(Json::Type::string)) {
    context.set(key, value.text);
    return {};
  }
  if (!value.is(Json::Type::array)) return bad(member, "a string or a list of strings");
  context.set_list(key);
  for (const Json& element : value.elements) {
    if (!element.is(Json::Type::string)) return bad(member, "a string or a list of strings");
    context.add(key, element.text);
  }
  return {};
}

Status read_context(const Json& object, Context& context) {
  const Json* value = member_of(object, "context");
  if (value == nullptr) return {};
  if (!value->is(Json::Type::object)) return bad("context", "an object");
  for (std::size_t i = 0; i < value->names.size(); ++i)
    TRY_VOID(read_values(value->names[i], value->elements[i], context));
  return {};
}

Result<Principal> read_principal(const Json& object) {
  std::string arn;
  TRY_VOID(read_required(object, "principal", arn));
  auto who = parse_principal(arn);
  if (!who) {
    return bad("principal",
               fmt::format("\"anonymous\", the ARN of a root, user, role session "
                           "(arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION), federated user or "
                           "identity provider, or a service's name, which \"{}\" is not",
                           arn));
  }
  TRY_VOID(read_optional(object, "role_arn", who->role_arn));
  TRY_VOID(read_optional(object, "user_arn", who->user_arn));
  TRY_VOID(read_optional(object, "unique_id", who->unique_id));
  return who;
}

/// Empty when the resource's ARN has none.
std::string account_in(std::string_view resource) {
  const auto arn = split_arn(resource);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!arn || (*arn)[4].size() != 12 || !std::ranges::all_of((*arn)[4], is_digit)) return {};
  return std::string((*arn)[4]);
}

std::vector<std::string> ignored(const Json& object) {
  constexpr std::array<std::string_view, 12> known{"principal",
                                                   "role_arn",
                                                   "user_arn",
                                                   "unique_id",
                                                   "action",
                                                   "resource",
                                                   "resource_account",
                                                   "context",
                                                   "identity_policies",
                                                   "session_policies",
                                                   "permissions_boundary",
                                                   "resource_policy"};
  std::vector<std::string> names;
  for (const auto& name : object.names)
    if (std::ranges::find(known, name) == known.end()) names.emplace_back(name);
  return names;
}

/// The documents of a request, compiled. They are slices of its text.
class DocumentReader {
 public:
  DocumentReader(std::string_view text, const Json& object) : text_(text), object_(object) {}

  Status read_one(std::string_view member, std::string name, Kind kind,
                  std::optional<NamedPolicy>& into) const {
    const Json* value = member_of(object_, member);
    if (value == nullptr) return {};
    TRY(into, compile(*value, std::string(member), std::move(name), kind));
    return {};
  }

  Status read_list(std::string_view member, std::string_view name, Kind kind,
                   std::vector<NamedPolicy>& into) const {
    const Json* list = member_of(object_, member);
    if (list == nullptr) return {};
    if (!list->is(Json::Type::array)) return bad(member, "a list of policy documents");
    for (const Json& value : list->elements) {
      const std::size_t index = into.size();
      TRY(auto policy, compile(value, fmt::format("{}[{}]", member, index),
                               fmt::format("{}-{}", name, index), kind));
      into.push_back(std::move(policy));
    }
    return {};
  }

 private:
  Result<NamedPolicy> compile(const Json& value, const std::string& member, std::string name,
                              Kind kind) const {
    const bool object = value.is(Json::Type::object);
    if (!object && !value.is(Json::Type::string))
      return bad(member, "a policy document: an object, or a string that holds one");
    const std::string_view text =
        object ? text_.substr(value.offset, value.end - value.offset) : value.text;
    auto document = parse(text, kind);
    if (!document) {
      Error error = std::move(document).error();
      error.message = member + ": " + error.message;
      return fail(std::move(error));
    }
    return NamedPolicy{std::move(name), std::make_shared<const Document>(*std::move(document))};
  }

  const std::string_view text_;
  const Json& object_;
};

std::string quoted(std::string_view text) {
  return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

std::string quoted_or_null(std::string_view text) { return text.empty() ? "null" : quoted(text); }

}  // namespace

bool asks_trust_policy(std::string_view action) {
  constexpr std::string_view family = "sts:AssumeRole";
  return equal_ignoring_case(action.substr(0, family.size()), family) ||
         equal_ignoring_case(action, "sts:TagSession") ||
         equal_ignoring_case(action, "sts:SetSourceIdentity");
}

Result<std::unique_ptr<EvaluationRequest>> EvaluationRequest::read(std::string_view json) {
  const auto object = read_json(json);
  if (!object) {
    return fail(codes::invalid_argument, fmt::format("not a request in JSON: {}, at byte {}",
                                                     object.error().what, object.error().offset));
  }
  return from(json, *object);
}

Result<std::unique_ptr<EvaluationRequest>> EvaluationRequest::from(std::string_view text,
                                                                   const Json& object) {
  if (!object.is(Json::Type::object))
    return fail(codes::invalid_argument, "a request must be a JSON object");
  std::unique_ptr<EvaluationRequest> request(new EvaluationRequest);
  TRY(request->principal_, read_principal(object));
  TRY_VOID(read_required(object, "action", request->action_));
  TRY_VOID(read_required(object, "resource", request->resource_));
  TRY_VOID(read_optional(object, "resource_account", request->resource_account_));
  if (request->resource_account_.empty())
    request->resource_account_ = account_in(request->resource_);
  request->ignored_members_ = ignored(object);
  TRY_VOID(read_context(object, request->context_));
  if (request->context_.longest_value() > limits::policy_value)
    return fail(codes::invalid_argument,
                fmt::format("context: a value is longer than {} bytes", limits::policy_value));
  add_principal_keys(request->principal_, request->context_);

  const DocumentReader documents(text, object);
  const bool trust = request->resource_is_trust_ = asks_trust_policy(request->action_);
  TRY_VOID(
      documents.read_list("identity_policies", "identity", Kind::identity, request->identity_));
  TRY_VOID(
      documents.read_one("permissions_boundary", "boundary", Kind::boundary, request->boundary_));
  TRY_VOID(documents.read_list("session_policies", "session", Kind::session, request->session_));
  TRY_VOID(documents.read_one("resource_policy", "resource", trust ? Kind::trust : Kind::bucket,
                              request->resource_policy_));
  return request;
}

PolicySet EvaluationRequest::policies() const {
  PolicySet set;
  set.identity = identity_;
  set.boundary = boundary_ ? &*boundary_ : nullptr;
  set.has_boundary = boundary_.has_value();
  set.session = session_;
  set.has_session_policies = !session_.empty();
  set.resource = resource_policy_ ? &*resource_policy_ : nullptr;
  set.resource_is_trust = resource_is_trust_;
  return set;
}

std::string write_verdict(const Query& query, const Verdict& verdict) {
  const bool decided = verdict.decided_by != DecidedBy::none;
  std::string out =
      fmt::format(R"({{"decision":"{}","decided_by":{},"statements":[)", name_of(verdict.decision),
                  quoted_or_null(decided ? name_of(verdict.decided_by) : ""));
  for (const StatementRef& statement : verdict.statements()) {
    if (out.back() != '[') out += ',';
    out += fmt::format(R"({{"kind":"{}","policy":{},"sid":{},"index":{}}})",
                       name_of(statement.kind), quoted(statement.policy->name),
                       quoted_or_null(statement.sid()), statement.index);
  }
  const std::string message = verdict.allowed() ? "" : denial_message(query, verdict);
  return out + fmt::format(R"(],"message":{}}})", quoted_or_null(message));
}

}  // namespace larder::policy
