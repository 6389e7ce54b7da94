#include "server/credentials.h"

#include <fmt/format.h>
#include <pwd.h>

#include <vector>

#include "aws/arn.h"
#include "aws/ids.h"
#include "aws/text.h"
#include "base/log.h"

namespace larder::server {
namespace {

using aws::BadCredential;

/// The operating system's name of the user, in the alphabet of session names.
std::string user_name(uid_t uid) {
  std::vector<char> buffer(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  std::string name;
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    name = found->pw_name;
  for (auto& c : name)
    if (!aws::is_name_character(static_cast<unsigned char>(c))) c = '-';
  if (name.size() < 2 || name.size() > 64) name = fmt::format("uid-{}", uid);
  return name;
}

}  // namespace

std::expected<aws::Credential, BadCredential> Credentials::find(
    const std::string& access_key_id, const std::optional<std::string>& session_token,
    Time now) const {
  auto found = session_token ? find_session(access_key_id, *session_token, now)
                             : find_access_key(access_key_id);
  if (found) complete(found->caller);
  return found;
}

std::expected<aws::Credential, BadCredential> Credentials::find_session(
    const std::string& access_key_id, const std::string& token, Time now) const {
  auto opened = tokens_.open(access_key_id, token, now);
  if (!opened) return std::unexpected(opened.error());
  const auto& session = *(*opened)->caller.session;
  const auto account = iam_.snapshot(session.account);
  if (account == nullptr) return std::unexpected(BadCredential::unknown_key);
  if (session.kind == aws::Session::Kind::role) {
    // A role that was deleted, and its namesake, are not the role that the session was made for.
    const auto* role = account->role(aws::name_of_arn(session.role_arn));
    if (role == nullptr || role->id != session.role_id)
      return std::unexpected(BadCredential::unknown_key);
  }
  return aws::Credential{(*opened)->secret_access_key, (*opened)->caller};
}

std::expected<aws::Credential, BadCredential> Credentials::find_access_key(
    const std::string& access_key_id) const {
  if (access_key_id.starts_with("ASIA")) return std::unexpected(BadCredential::invalid_token);
  const auto account_id = aws::account_of_access_key_id(access_key_id);
  const auto account = account_id ? iam_.snapshot(*account_id) : nullptr;
  const auto* key = account ? account->access_key(access_key_id) : nullptr;
  if (key == nullptr || !key->active) return std::unexpected(BadCredential::unknown_key);
  auto secret = iam_.open_secret(*key);
  if (!secret) {
    log::error("the secret of access key {} cannot be opened: {}", key->id, secret.error().message);
    return std::unexpected(BadCredential::unknown_key);
  }
  aws::Caller caller;
  caller.access_key_id = access_key_id;
  auto& principal = caller.principal;
  principal.account = *account_id;
  if (key->user.empty()) {
    principal.kind = policy::Principal::Kind::root;
    principal.arn = aws::iam_arn(*account_id, "root", "", "");
  } else {
    const auto* user = account->user(key->user);
    if (user == nullptr) return std::unexpected(BadCredential::unknown_key);
    principal.kind = policy::Principal::Kind::user;
    principal.arn = iam::user_arn(*account_id, *user);
    principal.unique_id = user->id;
  }
  return aws::Credential{*std::move(secret), std::move(caller)};
}

void Credentials::complete(aws::Caller& caller) const {
  if (const auto account = iam_.accounts().find(caller.account()))
    caller.principal.canonical_id = account->canonical_id;
}

std::optional<aws::Caller> Credentials::local_operator(const std::string& account_id, uid_t uid,
                                                       Time now) const {
  std::string id = account_id;
  if (id.empty()) id = iam_.accounts().list().front().id;
  const auto account = iam_.snapshot(id);
  if (account == nullptr) return std::nullopt;
  const auto role = iam::operator_role(id);
  aws::Session session;
  session.account = id;
  session.role_id = role.id;
  session.role_arn = iam::role_arn(id, role);
  session.name = user_name(uid);
  session.issued = now;
  session.expires = now + Seconds(60);  // this request only
  auto caller = aws::caller_of(std::move(session), "");
  caller.local_uid = uid;
  complete(caller);
  return caller;
}

}  // namespace larder::server
