#include "policy/slips.h"

#include <array>
#include <optional>
#include <utility>

#include "policy/action_table.h"
#include "policy/match.h"
#include "policy/nearest.h"

namespace larder::policy {

namespace {

/// Operations that people take for actions.
struct Misnomer {
  std::string_view operation;
  std::string_view action;
};
constexpr std::array<Misnomer, 22> misnomers{{
    {"s3:CompleteMultipartUpload", "s3:PutObject"},
    {"s3:CopyObject", "s3:GetObject and s3:PutObject"},
    {"s3:CreateMultipartUpload", "s3:PutObject"},
    {"s3:DeleteBucketCors", "s3:PutBucketCORS"},
    {"s3:DeleteBucketEncryption", "s3:PutEncryptionConfiguration"},
    {"s3:DeleteBucketLifecycle", "s3:PutLifecycleConfiguration"},
    {"s3:DeleteBucketTagging", "s3:PutBucketTagging"},
    {"s3:DeleteObjects", "s3:DeleteObject"},
    {"s3:GetBucketEncryption", "s3:GetEncryptionConfiguration"},
    {"s3:GetBucketLifecycle", "s3:GetLifecycleConfiguration"},
    {"s3:GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"},
    {"s3:HeadBucket", "s3:ListBucket"},
    {"s3:HeadObject", "s3:GetObject"},
    {"s3:ListBuckets", "s3:ListAllMyBuckets"},
    {"s3:ListMultipartUploads", "s3:ListBucketMultipartUploads"},
    {"s3:ListObjects", "s3:ListBucket"},
    {"s3:ListObjectsV2", "s3:ListBucket"},
    {"s3:ListObjectVersions", "s3:ListBucketVersions"},
    {"s3:ListParts", "s3:ListMultipartUploadParts"},
    {"s3:PutBucketEncryption", "s3:PutEncryptionConfiguration"},
    {"s3:PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"},
    {"s3:UploadPart", "s3:PutObject"},
}};

std::string_view name_part(std::string_view action) { return action.substr(action.find(':') + 1); }

bool begins_with(std::string_view text, std::string_view prefix) {
  return equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

/// nullopt: there is nothing to say.
std::optional<std::string> action_slip(const std::string& action) {
  if (action_table().action(action) != nullptr || is_own_action(action)) return std::nullopt;
  if (has_wildcard(action))
    return action + " is a pattern; a request asks for one action, as s3:GetObject";
  const std::string begin = "no action is named " + action;
  if (const std::string meant = meant_action(action); !meant.empty())
    return begin + "; did you mean " + meant + "?";
  const bool known = action_table().service(action.substr(0, action.find(':'))) != nullptr;
  return known ? begin : begin + "; Larder has those of " + service_names();
}

std::optional<std::string> resource_slip(std::string_view action, const std::string& resource) {
  if (resource == "*" || split_arn(resource)) return std::nullopt;
  constexpr std::string_view url = "s3://";
  std::string_view name = resource;
  const bool is_url = name.starts_with(url);
  if (is_url) name.remove_prefix(url.size());
  if (name.starts_with('/')) name.remove_prefix(1);
  const bool is_name = !name.empty() && name.find(':') == std::string_view::npos;
  if (is_name && (is_url || begins_with(action, "s3:")))
    return resource + " is no ARN; did you mean arn:aws:s3:::" + std::string(name) + "?";
  return "\"" + resource + "\" is neither an ARN, as arn:aws:s3:::photos/cat.jpg, nor *";
}

}  // namespace

std::string meant_action(std::string_view name) {
  if (has_wildcard(name)) return {};
  for (const Misnomer& misnomer : misnomers)
    if (equal_ignoring_case(misnomer.operation, name)) return std::string(misnomer.action);
  const auto services = action_table().services();
  for (const Service& service : services)
    for (const Action& action : service.actions)
      if (equal_ignoring_case(name_part(action.name), name_part(name))) return action.name;
  // A mistyped name is looked for in its own service; with a mistyped service, in all of them.
  const Service* own = action_table().service(name.substr(0, name.find(':')));
  Nearest nearest(name_part(name));
  for (const Service& service : services) {
    if (own != nullptr && own != &service) continue;
    for (const Action& action : service.actions)
      nearest.consider(action.name, name_part(action.name));
  }
  return nearest.found();
}

bool is_own_action(std::string_view name) { return begins_with(name, "larder:"); }

std::string service_names() {
  const auto services = action_table().services();
  std::string names;
  for (std::size_t i = 0; i < services.size(); ++i) {
    if (i != 0) names += i + 1 == services.size() ? " and " : ", ";
    names += services[i].prefix;
  }
  return names;
}

std::vector<std::string> slips_in(std::string_view action, std::string_view resource) {
  std::vector<std::string> slips;
  if (auto slip = action_slip(std::string(action))) slips.push_back(*std::move(slip));
  if (auto slip = resource_slip(action, std::string(resource))) slips.push_back(*std::move(slip));
  return slips;
}

}  // namespace larder::policy
