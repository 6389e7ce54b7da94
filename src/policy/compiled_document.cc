#include "policy/compiled_document.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "policy/document.h"

namespace larder::policy {

namespace {

/// "s3:" of "s3:GetObject"; empty where there is no colon.
std::string_view service_of(std::string_view action) {
  return action.substr(0, action.find(':') + 1);
}

/// What the actions of a pattern have in common.
enum class Kin : std::uint8_t { name, service, nothing };

struct Indexed {
  Kin kin;
  std::string text;  // the name or the service, in lower case
  std::uint32_t statement;
  std::uint32_t action;
};

char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower_case);
  return out;
}

Indexed index_of(const std::string& pattern, std::uint32_t statement, std::uint32_t action) {
  if (!has_wildcard(pattern)) return {Kin::name, lower(pattern), statement, action};
  const std::string_view service = service_of(pattern);
  if (service.empty() || has_wildcard(service)) return {Kin::nothing, {}, statement, action};
  return {Kin::service, lower(service), statement, action};
}

template <class T>
std::uint32_t count_of(const std::vector<T>& list) {
  return static_cast<std::uint32_t>(list.size());
}

}  // namespace

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): of lower_, what action_ shows is set
PreparedQuery::PreparedQuery(const Query& query, bool has_boundary)
    : query_(query),
      has_boundary_(has_boundary),
      resource_parts_(split_arn(query.resource)),
      action_(query.action) {
  if (action_.size() <= lower_.size()) {
    std::ranges::transform(action_, lower_.begin(), lower_case);
    action_ = {lower_.data(), action_.size()};
  }
  service_ = service_of(action_);
  action_hash_ = hash_ignoring_case(action_);
  service_hash_ = hash_ignoring_case(service_);
}

CompiledDocument::CompiledDocument(const std::vector<Statement>& statements, bool variables) {
  statements_.reserve(statements.size());
  constexpr std::size_t usual_text = 256;  // of a statement
  patterns_.reserve(statements.size() * usual_text);
  for (const Statement& statement : statements) add(statement, variables);
  add_index(statements, variables);
}

void CompiledDocument::add(const Statement& statement, bool variables) {
  Compiled compiled{.allows = statement.effect == Effect::allow,
                    .not_action = statement.not_action,
                    .not_resource = statement.not_resource,
                    .has_principals = statement.principals.has_value(),
                    .principals = count_of(principals_),
                    .actions = {count_of(actions_), count_of(statement.actions)},
                    .resources = {count_of(resources_), count_of(statement.resources)},
                    .conditions = {count_of(conditions_), count_of(statement.conditions)}};
  statements_.push_back(compiled);
  if (statement.principals) principals_.push_back(*statement.principals);
  for (const std::string& action : statement.actions)
    actions_.push_back(
        patterns_.compile(action, {.wildcards = true, .variables = false, .ignore_case = true}));
  for (const std::string& resource : statement.resources)
    resources_.push_back(patterns_.compile_arn(resource, variables, ArnPattern::Use::resource));
  for (const Condition& condition : statement.conditions)
    conditions_.push_back(values_.compile(condition, variables, patterns_));
}

CompiledDocument::Gate CompiledDocument::gate_of(const Statement& statement, bool variables) {
  for (const Condition& condition : statement.conditions) {
    const ConditionOperator& op = condition.op;
    const bool plain = op.comparison == Comparison::string_equals && !op.negated && !op.if_exists &&
                       op.quantifier == Quantifier::none && condition.values.size() == 1;
    if (!plain) continue;
    const std::string& value = condition.values[0];
    if (variables && value.find("${") != std::string::npos) continue;
    return {hash_ignoring_case(condition.key), hash_of_value(value)};
  }
  return {};
}

void CompiledDocument::add_index(const std::vector<Statement>& statements, bool variables) {
  std::vector<Indexed> all;
  std::uint32_t action = 0;
  for (std::uint32_t i = 0; i < statements.size(); ++i) {
    if (statements[i].not_action) all.push_back({Kin::nothing, {}, i, not_action_});
    for (const std::string& pattern : statements[i].actions) {
      if (!statements[i].not_action) all.push_back(index_of(pattern, i, action));
      ++action;
    }
  }
  std::ranges::sort(all, {}, [](const Indexed& one) {
    return std::tie(one.kin, one.text, one.statement, one.action);
  });
  for (const Indexed& one : all) {
    entries_.push_back({one.statement, one.action, gate_of(statements[one.statement], variables)});
    std::vector<Group>& groups = one.kin == Kin::name ? names_ : services_;
    if (one.kin == Kin::nothing) {
      others_.begin = count_of(entries_) - ++others_.count;
    } else if (!groups.empty() && patterns_.text(groups.back().text) == one.text) {
      ++groups.back().entries.count;
    } else {
      groups.push_back(
          {hash_ignoring_case(one.text), patterns_.store(one.text), {count_of(entries_) - 1, 1}});
    }
  }
}

bool CompiledDocument::covers(const Entry& entry, const PreparedQuery& asked) const {
  if (entry.action == not_action_) return covers(statements_[entry.statement], asked.action_);
  return patterns_.matches(actions_[entry.action], asked.action_);
}

bool CompiledDocument::covers(const Compiled& statement, std::string_view action) const {
  bool named = false;
  const Pattern* pattern = actions_.data() + statement.actions.begin;
  for (std::uint32_t i = 0; i < statement.actions.count && !named; ++i)
    named = patterns_.matches(pattern[i], action);
  return named != statement.not_action;
}

Grant CompiledDocument::grant(const Compiled& statement, const PreparedQuery& asked) const {
  const Principals& principals = principals_[statement.principals];
  if (principals.negated && !statement.allows && asked.has_boundary_) return Grant::direct;
  return grant_of(principals, asked.query_.principal, !statement.allows);
}

Application CompiledDocument::apply(std::size_t number, const PreparedQuery& asked) const {
  if (!covers(statements_[number], asked.action_)) return {.failed = Element::action};
  return apply_covering(number, asked);
}

}  // namespace larder::policy
