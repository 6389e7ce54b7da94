// Runs every case of tests/policy/*.json: a request, policies, the decision and its reason.
#include "policy/evaluate.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "policy/denial.h"
#include "policy/evaluation_json.h"

namespace larder::policy {
namespace {

namespace json = boost::json;

/// Empty for null.
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

/// Null is a failure of the test.
std::unique_ptr<EvaluationRequest> request_of(const json::object& source) {
  auto request = EvaluationRequest::read(json::serialize(source));
  EXPECT_TRUE(request.has_value()) << (request ? "" : request.error().message);
  return request ? *std::move(request) : nullptr;
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

Outcome outcome_of(const Query& query, const Verdict& said) {
  const bool none = said.decided_by == DecidedBy::none;
  return {std::string(name_of(said.decision)),
          none ? std::string() : std::string(name_of(said.decided_by)),
          said.allowed() ? std::string() : denial_message(query, said)};
}

/// Of a case, and of what write_verdict() writes.
Outcome outcome_of(const json::object& source) {
  return {text_of(source, "decision"), text_of(source, "decided_by"), text_of(source, "message")};
}

TEST(Evaluate, DecidesEveryCaseOfTheTableWithItsReason) {
  const std::vector<json::object> cases = read_cases();
  ASSERT_GE(cases.size(), 60u);
  for (const json::object& source : cases) {
    SCOPED_TRACE(text_of(source, "name"));
    const auto request = request_of(source);
    if (request == nullptr) continue;
    const Verdict verdict = evaluate(request->query(), request->policies());
    EXPECT_EQ(outcome_of(request->query(), verdict), outcome_of(source));
  }
}

/// The statements of a case, or of what write_verdict() writes: kind, policy, index, Sid.
std::vector<std::string> statements_of(const json::object& source) {
  std::vector<std::string> statements;
  for (const json::value& value : source.at("statements").as_array()) {
    const json::object& one = value.as_object();
    statements.push_back(text_of(one, "kind") + " " + text_of(one, "policy") + " " +
                         std::to_string(one.at("index").as_int64()) + " " + text_of(one, "sid"));
  }
  return statements;
}

TEST(Evaluate, NamesTheStatementsThatDecided) {
  std::size_t checked = 0;
  for (const json::object& source : read_cases()) {
    if (!source.contains("statements")) continue;
    SCOPED_TRACE(text_of(source, "name"));
    const auto request = request_of(source);
    if (request == nullptr) continue;
    const PolicySet policies = request->policies();
    const Verdict verdict = evaluate(request->query(), policies);
    std::vector<std::string> named;
    for (const StatementRef& ref : verdict.statements())
      named.push_back(std::string(name_of(ref.kind)) + " " + ref.policy->name + " " +
                      std::to_string(ref.index) + " " + std::string(ref.sid()));
    EXPECT_EQ(named, statements_of(source));
    ++checked;
  }
  EXPECT_GT(checked, 0u);
}

TEST(Evaluate, TheVerdictIsWrittenAsTheCasesHaveIt) {
  for (const json::object& source : read_cases()) {
    SCOPED_TRACE(text_of(source, "name"));
    const auto request = request_of(source);
    if (request == nullptr) continue;
    const PolicySet policies = request->policies();
    const std::string line = write_verdict(request->query(), evaluate(request->query(), policies));
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const json::object written = json::parse(line).as_object();
    EXPECT_EQ(outcome_of(written), outcome_of(source));
    if (source.contains("statements")) EXPECT_EQ(statements_of(written), statements_of(source));
  }
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
    const Principal caller = parse_principal(provider).value();
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
