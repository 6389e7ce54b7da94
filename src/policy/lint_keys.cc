// Names of condition keys that no service has.
#include "policy/lint_checks.h"
#include "policy/nearest.h"

namespace larder::policy {

namespace {

/// "aws:PrincipalTag/team" is compared with "aws:PrincipalTag/*" without what follows the slash.
std::string_view stem(std::string_view key) { return key.substr(0, key.find('/')); }

std::string nearest_key(std::string_view key) {
  Nearest nearest(stem(key));
  for (const ConditionKey& known : action_table().condition_keys())
    nearest.consider(known.name, stem(known.name));
  return nearest.found();
}

}  // namespace

bool is_provider_key(std::string_view key) {
  const std::size_t colon = key.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view prefix = key.substr(0, colon);
  return prefix.find_first_of("./") != std::string_view::npos ||
         equal_ignoring_case(prefix, "saml");
}

std::string unknown_key_message(std::string_view key) {
  const ActionTable& table = action_table();
  if (table.condition_key(key) != nullptr) return {};
  const std::string_view prefix = key.substr(0, key.find(':'));
  const bool of_provider =
      prefix.size() < key.size() &&
      (prefix.find_first_of("./") != std::string_view::npos || equal_ignoring_case(prefix, "saml"));
  if (of_provider) return {};
  const std::string nearest = nearest_key(key);
  const bool known_prefix = prefix.size() == key.size() || equal_ignoring_case(prefix, "aws") ||
                            table.service(prefix) != nullptr;
  // What another service or a provider of one word may have is not for us to judge.
  if (!known_prefix && nearest.empty()) return {};
  return "There is no condition key " + std::string(key) + "." + did_you_mean(nearest);
}

}  // namespace larder::policy
