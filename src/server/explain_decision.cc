#include "server/explain_decision.h"

#include <fmt/format.h>

#include "aws/arn.h"
#include "aws/context_keys.h"
#include "iam/authorizer.h"
#include "policy/decision_view.h"
#include "policy/evaluation_json.h"

namespace larder::server {
namespace {

constexpr ErrorCode no_such_entity{"NoSuchEntity", 404};

std::unexpected<Error> no_such_principal(std::string_view principal) {
  return fail(no_such_entity,
              fmt::format("There is no principal {}; `aws iam list-users` and `aws iam list-roles` "
                          "show those there are.",
                          principal));
}

/// A condition key; with one value it is single-valued.
struct ContextEntry {
  std::string key;
  std::vector<std::string> values;
  static constexpr auto shape = aws::fields(aws::required<&ContextEntry::key>("Key"),
                                            aws::required<&ContextEntry::values>("Values"));
};

struct StatementShape : policy::StatementView {
  static constexpr auto shape = aws::fields(
      aws::required<&StatementView::kind>("Kind"), aws::required<&StatementView::policy>("Policy"),
      aws::required<&StatementView::sid>("Sid"), aws::required<&StatementView::index>("Index"),
      aws::required<&StatementView::effect>("Effect"),
      aws::required<&StatementView::applies>("Applies"),
      aws::required<&StatementView::decided>("Decided"),
      aws::required<&StatementView::failed>("Failed"),
      aws::required<&StatementView::wanted>("Wanted"),
      aws::required<&StatementView::found>("Found"));
};

struct ExplainDecision {
  static constexpr std::string_view name = "ExplainDecision";
  static constexpr auto effect = aws::Effect::reads;
  using Service = DecisionExplainer;
  struct Input {
    // `Action` is the name of this operation itself.
    std::string principal, action, resource;
    std::optional<std::string> resource_account;
    std::vector<ContextEntry> context;
    static constexpr auto shape = aws::fields(
        aws::required<&Input::principal>("Principal"), aws::required<&Input::action>("ActionName"),
        aws::required<&Input::resource>("Resource"),
        aws::optional<&Input::resource_account>("ResourceAccount"),
        aws::optional<&Input::context>("Context"));
  };
  struct Output {
    std::string principal;  // as it asks: a role's session
    std::string decision, decided_by, message;
    std::vector<StatementShape> statements;
    static constexpr auto shape = aws::fields(aws::required<&Output::principal>("Principal"),
                                              aws::required<&Output::decision>("Decision"),
                                              aws::required<&Output::decided_by>("DecidedBy"),
                                              aws::required<&Output::message>("Message"),
                                              aws::required<&Output::statements>("Statements"));
  };

  static aws::Needs needs(const DecisionExplainer&, const aws::Call&, const Input&) {
    return {{.action = "larder:ExplainDecision", .resource = "*"}};
  }

  static policy::Context context(const Input& in, const aws::Caller& caller, Time now,
                                 const std::string& region, const std::string& account) {
    policy::Context context;
    const aws::RequestFacts request{
        .now = now, .source_ip = {}, .user_agent = {}, .region = region, .referer = {}};
    aws::add_global_keys(context, caller, request, account.empty() ? caller.account() : account);
    for (const ContextEntry& entry : in.context) {
      if (entry.values.size() == 1) {
        context.set(entry.key, entry.values.front());
        continue;
      }
      context.set_list(entry.key);
      for (const std::string& value : entry.values) context.add(entry.key, value);
    }
    return context;
  }

  static Task<Result<Output>> run(DecisionExplainer& explainer, aws::Call& call, Input in) {
    CO_TRY(const auto caller, explainer.caller(in.principal, call.now));
    CO_TRY(const auto resource, co_await explainer.resource(in.action, in.resource));
    const std::string account = in.resource_account ? *in.resource_account : resource.account;
    const auto keys = context(in, caller, call.now, explainer.region(), account);
    const policy::Query query{caller.principal, in.action, in.resource, account, keys};
    const iam::CallerPolicies own(explainer.iam(), caller);
    policy::PolicySet set;
    own.add_to(set);
    set.resource = resource.policy.get();
    set.resource_is_trust = policy::asks_trust_policy(in.action);

    policy::DecisionView view = policy::view_of(query, policy::explain(query, set));
    Output out{std::move(view.principal),
               std::move(view.decision),
               std::move(view.decided_by),
               std::move(view.message),
               {}};
    for (policy::StatementView& statement : view.statements)
      out.statements.push_back({std::move(statement)});
    co_return out;
  }
};

}  // namespace

Result<aws::Caller> DecisionExplainer::session_of(const iam::Account& account,
                                                  const iam::Role* role, std::string session_name,
                                                  std::string_view principal, Time now) const {
  if (role == nullptr) return no_such_principal(principal);
  aws::Session session;
  session.account = account.id();
  session.role_id = role->id;
  session.role_arn = iam::role_arn(account.id(), *role);
  session.name = std::move(session_name);
  session.issued = now;
  session.expires = now + Seconds(role->max_session_seconds);
  return aws::caller_of(std::move(session), "");
}

Result<aws::Caller> DecisionExplainer::caller(std::string_view principal, Time now) const {
  // Whoever has no account is told from the name alone.
  if (auto who = policy::parse_principal(principal); who && who->account.empty()) {
    aws::Caller caller;
    caller.principal = *std::move(who);
    return caller;
  }
  const auto arn = aws::parse_arn(principal);
  const auto account = arn ? iam_.snapshot(arn->account) : nullptr;
  if (account == nullptr) return no_such_principal(principal);
  const std::string_view name = aws::name_of_arn(principal);
  aws::Caller caller;
  if (arn->service == "iam" && arn->resource.starts_with("role/")) {
    const iam::Role* role = account->role(name);
    if (role != nullptr && iam::role_arn(account->id(), *role) != principal) role = nullptr;
    TRY(caller, session_of(*account, role, "explain", principal, now));
  } else if (arn->service == "sts" && arn->resource.starts_with("assumed-role/")) {
    const auto path = arn->resource.substr(0, arn->resource.rfind('/'));
    const iam::Role* role = account->role(aws::name_of_arn(path));
    TRY(caller, session_of(*account, role, std::string(name), principal, now));
    if (caller.principal.arn != principal) return no_such_principal(principal);
  } else {
    const iam::User* user = account->user(name);
    const bool is_root = arn->service == "iam" && arn->resource == "root";
    const bool is_user = user != nullptr && iam::user_arn(account->id(), *user) == principal;
    if (!is_root && !is_user) return no_such_principal(principal);
    TRY(caller.principal, policy::parse_principal(principal));
    if (is_user) caller.principal.unique_id = user->id;
  }
  if (const auto record = iam_.accounts().find(account->id()))
    caller.principal.canonical_id = record->canonical_id;
  return caller;
}

Task<Result<aws::Fact>> DecisionExplainer::resource(std::string action, std::string arn) const {
  aws::Fact fact;
  const auto parsed = aws::parse_arn(arn);
  if (parsed) fact.account = parsed->account;
  if (policy::asks_trust_policy(action)) {
    const auto role = roles_.role_by_arn(arn);
    if (!role)
      co_return fail(no_such_entity,
                     fmt::format("There is no role {} to be assumed; `aws iam list-roles` shows "
                                 "those there are.",
                                 arn));
    fact.policy = role->trust;
  } else if (parsed && parsed->service == "s3" && parsed->account.empty()) {
    std::string bucket(parsed->resource.substr(0, parsed->resource.find('/')));
    CO_TRY(const auto found, co_await s3_.buckets().find(std::move(bucket)));
    if (found) fact = *found;
  }
  co_return fact;
}

std::span<const aws::Operation> explanation_operations() {
  static constexpr auto all = aws::operations<ExplainDecision>();
  return all;
}

}  // namespace larder::server
