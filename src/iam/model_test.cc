#include "iam/model.h"

#include <gtest/gtest.h>

namespace larder::iam {
namespace {

constexpr const char* account_id = "111122223333";
constexpr const char* allow_all =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";
constexpr const char* allow_reading =
    R"({"Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]})";

Account empty_account() { return Account::from(account_id, {}).value(); }

User user_with(std::string policy) {
  User user;
  user.name = "alice";
  user.id = "AIDAEXAMPLEEXAMPLE001";
  user.inline_policies.emplace("own", compile(std::move(policy), policy::Kind::identity));
  return user;
}

bool may(const Account& account, std::string_view action) {
  const User* user = account.user("alice");
  const EntityPolicies& policies = account.policies_of(*user);
  const policy::Principal who = policy::parse_principal(user_arn(account_id, *user)).value();
  const policy::Context context;
  policy::PolicySet set;
  set.identity = policies.identity;
  set.has_boundary = policies.boundary.has_value();
  set.boundary = policies.boundary ? &*policies.boundary : nullptr;
  return evaluate({who, action, "*", account_id, context}, set).allowed();
}

ManagedPolicy managed(const char* version, const char* text) {
  ManagedPolicy policy;
  policy.name = "team";
  policy.id = "ANPAEXAMPLEEXAMPLE001";
  policy.arn = "arn:aws:iam::111122223333:policy/team";
  policy.default_version = version;
  policy.versions.push_back({version, compile(text, policy::Kind::identity), Time{}});
  return policy;
}

TEST(Account, AStoredPolicyThatCannotBeReadDeniesEverything) {
  Account account = empty_account();
  aws::Changes changes;
  account.put(user_with(allow_all), changes);
  ASSERT_TRUE(may(account, "s3:GetObject"));

  std::vector<storage::Entry> entries;
  for (auto& change : changes) {
    std::string value = change.value.value();
    const std::size_t effect = value.find("Allow");
    ASSERT_NE(effect, std::string::npos);
    value.replace(effect, 5, "Alloy");
    entries.push_back({change.key, std::move(value)});
  }
  const auto damaged = Account::from(account_id, entries);
  ASSERT_TRUE(damaged.has_value());
  EXPECT_FALSE(may(*damaged, "s3:GetObject"));
}

TEST(Account, ANewDefaultVersionCountsForWhoHasThePolicy) {
  Account account = empty_account();
  aws::Changes changes;
  User user = user_with(allow_all);
  user.inline_policies.clear();
  user.attached.push_back("arn:aws:iam::111122223333:policy/team");
  account.put(managed("v1", allow_reading), changes);
  account.put(user, changes);
  EXPECT_TRUE(may(account, "s3:GetObject"));
  EXPECT_FALSE(may(account, "s3:PutObject"));

  const Account before = account;
  account.put(managed("v2", allow_all), changes);
  EXPECT_TRUE(may(account, "s3:PutObject"));
  EXPECT_FALSE(may(before, "s3:PutObject"));  // a snapshot stays as it was
}

TEST(Account, ABoundaryThatIsGoneAllowsNothing) {
  Account account = empty_account();
  aws::Changes changes;
  const ManagedPolicy boundary = managed("v1", allow_all);
  account.put(boundary, changes);
  User user = user_with(allow_all);
  user.boundary = boundary.arn;
  account.put(user, changes);
  EXPECT_TRUE(may(account, "s3:GetObject"));
  account.erase(boundary, changes);
  EXPECT_FALSE(may(account, "s3:GetObject"));
}

}  // namespace
}  // namespace larder::iam
