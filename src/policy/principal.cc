#include "policy/principal.h"

#include <algorithm>
#include <array>

#include "policy/match.h"

namespace larder::policy {

namespace {

bool is_account(std::string_view text) {
  return text.size() == 12 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_unique_id(std::string_view text) {
  const bool upper = std::ranges::all_of(
      text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
  return (text.starts_with("AIDA") || text.starts_with("AROA")) && text.size() >= 16 && upper;
}

/// What stands after the last slash.
std::string_view last_name(std::string_view text) { return text.substr(text.rfind('/') + 1); }

/// The kinds of ARNs of one account that can be the AWS principal of a policy.
std::optional<Principal::Kind> kind_of(const ArnParts& arn) {
  const std::string_view service = arn[2];
  const std::string_view name = arn[5];
  if (arn[1] != "aws" || !arn[3].empty() || !is_account(arn[4])) return std::nullopt;
  if (name.find_first_of("*?") != std::string_view::npos || name.ends_with('/'))
    return std::nullopt;
  if (service == "iam") {
    if (name == "root") return Principal::Kind::root;
    if (name.starts_with("user/")) return Principal::Kind::user;
  } else if (service == "sts") {
    if (name.starts_with("assumed-role/") && std::ranges::count(name, '/') == 2)
      return Principal::Kind::role_session;
    if (name.starts_with("federated-user/")) return Principal::Kind::federated_user;
  }
  return std::nullopt;
}

bool is_role(const ArnParts& arn) {
  return arn[1] == "aws" && arn[2] == "iam" && arn[3].empty() && is_account(arn[4]) &&
         arn[5].starts_with("role/") && !arn[5].ends_with('/') &&
         arn[5].find_first_of("*?") == std::string_view::npos;
}

std::optional<PrincipalEntry> parse_aws_entry(std::string_view value) {
  using Type = PrincipalEntry::Type;
  if (value == "*") return PrincipalEntry{Type::everyone, "*"};
  if (is_account(value)) return PrincipalEntry{Type::account, std::string(value)};
  if (is_unique_id(value)) return PrincipalEntry{Type::unique_id, std::string(value)};
  const auto arn = split_arn(value);
  if (!arn) return std::nullopt;
  if (is_role(*arn)) return PrincipalEntry{Type::arn, std::string(value)};
  const auto kind = kind_of(*arn);
  if (!kind) return std::nullopt;
  if (*kind == Principal::Kind::root) return PrincipalEntry{Type::account, std::string((*arn)[4])};
  return PrincipalEntry{Type::arn, std::string(value)};
}

/// By an ARN or a unique id.
Grant grant_by_identity(const PrincipalEntry& entry, const Principal& who) {
  const bool by_id = entry.type == PrincipalEntry::Type::unique_id;
  if (who.kind == Principal::Kind::role_session) {
    if (!by_id && entry.value == who.arn) return Grant::direct;
    const std::string& issuer = by_id ? who.unique_id : who.role_arn;
    return !issuer.empty() && entry.value == issuer ? Grant::issuer : Grant::none;
  }
  if (who.kind == Principal::Kind::federated_user) {
    if (!by_id && entry.value == who.arn) return Grant::direct;
    const std::string& issuer = by_id ? who.unique_id : who.user_arn;
    return !issuer.empty() && entry.value == issuer ? Grant::issuer : Grant::none;
  }
  const std::string& own = by_id ? who.unique_id : who.arn;
  return !own.empty() && entry.value == own ? Grant::direct : Grant::none;
}

bool spares(const Principals& listed, const Principal& who) {
  Grant strongest = Grant::none;
  bool account = false;
  for (const PrincipalEntry& entry : listed.entries) {
    const Grant grant = grant_of(entry, who);
    if (entry.type == PrincipalEntry::Type::everyone) return true;
    if (grant == Grant::account) account = true;
    strongest = std::max(strongest, grant);
  }
  switch (who.kind) {
    case Principal::Kind::user:
    case Principal::Kind::role_session:
    case Principal::Kind::federated_user:
      return account && strongest > Grant::account;
    default:
      return strongest != Grant::none;
  }
}

/// Who brings a token of it has no other name yet.
bool is_identity_provider(const ArnParts& arn) {
  const auto named = [&](std::string_view kind) {
    return arn[5].starts_with(kind) && arn[5].size() > kind.size();
  };
  return arn[2] == "iam" && arn[3].empty() && !arn[4].empty() &&
         (named("oidc-provider/") || named("saml-provider/"));
}

}  // namespace

Result<Principal> parse_principal(std::string_view arn) {
  Principal who;
  if (arn == "anonymous" || arn == "*") return who;
  if (arn.find(':') == std::string_view::npos && arn.ends_with(".amazonaws.com")) {
    who.kind = Principal::Kind::service;
    who.service = arn;
    return who;
  }
  const auto parts = split_arn(arn);
  if (parts && is_identity_provider(*parts)) {
    who.kind = Principal::Kind::web_identity;
    who.provider = arn;
    return who;
  }
  const auto kind = parts ? kind_of(*parts) : std::nullopt;
  if (!kind)
    return fail(codes::invalid_argument, "`" + std::string(arn) + "` is not a principal that asks");
  who.kind = *kind;
  who.account = (*parts)[4];
  who.arn = arn;
  if (*kind == Principal::Kind::role_session) {
    std::string_view role = (*parts)[5];
    role.remove_prefix(std::string_view("assumed-role/").size());
    role = role.substr(0, role.find('/'));
    who.role_arn = "arn:aws:iam::" + who.account + ":role/" + std::string(role);
  }
  return who;
}

void add_principal_keys(const Principal& who, Context& context) {
  const auto fill = [&](std::string_view key, std::string_view value) {
    if (!value.empty() && !context.contains(key)) context.set(key, value);
  };
  fill("aws:PrincipalAccount", who.account);
  switch (who.kind) {
    case Principal::Kind::anonymous:
      fill("aws:PrincipalType", "Anonymous");
      fill("aws:userid", "anonymous");
      return;
    case Principal::Kind::root:
      fill("aws:PrincipalType", "Account");
      fill("aws:userid", who.account);
      break;
    case Principal::Kind::user:
      fill("aws:PrincipalType", "User");
      fill("aws:userid", who.unique_id);
      fill("aws:username", last_name(who.arn));
      break;
    case Principal::Kind::role_session:
      fill("aws:PrincipalType", "AssumedRole");
      if (!who.unique_id.empty())
        fill("aws:userid", who.unique_id + ":" + std::string(last_name(who.arn)));
      break;
    case Principal::Kind::federated_user:
      fill("aws:PrincipalType", "FederatedUser");
      fill("aws:userid", who.account + ":" + std::string(last_name(who.arn)));
      break;
    case Principal::Kind::web_identity:
    case Principal::Kind::service:
      break;
  }
  const bool is_session = who.kind == Principal::Kind::role_session;
  fill("aws:PrincipalArn", is_session ? who.role_arn : who.arn);
  if (who.kind != Principal::Kind::web_identity)
    fill("aws:PrincipalIsAWSService", who.kind == Principal::Kind::service ? "true" : "false");
}

std::optional<PrincipalEntry> parse_principal_entry(std::string_view kind, std::string_view value) {
  using Type = PrincipalEntry::Type;
  if (value.empty()) return std::nullopt;
  if (kind == "AWS") return parse_aws_entry(value);
  if (value.find_first_of("*?") != std::string_view::npos) return std::nullopt;
  if (kind == "Service") {
    if (value.find('.') == std::string_view::npos) return std::nullopt;
    return PrincipalEntry{Type::service, std::string(value)};
  }
  if (kind == "Federated") return PrincipalEntry{Type::federated, std::string(value)};
  if (kind == "CanonicalUser") return PrincipalEntry{Type::canonical_user, std::string(value)};
  return std::nullopt;
}

Grant grant_of(const PrincipalEntry& entry, const Principal& who) {
  switch (entry.type) {
    case PrincipalEntry::Type::everyone:
      return Grant::direct;
    case PrincipalEntry::Type::account:
      return !who.account.empty() && entry.value == who.account ? Grant::account : Grant::none;
    case PrincipalEntry::Type::arn:
    case PrincipalEntry::Type::unique_id:
      return grant_by_identity(entry, who);
    case PrincipalEntry::Type::service:
      return who.kind == Principal::Kind::service && entry.value == who.service ? Grant::direct
                                                                                : Grant::none;
    case PrincipalEntry::Type::federated:
      return who.kind == Principal::Kind::web_identity && entry.value == who.provider
                 ? Grant::direct
                 : Grant::none;
    case PrincipalEntry::Type::canonical_user:
      return !who.canonical_id.empty() && entry.value == who.canonical_id ? Grant::account
                                                                          : Grant::none;
  }
  return Grant::none;
}

Grant grant_of(const Principals& principals, const Principal& who, bool denies) {
  if (principals.negated) {
    if (denies) return spares(principals, who) ? Grant::none : Grant::direct;
    for (const PrincipalEntry& entry : principals.entries)
      if (grant_of(entry, who) != Grant::none) return Grant::none;
    return Grant::direct;
  }
  Grant strongest = Grant::none;
  for (const PrincipalEntry& entry : principals.entries) {
    // Whoever brings a token must have its provider named (§E); `*` lets nobody in.
    const bool everyone = entry.type == PrincipalEntry::Type::everyone;
    if (everyone && !denies && who.kind == Principal::Kind::web_identity) continue;
    strongest = std::max(strongest, grant_of(entry, who));
  }
  return strongest;
}

}  // namespace larder::policy
