#include "cli/environment.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "http/url.h"

namespace larder::cli {
namespace {

// Whatever of AWS_* has one of these in its name is about credentials, profiles, endpoints or the
// metadata service. Parts of names rather than names: each SDK has its own, and new ones come.
constexpr std::array<std::string_view, 20> telling_parts = {
    "ACCESS_KEY", "SECRET",   "SECURITY", "TOKEN", "SESSION", "CREDENTIAL", "PROFILE",
    "ROLE",       "IDENTITY", "MFA",      "SSO",   "LOGIN",   "CONTAINER",  "ENDPOINT",
    "METADATA",   "IMDS",     "VAULT",    "ECS",   "SIGNING", "ACCOUNT"};
// Its name does not tell: whether the configuration file counts.
constexpr std::string_view load_config = "AWS_SDK_LOAD_CONFIG";

constexpr std::string_view java_property = "com.amazonaws.sdk.ec2MetadataServiceEndpointOverride";

std::string_view name_of(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

std::optional<std::string> value_of(const Variables& variables, std::string_view name) {
  for (const std::string_view variable : variables) {
    if (name_of(variable) != name) continue;
    return std::string(variable.substr(std::min(variable.size(), name.size() + 1)));
  }
  return std::nullopt;
}

bool is_replaced(std::string_view name) {
  if (name == load_config) return true;
  return name.starts_with("AWS_") && std::ranges::any_of(telling_parts, [&](auto part) {
           return name.find(part) != name.npos;
         });
}

void set(Variables& variables, std::string_view name, std::string_view value) {
  std::erase_if(variables, [&](const std::string& variable) { return name_of(variable) == name; });
  variables.push_back(std::string(name) + "=" + std::string(value));
}

bool lists(std::string_view hosts, std::string_view host) {
  while (!hosts.empty()) {
    std::string_view item = hosts.substr(0, hosts.find(','));
    hosts.remove_prefix(std::min(hosts.size(), item.size() + 1));
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (item == host || item == "*") return true;
  }
  return false;
}

void add_host(std::string& hosts, std::string_view url) {
  const auto parsed = http::parse_url(url);
  if (!parsed || lists(hosts, parsed->host)) return;
  if (!hosts.empty()) hosts += ',';
  hosts += parsed->host;
}

// Programs read one of the spellings, and some the lower case alone where both are there: a
// spelling that is missing starts from the other.
void keep_from_proxies(Variables& variables, const Surroundings& surroundings) {
  const auto upper = value_of(variables, "NO_PROXY");
  const auto lower = value_of(variables, "no_proxy");
  std::string in_upper = upper ? *upper : lower.value_or("");
  std::string in_lower = lower ? *lower : upper.value_or("");
  for (std::string* hosts : {&in_upper, &in_lower}) {
    add_host(*hosts, surroundings.endpoint);
    add_host(*hosts, surroundings.metadata_url);
  }
  set(variables, "NO_PROXY", in_upper);
  set(variables, "no_proxy", in_lower);
}

}  // namespace

Variables program_environment(const Variables& outer, const Surroundings& surroundings) {
  Variables inner;
  for (const std::string& variable : outer) {
    if (!is_replaced(name_of(variable))) inner.push_back(variable);
  }
  // With a slash at the end: the botocore of Debian's command line (2.9) puts none between this and
  // the path; who puts one gets two, which the metadata service takes for one.
  set(inner, "AWS_EC2_METADATA_SERVICE_ENDPOINT", surroundings.metadata_url + "/");
  set(inner, "AWS_ENDPOINT_URL", surroundings.endpoint);
  set(inner, "AWS_REGION", surroundings.region);
  set(inner, "AWS_DEFAULT_REGION", surroundings.region);
  // The files' own places hold the user's keys and profiles, which would win.
  set(inner, "AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
  set(inner, "AWS_CONFIG_FILE", "/dev/null");
  set(inner, "BOTO_CONFIG", "/dev/null");
  keep_from_proxies(inner, surroundings);
  if (!surroundings.ca_bundle.empty()) {
    set(inner, "AWS_CA_BUNDLE", surroundings.ca_bundle);
    // Of the SDK for JavaScript, which does not read the other one. It adds to Node's own list.
    set(inner, "NODE_EXTRA_CA_CERTS", surroundings.ca_bundle);
  }

  // Java's SDK v1 reads a system property only; of two the last counts.
  std::string java = value_of(inner, "JAVA_TOOL_OPTIONS").value_or("");
  if (!java.empty()) java += ' ';
  java.append("-D").append(java_property).append("=").append(surroundings.metadata_url);
  set(inner, "JAVA_TOOL_OPTIONS", java);
  return inner;
}

Variables current_environment() {
  Variables variables;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);
  }
  return variables;
}

}  // namespace larder::cli
