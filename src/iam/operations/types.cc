#include "iam/operations/types.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "codec/base64.h"
#include "codec/uri.h"

namespace larder::iam {
namespace {

Result<std::string> check_path(std::string_view text, std::string_view pattern) {
  if (text.empty()) return fail(aws::codes::validation_error, aws::length_at_least(1));
  if (text.size() > 512) return fail(aws::codes::validation_error, aws::length_at_most(512));
  const bool graphic = std::ranges::all_of(
      text, [](char c) { return aws::is_graphic(static_cast<unsigned char>(c)); });
  if (!graphic || text.front() != '/')
    return fail(aws::codes::validation_error, aws::must_match(pattern));
  return std::string(text);
}

}  // namespace

Result<Path> Path::parse(std::string_view text) {
  constexpr std::string_view pattern = "(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)";
  Path path;
  TRY(path.text_, check_path(text, pattern));
  if (text.back() != '/' || text == "//")
    return fail(aws::codes::validation_error, aws::must_match(pattern));
  return path;
}

Result<PathPrefix> PathPrefix::parse(std::string_view text) {
  PathPrefix prefix;
  TRY(prefix.text_, check_path(text, "\\u002F[\\u0021-\\u007F]*"));
  return prefix;
}

Result<MaxItems> MaxItems::parse(std::string_view text) {
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    return fail(aws::codes::validation_error, "Member must be an integer");
  if (value < 1)
    return fail(aws::codes::validation_error, "Member must have value greater than or equal to 1");
  if (value > 1000)
    return fail(aws::codes::validation_error, "Member must have value less than or equal to 1000");
  MaxItems items;
  items.count_ = static_cast<std::size_t>(value);
  return items;
}

std::string EncodedDocument::str() const { return percent_encode(text); }

Result<Page> paginate(const std::vector<std::string>& names,
                      const std::optional<std::string>& marker, const MaxItems& max_items) {
  std::size_t begin = 0;
  if (marker) {
    const auto last = base64_decode(*marker);
    if (!last || !last->starts_with("m:"))
      return fail(aws::codes::validation_error, "Invalid Marker.");
    // The names are in order; what was shown may be gone by now.
    const auto next = std::ranges::upper_bound(names, last->substr(2));
    begin = static_cast<std::size_t>(next - names.begin());
  }
  const std::size_t end = std::min(names.size(), begin + max_items.count());
  Page page{begin, end, std::nullopt};
  if (end < names.size()) page.next_marker = base64_encode("m:" + names[end - 1]);
  return page;
}

aws::Needs needs_on(std::string_view action, std::string resource) {
  return needs_on(action, std::move(resource), {});
}

aws::Needs needs_on(std::string_view action, std::string resource, policy::Context context) {
  aws::Needs needs;
  needs.push_back({.action = std::string(action),
                   .resource = std::move(resource),
                   .context = std::move(context)});
  return needs;
}

aws::Needs needs_on_listing(std::string_view action, std::string_view kind, const aws::Call& call,
                            const PathListing& in) {
  return needs_on(
      action, aws::iam_arn(call.caller.account(), kind, aws::or_default(in.path_prefix).str(), ""));
}

void add_tag_keys(policy::Context& context, const std::vector<Tag>& tags) {
  for (const auto& tag : tags) {
    context.set("aws:RequestTag/" + tag.key.str(), tag.value.str());
    context.add("aws:TagKeys", tag.key.str());
  }
}

std::vector<std::pair<std::string, std::string>> to_pairs(const std::vector<Tag>& tags) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& tag : tags) pairs.emplace_back(tag.key.str(), tag.value.str());
  return pairs;
}

std::vector<Tag> to_tags(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::vector<Tag> tags;
  for (const auto& [key, value] : pairs)
    tags.push_back({aws::Text<TagKeyRule>::parse(key).value_or(aws::Text<TagKeyRule>()),
                    aws::Text<TagValueRule>::parse(value).value_or(aws::Text<TagValueRule>())});
  return tags;
}

std::string arn_of_user(const Account* account, const std::string& account_id,
                        std::string_view name) {
  const auto* user = account == nullptr ? nullptr : account->user(name);
  return user != nullptr ? user_arn(account_id, *user)
                         : aws::iam_arn(account_id, "user", "/", name);
}

std::string arn_of_role(const Account* account, const std::string& account_id,
                        std::string_view name) {
  const auto* role = account == nullptr ? nullptr : account->role(name);
  return role != nullptr ? role_arn(account_id, *role)
                         : aws::iam_arn(account_id, "role", "/", name);
}

std::string arn_of_instance_profile(const Account* account, const std::string& account_id,
                                    std::string_view name) {
  const auto* profile = account == nullptr ? nullptr : account->instance_profile(name);
  return profile != nullptr ? instance_profile_arn(account_id, *profile)
                            : aws::iam_arn(account_id, "instance-profile", "/", name);
}

namespace errors {
std::unexpected<Error> no_such_role(std::string_view name) {
  return fail(codes::no_such_entity, fmt::format("The role with name {} cannot be found.", name));
}
std::unexpected<Error> no_such_user(std::string_view name) {
  return fail(codes::no_such_entity, fmt::format("The user with name {} cannot be found.", name));
}
std::unexpected<Error> no_such_instance_profile(std::string_view name) {
  return fail(codes::no_such_entity, fmt::format("Instance Profile {} cannot be found.", name));
}
std::unexpected<Error> no_such_policy(std::string_view arn) {
  return fail(codes::no_such_entity, fmt::format("Policy {} was not found.", arn));
}
std::unexpected<Error> protected_role(std::string_view name) {
  return fail(codes::unmodifiable_entity,
              fmt::format("Cannot perform the operation on the protected role '{}' - this role is "
                          "only modifiable by Larder",
                          name));
}
}  // namespace errors

// The first message is AWS's; what it says of the second path is not published.
Result<void> check_path_is_free(std::string_view path, PathOf owner) {
  if (owner == PathOf::role && path.starts_with("/aws-service-role/"))
    return fail(codes::invalid_input,
                "Path prefix '/aws-service-role/' can only be used for AWS Service linked Roles");
  if (path.starts_with("/aws-reserved/"))
    return fail(codes::invalid_input,
                "Path prefix '/aws-reserved/' is reserved; choose another path");
  return {};
}

Result<Role> modifiable_role(const Account& account, std::string_view name) {
  const auto* role = account.role(name);
  if (role == nullptr) return errors::no_such_role(name);
  if (role->reserved) return errors::protected_role(role->name);
  return *role;
}

Result<PolicyText> accept_document(const std::string& text, policy::Kind kind, std::size_t quota,
                                   std::string_view quota_name) {
  TRY(auto document, policy::parse(text, kind));
  if (policy::counted_size(text) > quota)
    return fail(codes::limit_exceeded,
                fmt::format("Cannot exceed quota for {}: {}", quota_name, quota));
  return PolicyText{text, std::make_shared<const policy::Document>(std::move(document))};
}

Result<void> check_boundary(const Account& account, const std::string& arn) {
  const auto parsed = aws::parse_arn(arn);
  if (!parsed || parsed->service != "iam" || !parsed->resource.starts_with("policy/"))
    return fail(codes::invalid_input,
                fmt::format("Value ({}) for parameter PermissionsBoundary is invalid.", arn));
  if (account.policy(arn) == nullptr)
    return fail(codes::no_such_entity,
                fmt::format("Scope ARN: {} does not exist or is not attachable.", arn));
  return {};
}

}  // namespace larder::iam
