#include "iam/model.h"

#include <algorithm>

#include "aws/arn.h"
#include "aws/ids.h"
#include "base/check.h"
#include "base/log.h"
#include "iam/records.h"
#include "policy/managed_policies.h"

namespace larder::iam {
namespace {

template <class T>
void store(ByName<T>& entities, std::string_view prefix, std::string key, T entity,
           aws::Changes& changes) {
  changes.push_back({std::string(prefix) + key, to_record(entity)});
  entities[std::move(key)] = std::make_shared<const T>(std::move(entity));
}

// `entity` may be the very object that the map owns: the key is taken before it goes.
template <class T>
void remove(ByName<T>& entities, std::string_view prefix, std::string key, aws::Changes& changes) {
  changes.push_back({std::string(prefix) + key, std::nullopt});
  entities.erase(key);
}

template <class T>
Result<void> read(ByName<T>& into, const storage::Entry& entry, std::string_view prefix,
                  Result<T> (*from)(std::string_view)) {
  TRY(auto entity, from(entry.value));
  into[entry.key.substr(prefix.size())] = std::make_shared<const T>(std::move(entity));
  return {};
}

constexpr std::string_view user_prefix = "user/";
constexpr std::string_view role_prefix = "role/";
constexpr std::string_view policy_prefix = "policy/";
constexpr std::string_view profile_prefix = "profile/";
constexpr std::string_view key_prefix = "key/";

bool is_attached(const Entity& entity, std::string_view arn) {
  return std::ranges::find(entity.attached, arn) != entity.attached.end();
}

template <class T>
std::size_t count_attached(const ByName<T>& entities, std::string_view arn) {
  return static_cast<std::size_t>(std::ranges::count_if(
      entities, [&](const auto& entry) { return is_attached(*entry.second, arn); }));
}

template <class T>
std::size_t count_bounded(const ByName<T>& entities, std::string_view arn) {
  return static_cast<std::size_t>(std::ranges::count_if(
      entities, [&](const auto& entry) { return entry.second->boundary == arn; }));
}

}  // namespace

PolicyText compile(std::string text, policy::Kind kind) {
  auto parsed = policy::parse(text, kind);
  if (!parsed) {
    log::error("a stored policy cannot be read and denies everything: {}", parsed.error().message);
    return {std::move(text), nullptr};
  }
  return {std::move(text), std::make_shared<const policy::Document>(*std::move(parsed))};
}

Role operator_role(const std::string& account) {
  Role role;
  role.name = "Operator";
  role.path = "/aws-reserved/larder/";
  role.id = aws::derive_unique_id("AROA", account + "/Operator");
  role.description =
      "The operator on the server's own machine, known by the Unix socket. Made by Larder.";
  role.attached = {"arn:aws:iam::aws:policy/AdministratorAccess"};
  role.trust =
      compile(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
              R"("Principal":{"Service":"larder.amazonaws.com"},"Action":"sts:AssumeRole"}]})",
              policy::Kind::trust);
  role.max_session_seconds = 43'200;
  role.reserved = true;
  return role;
}

const PolicyVersion& ManagedPolicy::default_policy() const {
  const auto found = std::ranges::find(versions, default_version, &PolicyVersion::id);
  CHECK(found != versions.end());
  return *found;
}

std::string fold(std::string_view name) {
  std::string out(name);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

Result<Account> Account::from(const std::string& account,
                              const std::vector<storage::Entry>& entries) {
  Account model;
  model.id_ = account;
  const Role reserved = operator_role(account);
  model.roles_[fold(reserved.name)] = std::make_shared<const Role>(reserved);
  for (const auto& entry : entries) {
    Result<void> done;
    if (entry.key.starts_with(user_prefix)) {
      done = read(model.users_, entry, user_prefix, user_from_record);
    } else if (entry.key.starts_with(role_prefix)) {
      done = read(model.roles_, entry, role_prefix, role_from_record);
    } else if (entry.key.starts_with(policy_prefix)) {
      done = read(model.policies_, entry, policy_prefix, policy_from_record);
    } else if (entry.key.starts_with(profile_prefix)) {
      done = read(model.profiles_, entry, profile_prefix, instance_profile_from_record);
    } else if (entry.key.starts_with(key_prefix)) {
      done = read(model.keys_, entry, key_prefix, access_key_from_record);
    }
    if (!done)
      return fail(codes::internal_error,
                  "account " + account + ", record " + entry.key + ": " + done.error().message);
  }
  for (const auto& [name, user] : model.users_) model.refresh(*user);
  for (const auto& [name, role] : model.roles_) model.refresh(*role);
  return model;
}

const ManagedPolicy* Account::policy(std::string_view arn) const {
  if (const auto* aws_managed = aws_managed_policy(arn)) return aws_managed;
  const auto* own = own_policy(aws::name_of_arn(arn));
  return own != nullptr && own->arn == arn ? own : nullptr;
}

const AccessKey* Account::access_key(std::string_view id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : found->second.get();
}

void Account::put(User user, aws::Changes& changes) {
  refresh(user);
  store(users_, user_prefix, fold(user.name), std::move(user), changes);
}
void Account::put(Role role, aws::Changes& changes) {
  CHECK(!role.reserved);
  refresh(role);
  store(roles_, role_prefix, fold(role.name), std::move(role), changes);
}
void Account::put(ManagedPolicy policy, aws::Changes& changes) {
  const std::string arn = policy.arn;
  store(policies_, policy_prefix, fold(policy.name), std::move(policy), changes);
  refresh_all_with(arn);
}
void Account::put(InstanceProfile profile, aws::Changes& changes) {
  store(profiles_, profile_prefix, fold(profile.name), std::move(profile), changes);
}
void Account::put(AccessKey key, aws::Changes& changes) {
  store(keys_, key_prefix, std::string(key.id), std::move(key), changes);
}
void Account::erase(const User& user, aws::Changes& changes) {
  entity_policies_.erase(user.id);
  remove(users_, user_prefix, fold(user.name), changes);
}
void Account::erase(const Role& role, aws::Changes& changes) {
  CHECK(!role.reserved);
  entity_policies_.erase(role.id);
  remove(roles_, role_prefix, fold(role.name), changes);
}
void Account::erase(const ManagedPolicy& policy, aws::Changes& changes) {
  const std::string arn = policy.arn;
  remove(policies_, policy_prefix, fold(policy.name), changes);
  refresh_all_with(arn);
}
void Account::erase(const InstanceProfile& profile, aws::Changes& changes) {
  remove(profiles_, profile_prefix, fold(profile.name), changes);
}
void Account::erase(const AccessKey& key, aws::Changes& changes) {
  remove(keys_, key_prefix, std::string(key.id), changes);
}

std::size_t Account::attachments(std::string_view policy_arn) const {
  return count_attached(users_, policy_arn) + count_attached(roles_, policy_arn);
}

std::size_t Account::boundary_uses(std::string_view policy_arn) const {
  return count_bounded(users_, policy_arn) + count_bounded(roles_, policy_arn);
}

const EntityPolicies& Account::policies_of(const Entity& entity) const {
  const auto found = entity_policies_.find(entity.id);
  CHECK(found != entity_policies_.end());
  return *found->second;
}

EntityPolicies Account::collect(const Entity& entity) const {
  const auto managed = [&](const std::string& arn) {
    const auto* found = policy(arn);
    return policy::NamedPolicy{
        arn, found == nullptr ? nullptr : found->default_policy().policy.document};
  };
  EntityPolicies all;
  all.identity.reserve(entity.inline_policies.size() + entity.attached.size());
  for (const auto& [name, inline_policy] : entity.inline_policies)
    all.identity.push_back({name, inline_policy.document});
  for (const auto& arn : entity.attached) all.identity.push_back(managed(arn));
  if (!entity.boundary.empty()) all.boundary = managed(entity.boundary);
  return all;
}

void Account::refresh(const Entity& entity) {
  entity_policies_[entity.id] = std::make_shared<const EntityPolicies>(collect(entity));
}

void Account::refresh_all_with(std::string_view policy_arn) {
  const auto refresh_those_of = [&](const auto& entities) {
    for (const auto& [name, entity] : entities)
      if (entity->boundary == policy_arn || is_attached(*entity, policy_arn)) refresh(*entity);
  };
  refresh_those_of(users_);
  refresh_those_of(roles_);
}

const std::map<std::string, ManagedPolicy, std::less<>>& aws_managed_policies() {
  static const auto all = [] {
    std::map<std::string, ManagedPolicy, std::less<>> out;
    for (const auto& data : policy::managed_policies()) {
      ManagedPolicy managed;
      managed.name = data.name;
      managed.path = data.path;
      managed.arn = aws::iam_arn("aws", "policy", data.path, data.name);
      managed.id = aws::derive_unique_id("ANPA", data.name);
      managed.description = data.description;
      managed.default_version = data.default_version;
      managed.aws_managed = true;
      managed.versions.push_back({managed.default_version,
                                  compile(std::string(data.document), policy::Kind::identity),
                                  Time{}});
      CHECK(managed.versions.front().policy.document != nullptr);
      out.emplace(managed.arn, std::move(managed));
    }
    return out;
  }();
  return all;
}

const ManagedPolicy* aws_managed_policy(std::string_view arn) {
  const auto& all = aws_managed_policies();
  const auto found = all.find(arn);
  return found == all.end() ? nullptr : &found->second;
}

std::string user_arn(std::string_view account, const User& user) {
  return aws::iam_arn(account, "user", user.path, user.name);
}
std::string role_arn(std::string_view account, const Role& role) {
  return aws::iam_arn(account, "role", role.path, role.name);
}
std::string instance_profile_arn(std::string_view account, const InstanceProfile& profile) {
  return aws::iam_arn(account, "instance-profile", profile.path, profile.name);
}

}  // namespace larder::iam
