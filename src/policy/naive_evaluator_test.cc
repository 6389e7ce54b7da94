// The engine against a second reading of §G: a million random questions, and the examples that both
// must get right. A case that fails is printed whole; --gtest_random_seed=N asks the same questions
// again.
#include "policy/testing/naive_evaluator.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/evaluate.h"
#include "policy/evaluation_json.h"
#include "policy/explain.h"
#include "policy/testing/random_policies.h"

namespace larder::policy::test {
namespace {

namespace json = boost::json;

constexpr std::size_t policy_sets = 10'000;
constexpr std::size_t requests_each = 100;
constexpr std::size_t explained_every = 50;

/// --gtest_random_seed=N takes another.
std::uint64_t seed_of_this_run() {
  const std::int32_t given = GTEST_FLAG_GET(random_seed);
  return given != 0 ? static_cast<std::uint64_t>(given) : 20260521;
}

Context context_of(const NaiveContext& naive) {
  Context context;
  for (const auto& [key, values] : naive) {
    if (!values.is_list) {
      context.set(key, values.values.front());
      continue;
    }
    context.set_list(key);
    for (const std::string& value : values.values) context.add(key, value);
  }
  return context;
}

json::value described(const NaiveContext& context) {
  json::object object;
  for (const auto& [key, values] : context) {
    if (values.is_list) {
      object[key] = json::value_from(values.values);
    } else {
      object[key] = values.values.front();
    }
  }
  return object;
}

json::value described(const Principal& principal) {
  return {{"kind", static_cast<int>(principal.kind)},
          {"account", principal.account},
          {"arn", principal.arn},
          {"role_arn", principal.role_arn},
          {"user_arn", principal.user_arn},
          {"unique_id", principal.unique_id},
          {"canonical_id", principal.canonical_id},
          {"provider", principal.provider},
          {"service", principal.service}};
}

/// Lists that must allow but are not there are absent, those that are there and empty are [].
std::string described(const NaivePolicies& policies, const NaiveRequest& request) {
  json::object all{{"principal", described(request.principal)},
                   {"action", request.action},
                   {"resource", request.resource},
                   {"resource_account", request.resource_account},
                   {"context", described(request.context)},
                   {"identity_policies", json::value_from(policies.identity)},
                   {"resource_is_trust", policies.resource_is_trust}};
  if (policies.has_boundary)
    all["permissions_boundary"] = policies.boundary ? *policies.boundary : json::value("not found");
  if (policies.has_session_policies) all["session_policies"] = json::value_from(policies.session);
  if (policies.resource) all["resource_policy"] = *policies.resource;
  if (policies.has_service_control)
    all["service_control_policies"] = json::value_from(policies.service_control);
  if (policies.has_resource_control)
    all["resource_control_policies"] = json::value_from(policies.resource_control);
  return json::serialize(all);
}

std::string words(Decision decision, DecidedBy by) {
  return std::string(name_of(decision)) + " by " + std::string(name_of(by));
}

/// What is wrong with the statements that the verdict names; empty: nothing.
std::string fault_of_statements(const Verdict& verdict, const RandomPolicies& policies,
                                const NaiveRequest& request) {
  if (verdict.decision == Decision::implicit_deny)
    return verdict.statements().empty() ? "" : "an implicit deny names statements";
  const bool denied = verdict.decision == Decision::explicit_deny;
  const bool has_boundary = policies.naive().has_boundary;
  bool names_decider = verdict.decided_by == DecidedBy::none;
  for (const StatementRef& statement : verdict.statements()) {
    names_decider = names_decider || statement.kind == verdict.decided_by;
    const json::value& document = policies.document(*statement.policy);
    if (document.is_null()) {
      if (!denied) return "an unreadable document allows";
      continue;
    }
    if (statement.index >= naive_statement_count(document)) return "no such statement";
    if (!naive_applies(document, statement.index, request, has_boundary))
      return "it does not apply";
    if (naive_denies(document, statement.index) != denied) return "it has the other effect";
  }
  if (denied && verdict.statements().size() != 1) return "not one deny";
  return names_decider ? "" : "no statement of the kind that decided";
}

std::string fault_of_explanation(const Explanation& explanation, const Verdict& verdict,
                                 const RandomPolicies& policies, const NaiveRequest& request) {
  if (explanation.verdict.decision != verdict.decision ||
      explanation.verdict.decided_by != verdict.decided_by)
    return "explain() decides otherwise";
  const bool has_boundary = policies.naive().has_boundary;
  for (const StatementReport& report : explanation.statements) {
    const auto& [kind, policy, index] = report.statement;
    const json::value& document = policies.document(*policy);
    const bool applies =
        document.is_null() || naive_applies(document, index, request, has_boundary);
    if (report.applies() != applies)
      return "explain() on " + std::string(name_of(kind)) + " " + policy->name + " statement " +
             std::to_string(index) + ": fails at '" + std::string(name_of(report.failed)) + "'";
  }
  return "";
}

struct Counts {
  std::size_t allowed = 0, denied = 0, not_allowed = 0;

  void add(Decision decision) {
    allowed += decision == Decision::allowed ? 1u : 0u;
    denied += decision == Decision::explicit_deny ? 1u : 0u;
    not_allowed += decision == Decision::implicit_deny ? 1u : 0u;
  }
};

/// Asks both; empty: they agree.
std::string disagreement(const RandomPolicies& policies, const NaiveRequest& request,
                         bool explained, Counts& counts) {
  const Context context = context_of(request.context);
  const Query query{.principal = request.principal,
                    .action = request.action,
                    .resource = request.resource,
                    .resource_account = request.resource_account,
                    .context = context};
  const PolicySet set = policies.set();
  const Verdict verdict = evaluate(query, set);
  const NaiveVerdict naive = naive_evaluate(policies.naive(), request);
  counts.add(verdict.decision);
  if (verdict.decision != naive.decision || verdict.decided_by != naive.decided_by)
    return "the engine: " + words(verdict.decision, verdict.decided_by) +
           ", naively: " + words(naive.decision, naive.decided_by);
  if (auto fault = fault_of_statements(verdict, policies, request); !fault.empty()) return fault;
  if (!explained) return "";
  return fault_of_explanation(explain(query, set), verdict, policies, request);
}

TEST(NaiveEvaluator, AgreesWithTheEngineOnAMillionRandomQuestions) {
  const std::uint64_t seed = seed_of_this_run();
  std::cout << "--gtest_random_seed=" << seed << std::endl;
  PolicyGenerator generator(seed);
  Counts counts;
  for (std::size_t i = 0; i < policy_sets; ++i) {
    const auto policies = generator.policies();
    for (std::size_t k = 0; k < requests_each; ++k) {
      const NaiveRequest request = generator.request(*policies);
      const auto fault = disagreement(*policies, request, k % explained_every == 0, counts);
      ASSERT_EQ(fault, "") << "--gtest_random_seed=" << seed << ", set " << i << ", request " << k
                           << "\n"
                           << described(policies->naive(), request);
    }
  }
  std::cout << counts.allowed << " allowed, " << counts.denied << " denied, " << counts.not_allowed
            << " not allowed; " << generator.refused() << " of " << generator.made()
            << " documents refused" << std::endl;
  EXPECT_LT(generator.refused() * 20, generator.made()) << generator.last_refusal();
  const std::size_t all = policy_sets * requests_each;
  EXPECT_GT(counts.allowed * 10, all) << "the alphabets do not meet";
  EXPECT_GT(counts.denied * 10, all);
  EXPECT_GT(counts.not_allowed * 10, all);
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

/// A document, which may stand in a string. Null when there is none.
std::optional<json::value> document_of(const json::value* element) {
  if (element == nullptr || element->is_null()) return std::nullopt;
  return element->is_string() ? json::parse(element->as_string()) : *element;
}

std::vector<json::value> documents_of(const json::value* element) {
  std::vector<json::value> documents;
  if (element != nullptr && element->is_array())
    for (const json::value& one : element->as_array()) documents.push_back(*document_of(&one));
  return documents;
}

NaivePolicies policies_of(const json::object& source, const PolicySet& set) {
  NaivePolicies policies{.identity = documents_of(source.if_contains("identity_policies")),
                         .has_boundary = set.has_boundary,
                         .boundary = document_of(source.if_contains("permissions_boundary")),
                         .has_session_policies = set.has_session_policies,
                         .session = documents_of(source.if_contains("session_policies")),
                         .resource = document_of(source.if_contains("resource_policy")),
                         .resource_is_trust = set.resource_is_trust};
  return policies;
}

NaiveRequest request_of(const Query& query) {
  NaiveRequest request{.principal = query.principal,
                       .action = std::string(query.action),
                       .resource = std::string(query.resource),
                       .resource_account = std::string(query.resource_account)};
  query.context.each([&](std::string_view key, Context::Values values, bool is_list) {
    NaiveValues& copy = request.context[std::string(key)];
    copy.is_list = is_list;
    for (std::size_t i = 0; i < values.size(); ++i) copy.values.emplace_back(values[i]);
  });
  return request;
}

TEST(NaiveEvaluator, DecidesEveryCaseOfTheTable) {
  const std::vector<json::object> cases = read_cases();
  ASSERT_FALSE(cases.empty());
  for (const json::object& source : cases) {
    SCOPED_TRACE(json::serialize(source));
    const auto request = EvaluationRequest::read(json::serialize(source));
    ASSERT_TRUE(request.has_value()) << request.error().message;
    const PolicySet set = (*request)->policies();
    const NaiveVerdict naive =
        naive_evaluate(policies_of(source, set), request_of((*request)->query()));
    const json::value& by = source.at("decided_by");
    EXPECT_EQ(words(naive.decision, naive.decided_by),
              std::string(source.at("decision").as_string()) + " by " +
                  (by.is_null() ? "none" : std::string(by.as_string())));
  }
}

}  // namespace
}  // namespace larder::policy::test
