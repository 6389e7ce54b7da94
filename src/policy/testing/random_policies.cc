#include "policy/testing/random_policies.h"

#include <boost/json/serialize.hpp>
#include <memory>
#include <utility>

#include "base/check.h"
#include "policy/testing/random_alphabet.h"
#include "policy/testing/random_documents.h"

namespace larder::policy::test {

namespace {

namespace json = boost::json;

std::vector<Principal> principals_of(std::size_t account_index) {
  using Kind = Principal::Kind;
  const std::string account(accounts[account_index]);
  const std::string iam = "arn:aws:iam::" + account + ":";
  const std::string sts = "arn:aws:sts::" + account + ":";
  const std::string canonical(canonical_ids[account_index]);
  const auto in_account = [&](Kind kind, std::string arn) {
    return Principal{
        .kind = kind, .account = account, .arn = std::move(arn), .canonical_id = canonical};
  };
  std::vector<Principal> all;
  all.push_back(in_account(Kind::root, iam + "root"));
  all.push_back(in_account(Kind::user, iam + "user/alice"));
  all.back().unique_id = user_ids[0];
  all.push_back(in_account(Kind::user, iam + "user/team/bob"));
  all.back().unique_id = user_ids[1];
  all.push_back(in_account(Kind::role_session, sts + "assumed-role/Reader/s1"));
  all.back().role_arn = iam + "role/Reader";
  all.back().unique_id = role_ids[0];
  all.push_back(in_account(Kind::role_session, sts + "assumed-role/Writer/s2"));
  all.back().role_arn = iam + "role/apps/Writer";
  all.back().unique_id = role_ids[1];
  all.push_back(in_account(Kind::federated_user, sts + "federated-user/carol"));
  all.back().user_arn = iam + "user/alice";
  return all;
}

std::vector<Principal> all_principals() {
  std::vector<Principal> all;
  for (int times = 0; times < 2; ++times)  // accounts more often than strangers
    for (std::size_t i = 0; i < std::size(accounts); ++i)
      for (Principal& principal : principals_of(i)) all.push_back(std::move(principal));
  all.push_back({});
  all.push_back({.kind = Principal::Kind::service, .service = "ec2.amazonaws.com"});
  all.push_back({.kind = Principal::Kind::web_identity,
                 .provider = "arn:aws:iam::111122223333:oidc-provider/idp.example.com"});
  return all;
}

std::string_view random_value(Dice& dice, ValueType type) {
  switch (type) {
    case ValueType::text:
      return dice.pick(texts);
    case ValueType::number:
      return dice.pick(numbers);
    case ValueType::date:
      return dice.pick(dates);
    case ValueType::boolean:
      return dice.pick(booleans);
    case ValueType::binary:
      return dice.pick(binaries);
    case ValueType::address:
      return dice.pick(addresses);
    case ValueType::arn:
      return dice.pick(arns);
  }
  return {};
}

NaiveValues random_values(Dice& dice, const KeyChoice& key) {
  NaiveValues values{.is_list = dice.chance(key.name == "aws:TagKeys" ? 90 : 5)};
  const std::size_t count = values.is_list ? dice.below(4) : 1;
  while (values.values.size() < count)
    values.values.emplace_back(
        random_value(dice, dice.chance(95) ? key.type : static_cast<ValueType>(dice.below(7))));
  return values;
}

}  // namespace

PolicySet RandomPolicies::set() const {
  return {.identity = identity_,
          .boundary = boundary_ ? &*boundary_ : nullptr,
          .has_boundary = naive_.has_boundary,
          .session = session_,
          .has_session_policies = naive_.has_session_policies,
          .resource = resource_ ? &*resource_ : nullptr,
          .resource_is_trust = naive_.resource_is_trust,
          .service_control = service_control_,
          .has_service_control = naive_.has_service_control,
          .resource_control = resource_control_,
          .has_resource_control = naive_.has_resource_control};
}

const json::value& RandomPolicies::document(const NamedPolicy& policy) const {
  for (const auto& [documents, policies] :
       {std::pair{&naive_.identity, &identity_}, std::pair{&naive_.session, &session_},
        std::pair{&naive_.service_control, &service_control_},
        std::pair{&naive_.resource_control, &resource_control_}})
    for (std::size_t i = 0; i < policies->size(); ++i)
      if (&(*policies)[i] == &policy) return (*documents)[i];
  if (boundary_ && &*boundary_ == &policy) return *naive_.boundary;
  CHECK(resource_ && &*resource_ == &policy);
  return *naive_.resource;
}

PolicyGenerator::PolicyGenerator(std::uint64_t seed) : dice_(seed) {
  for (Principal& principal : all_principals()) {
    Context context;
    add_principal_keys(principal, context);
    NaiveRequest caller{.principal = std::move(principal)};
    context.each([&](std::string_view key, Context::Values values, bool is_list) {
      NaiveValues& known = caller.context[std::string(key)];
      known.is_list = is_list;
      for (std::size_t i = 0; i < values.size(); ++i) known.values.emplace_back(values[i]);
    });
    callers_.push_back(std::move(caller));
  }
}

PolicyGenerator::Made PolicyGenerator::make(Kind kind, std::string name) {
  if (dice_.chance(1)) return {.json = nullptr, .policy = {std::move(name), nullptr}};
  while (true) {
    json::value json = random_document(dice_, kind);
    ++made_;
    auto document = parse(json::serialize(json), kind);
    if (document)
      return {.json = std::move(json),
              .policy = {std::move(name), std::make_shared<Document>(*std::move(document))}};
    ++refused_;
    last_refusal_ = document.error().message + ": " + json::serialize(json);
  }
}

void PolicyGenerator::add(std::size_t count, Kind kind, std::string_view name, Documents to) {
  for (std::size_t i = 0; i < count; ++i) {
    Made made = make(kind, std::string(name) + "-" + std::to_string(i));
    to.json.push_back(std::move(made.json));
    to.policies.push_back(std::move(made.policy));
  }
}

std::unique_ptr<RandomPolicies> PolicyGenerator::policies() {
  auto result = std::make_unique<RandomPolicies>();
  NaivePolicies& naive = result->naive_;
  add(dice_.below(5), Kind::identity, "identity", {naive.identity, result->identity_});
  naive.has_boundary = dice_.chance(18);
  if (naive.has_boundary && dice_.chance(95)) {
    Made made = make(Kind::boundary, "boundary");
    naive.boundary = std::move(made.json);
    result->boundary_ = std::move(made.policy);
  }
  naive.has_session_policies = dice_.chance(18);
  if (naive.has_session_policies)
    add(dice_.below(3), Kind::session, "session", {naive.session, result->session_});
  naive.resource_is_trust = dice_.chance(25);
  if (dice_.chance(70)) {
    Made made = make(naive.resource_is_trust ? Kind::trust : Kind::bucket, "resource");
    naive.resource = std::move(made.json);
    result->resource_ = std::move(made.policy);
  }
  naive.has_service_control = dice_.chance(10);
  if (naive.has_service_control)
    add(dice_.below(3), Kind::identity, "service-control",
        {naive.service_control, result->service_control_});
  naive.has_resource_control = dice_.chance(10);
  if (naive.has_resource_control)
    add(dice_.below(3), dice_.chance(50) ? Kind::identity : Kind::bucket, "resource-control",
        {naive.resource_control, result->resource_control_});
  return result;
}

NaiveRequest PolicyGenerator::request(const RandomPolicies& policies) {
  const bool trust = policies.naive_.resource_is_trust;
  NaiveRequest request = dice_.pick(callers_);
  if (dice_.chance(20)) request.context.clear();
  request.action = trust && dice_.chance(95) ? dice_.pick(trust_actions) : dice_.pick(actions);
  request.resource = trust && dice_.chance(95) ? dice_.pick(role_resources) : dice_.pick(resources);
  if (dice_.chance(40))
    request.resource_account = request.principal.account;
  else if (dice_.chance(90))
    request.resource_account = dice_.pick(accounts);
  for (const KeyChoice& key : condition_keys) {
    const std::string name(key.name);
    // The principal's own keys mostly stay what they are.
    if (!dice_.chance(request.context.contains(name) ? 5 : 45)) continue;
    request.context[name] = random_values(dice_, key);
  }
  return request;
}

}  // namespace larder::policy::test
