// Runs every case of tests/policy/*.json: a request, policies, the decision and its reason.
#include "policy/evaluate.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "policy/explain.h"

namespace larder::policy {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(json::string_view(name.data(), name.size()));
  if (value == nullptr || !value->is_string()) return {};
  return std::string(value->as_string().data(), value->as_string().size());
}

std::vector<json::object> read_cases() {
  std::vector<json::object> cases;
  for (const auto& entry : std::filesystem::directory_iterator(LARDER_SOURCE_DIR "/tests/policy")) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const json::value all = json::parse(text);
    for (const json::value& one : all.as_array()) cases.push_back(one.as_object());
  }
  return cases;
}

NamedPolicy compile(std::string name, const json::value& document, Kind kind) {
  auto parsed = parse(json::serialize(document), kind);
  EXPECT_TRUE(parsed.has_value()) << name << ": " << (parsed ? "" : parsed.error().message);
  if (!parsed) return {std::move(name), nullptr};
  return {std::move(name), std::make_shared<const Document>(*std::move(parsed))};
}

std::vector<NamedPolicy> compile_all(const std::string& name, const json::value& documents,
                                     Kind kind) {
  std::vector<NamedPolicy> policies;
  for (const json::value& document : documents.as_array())
    policies.push_back(compile(name + "-" + std::to_string(policies.size()), document, kind));
  return policies;
}

Context read_context(const json::object& object) {
  Context context;
  for (const auto& member : object) {
    const std::string_view key(member.key().data(), member.key().size());
    if (const json::string* value = member.value().if_string()) {
      context.set(key, std::string_view(value->data(), value->size()));
      continue;
    }
    context.set_list(key);
    for (const json::value& value : member.value().as_array())
      context.add(key, std::string_view(value.as_string().data(), value.as_string().size()));
  }
  return context;
}

/// What a verdict says, as one text, so that a failing case shows all of it.
struct Outcome {
  std::string decision;
  std::string decided_by;
  std::string message;
  friend bool operator==(const Outcome&, const Outcome&) = default;
  friend void PrintTo(const Outcome& o, std::ostream* out) {
    *out << o.decision << " by " << (o.decided_by.empty() ? "none" : o.decided_by) << ": "
         << o.message;
  }
};

class Case {
 public:
  explicit Case(const json::object& source)
      : source_(source),
        principal_(parse_principal(text_of(source, "principal")).value()),
        context_(read_context(source.at("context").as_object())),
        action_(text_of(source, "action")),
        resource_(text_of(source, "resource")),
        account_(text_of(source, "resource_account")) {
    if (const auto arn = text_of(source, "role_arn"); !arn.empty()) principal_.role_arn = arn;
    if (const auto arn = text_of(source, "user_arn"); !arn.empty()) principal_.user_arn = arn;
    if (const auto id = text_of(source, "unique_id"); !id.empty()) principal_.unique_id = id;
    add_principal_keys(principal_, context_);

    identity_ = compile_all("identity", source.at("identity_policies"), Kind::identity);
    session_ = compile_all("session", source.at("session_policies"), Kind::session);
    const bool trust = action_.starts_with("sts:AssumeRole");
    if (const auto& document = source.at("permissions_boundary"); !document.is_null())
      boundary_ = compile("boundary", document, Kind::boundary);
    if (const auto& document = source.at("resource_policy"); !document.is_null())
      resource_policy_ = compile("resource", document, trust ? Kind::trust : Kind::bucket);

    policies_.identity = identity_;
    policies_.session = session_;
    policies_.has_session_policies = !session_.empty();
    policies_.has_boundary = boundary_.has_value();
    policies_.boundary = boundary_ ? &*boundary_ : nullptr;
    policies_.resource = resource_policy_ ? &*resource_policy_ : nullptr;
    policies_.resource_is_trust = trust;
  }
  Case(const Case&) = delete;
  Case& operator=(const Case&) = delete;

  Query query() const { return {principal_, action_, resource_, account_, context_}; }
  Verdict verdict() const { return evaluate(query(), policies_); }

  Outcome outcome() const {
    const Verdict said = verdict();
    const bool none = said.decided_by == DecidedBy::none;
    return {std::string(name_of(said.decision)),
            none ? std::string() : std::string(name_of(said.decided_by)),
            said.allowed() ? std::string() : denial_message(query(), said)};
  }
  Outcome expected() const {
    return {text_of(source_, "decision"), text_of(source_, "decided_by"),
            text_of(source_, "message")};
  }

 private:
  const json::object& source_;
  Principal principal_;
  Context context_;
  std::string action_;
  std::string resource_;
  std::string account_;
  std::vector<NamedPolicy> identity_{};
  std::vector<NamedPolicy> session_{};
  std::optional<NamedPolicy> boundary_{};
  std::optional<NamedPolicy> resource_policy_{};
  PolicySet policies_{};
};

TEST(Evaluate, DecidesEveryCaseOfTheTableWithItsReason) {
  const std::vector<json::object> cases = read_cases();
  ASSERT_GE(cases.size(), 60u);
  for (const json::object& source : cases) {
    SCOPED_TRACE(text_of(source, "name"));
    const Case one(source);
    EXPECT_EQ(one.outcome(), one.expected());
  }
}

TEST(Evaluate, NamesTheStatementsThatDecided) {
  std::size_t checked = 0;
  for (const json::object& source : read_cases()) {
    const json::value* wanted = source.if_contains("statements");
    if (wanted == nullptr) continue;
    SCOPED_TRACE(text_of(source, "name"));
    const Case one(source);
    const Verdict verdict = one.verdict();
    const json::array& statements = wanted->as_array();
    ASSERT_EQ(verdict.statements().size(), statements.size());
    for (std::size_t i = 0; i < statements.size(); ++i) {
      const StatementRef& ref = verdict.statements()[i];
      const json::object& statement = statements[i].as_object();
      EXPECT_EQ(name_of(ref.kind), text_of(statement, "kind"));
      EXPECT_EQ(ref.policy->name, text_of(statement, "policy"));
      EXPECT_EQ(ref.sid(), text_of(statement, "sid"));
      EXPECT_EQ(ref.index, static_cast<std::size_t>(statement.at("index").as_int64()));
    }
    ++checked;
  }
  EXPECT_GT(checked, 0u);
}

constexpr std::string_view account = "111122223333";
constexpr std::string_view allow_all =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";

NamedPolicy everything(std::string name = "all") {
  return {std::move(name),
          std::make_shared<const Document>(parse(allow_all, Kind::identity).value())};
}

Verdict ask(const PolicySet& policies) {
  const Principal alice = parse_principal("arn:aws:iam::111122223333:user/alice").value();
  const Context context;
  return evaluate({alice, "s3:GetObject", "arn:aws:s3:::b/k", account, context}, policies);
}

TEST(Evaluate, AStoredDocumentThatCannotBeReadDenies) {
  const std::vector<NamedPolicy> policies{everything(), {"broken", nullptr}};
  PolicySet set;
  set.identity = policies;
  const Verdict verdict = ask(set);
  EXPECT_EQ(verdict.decision, Decision::explicit_deny);
  ASSERT_EQ(verdict.statements().size(), 1u);
  EXPECT_EQ(verdict.statements()[0].policy->name, "broken");
  EXPECT_EQ(verdict.statements()[0].sid(), "");
}

TEST(Evaluate, ABoundaryThatIsSetButMissingDenies) {
  const std::vector<NamedPolicy> policies{everything()};
  PolicySet set;
  set.identity = policies;
  set.has_boundary = true;
  const Verdict verdict = ask(set);
  EXPECT_EQ(verdict.decision, Decision::implicit_deny);
  EXPECT_EQ(verdict.decided_by, DecidedBy::boundary);
}

TEST(Evaluate, SessionPoliciesThatAreSetButEmptyDeny) {
  const std::vector<NamedPolicy> policies{everything()};
  PolicySet set;
  set.identity = policies;
  set.has_session_policies = true;
  EXPECT_EQ(ask(set).decided_by, DecidedBy::session);
}

TEST(Evaluate, AServiceControlPolicyMustAllowWhereThereAreAny) {
  const std::vector<NamedPolicy> policies{everything()};
  PolicySet set;
  set.identity = policies;
  set.has_service_control = true;
  EXPECT_EQ(ask(set).decided_by, DecidedBy::service_control);
  set.service_control = policies;
  EXPECT_TRUE(ask(set).allowed());
}

TEST(Evaluate, ATrustPolicyForAServiceLetsThatServiceIn) {
  const auto trust = parse(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow",
          "Principal":{"Service":"ec2.amazonaws.com"},
          "Action":"sts:AssumeRole"}})",
      Kind::trust);
  ASSERT_TRUE(trust.has_value()) << trust.error().message;
  const NamedPolicy policy{"trust", std::make_shared<const Document>(*trust)};
  PolicySet set;
  set.resource = &policy;
  set.resource_is_trust = true;
  const Context context;
  const Principal ec2 = parse_principal("ec2.amazonaws.com").value();
  const Principal ecs = parse_principal("ecs.amazonaws.com").value();
  const std::string_view role = "arn:aws:iam::111122223333:role/R";
  EXPECT_TRUE(evaluate({ec2, "sts:AssumeRole", role, account, context}, set).allowed());
  EXPECT_EQ(evaluate({ecs, "sts:AssumeRole", role, account, context}, set).decided_by,
            DecidedBy::trust);
}

TEST(Evaluate, AWebIdentityMustHaveItsProviderNamed) {
  const std::string provider = "arn:aws:iam::111122223333:oidc-provider/id.example.com";
  const auto ask_trust = [&](const std::string& principal) {
    const auto trust =
        parse(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":)" + principal +
                  R"(,"Action":"sts:AssumeRoleWithWebIdentity"}})",
              Kind::trust);
    EXPECT_TRUE(trust.has_value()) << principal;
    const NamedPolicy policy{"trust", std::make_shared<const Document>(trust.value())};
    PolicySet set;
    set.resource = &policy;
    set.resource_is_trust = true;
    Principal caller;
    caller.kind = Principal::Kind::web_identity;
    caller.provider = provider;
    const Context context;
    const std::string_view role = "arn:aws:iam::111122223333:role/R";
    return evaluate({caller, "sts:AssumeRoleWithWebIdentity", role, account, context}, set)
        .allowed();
  };
  EXPECT_TRUE(ask_trust(R"({"Federated":")" + provider + R"("})"));
  EXPECT_FALSE(ask_trust(R"({"Federated":"accounts.example.com"})"));
  EXPECT_FALSE(ask_trust(R"("*")"));
}

}  // namespace
}  // namespace larder::policy
