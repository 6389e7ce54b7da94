// Members that several of IAM's operations take and give, with the constraints of AWS's model (iam
// 2010-05-08).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/arn.h"
#include "aws/operation.h"
#include "aws/shape.h"
#include "aws/text.h"
#include "base/limits.h"
#include "iam/iam.h"
#include "policy/document.h"

namespace larder::iam {

namespace codes {
inline constexpr ErrorCode delete_conflict{"DeleteConflict", 409};
inline constexpr ErrorCode entity_already_exists{"EntityAlreadyExists", 409};
inline constexpr ErrorCode invalid_input{"InvalidInput", 400};
inline constexpr ErrorCode limit_exceeded{"LimitExceeded", 409};
inline constexpr ErrorCode no_such_entity{"NoSuchEntity", 404};
inline constexpr ErrorCode unmodifiable_entity{"UnmodifiableEntity", 400};
}  // namespace codes

template <std::size_t Max>
struct NameRule {
  static constexpr std::size_t min = 1, max = Max;
  static constexpr std::string_view pattern = "[\\w+=,.@-]+";
  static constexpr bool allowed(unsigned char c) { return aws::is_name_character(c); }
};
using UserName = aws::Text<NameRule<64>>;
using RoleName = aws::Text<NameRule<64>>;
using PolicyName = aws::Text<NameRule<128>>;
using InstanceProfileName = aws::Text<NameRule<128>>;

/// `/` or `/…/`.
class Path {
 public:
  static Result<Path> parse(std::string_view text);
  const std::string& str() const { return text_; }

 private:
  std::string text_ = "/";
};
/// `/`, `/…` or `/…/`, of listings.
class PathPrefix {
 public:
  static Result<PathPrefix> parse(std::string_view text);
  const std::string& str() const { return text_; }

 private:
  std::string text_ = "/";
};

struct ArnRule {
  static constexpr std::size_t min = 20, max = 2048;
  static constexpr std::string_view pattern =
      "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD]+";
  static constexpr bool allowed(unsigned char c) { return c >= 0x20 && c != 0x7f; }
};
using ArnText = aws::Text<ArnRule>;

struct DocumentRule {
  static constexpr std::size_t min = 1, max = limits::policy_document;
  static constexpr std::string_view pattern = "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+";
  static constexpr bool allowed(unsigned char c) { return aws::is_document_character(c); }
};
using DocumentText = aws::Text<DocumentRule>;

struct DescriptionRule {
  static constexpr std::size_t min = 0, max = 1000;
  static constexpr std::string_view pattern =
      "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*";
  static constexpr bool allowed(unsigned char c) { return aws::is_document_character(c); }
};
using DescriptionText = aws::Text<DescriptionRule>;

struct TagKeyRule {
  static constexpr std::size_t min = 1, max = 128;
  static constexpr std::string_view pattern = "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+";
  static constexpr bool allowed(unsigned char c) {
    return c >= 0x80 || aws::is_alphanumeric(c) ||
           std::string_view(" _.:/=+-@").find(static_cast<char>(c)) != std::string_view::npos;
  }
};
struct TagValueRule : TagKeyRule {
  static constexpr std::size_t min = 0, max = 256;
  static constexpr std::string_view pattern = "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*";
};
struct Tag {
  aws::Text<TagKeyRule> key;
  aws::Text<TagValueRule> value;
  static constexpr auto shape =
      aws::fields(aws::required<&Tag::key>("Key"), aws::required<&Tag::value>("Value"));
};

/// 1 to 1000, 100 by default.
class MaxItems {
 public:
  static Result<MaxItems> parse(std::string_view text);
  std::string str() const { return std::to_string(count_); }
  std::size_t count() const { return count_; }

 private:
  std::size_t count_ = 100;
};

/// A policy document as IAM answers with it: percent-encoded.
struct EncodedDocument {
  std::string text;
  static Result<EncodedDocument> parse(std::string_view text) {
    return EncodedDocument{std::string(text)};
  }
  std::string str() const;
};

struct AttachedBoundary {
  std::string type = "Policy";
  std::string arn;
  static constexpr auto shape =
      aws::fields(aws::optional<&AttachedBoundary::type>("PermissionsBoundaryType"),
                  aws::optional<&AttachedBoundary::arn>("PermissionsBoundaryArn"));
};

/// A page of a listing: which of `count` entities, already filtered and in order, to show. Markers
/// are opaque: they name the last entity shown. ValidationError "Invalid Marker." for one that we
/// did not make.
struct Page {
  std::size_t begin, end;
  std::optional<std::string> next_marker;
};
Result<Page> paginate(const std::vector<std::string>& names,
                      const std::optional<std::string>& marker, const MaxItems& max_items);

/// Fills the page of `names` that was asked for: `show(name)` gives an item of `items`, a member of
/// the operation's Output beside is_truncated and marker.
template <class Output, class Item, class Show>
Result<Output> list_page(const std::vector<std::string>& names,
                         const std::optional<std::string>& marker,
                         const std::optional<MaxItems>& max_items,
                         std::vector<Item> Output::* items, Show show) {
  TRY(const auto page, paginate(names, marker, aws::or_default(max_items)));
  Output out;
  for (std::size_t i = page.begin; i < page.end; ++i) (out.*items).push_back(show(names[i]));
  out.is_truncated = page.next_marker.has_value();
  out.marker = page.next_marker;
  return out;
}

/// What the listings of roles, users and instance profiles take.
struct PathListing {
  std::optional<PathPrefix> path_prefix;
  std::optional<std::string> marker;
  std::optional<MaxItems> max_items;
  static constexpr auto shape = aws::fields(aws::optional<&PathListing::path_prefix>("PathPrefix"),
                                            aws::optional<&PathListing::marker>("Marker"),
                                            aws::optional<&PathListing::max_items>("MaxItems"));
};
/// One demand, on all entities of a kind ("role") under the prefix.
aws::Needs needs_on_listing(std::string_view action, std::string_view kind, const aws::Call& call,
                            const PathListing& in);
/// The keys of those entities that are under the prefix, in order.
template <class T>
std::vector<std::string> keys_under(const PathListing& in, const ByName<T>& entities) {
  const std::string prefix = aws::or_default(in.path_prefix).str();
  std::vector<std::string> keys;
  for (const auto& [key, entity] : entities)
    if (entity->path.starts_with(prefix)) keys.push_back(key);
  return keys;
}

/// One demand, on an entity of the caller's account.
aws::Needs needs_on(std::string_view action, std::string resource);
aws::Needs needs_on(std::string_view action, std::string resource, policy::Context context);
/// aws:RequestTag/… and aws:TagKeys.
void add_tag_keys(policy::Context& context, const std::vector<Tag>& tags);
std::vector<std::pair<std::string, std::string>> to_pairs(const std::vector<Tag>& tags);
std::vector<Tag> to_tags(const std::vector<std::pair<std::string, std::string>>& pairs);

/// ARNs as far as they are known before anything is looked up: an entity that does not exist has
/// the path "/".
std::string arn_of_user(const Account* account, const std::string& account_id,
                        std::string_view name);
std::string arn_of_role(const Account* account, const std::string& account_id,
                        std::string_view name);
std::string arn_of_instance_profile(const Account* account, const std::string& account_id,
                                    std::string_view name);

namespace errors {
std::unexpected<Error> no_such_role(std::string_view name);
std::unexpected<Error> no_such_user(std::string_view name);
std::unexpected<Error> no_such_instance_profile(std::string_view name);
std::unexpected<Error> no_such_policy(std::string_view arn);
std::unexpected<Error> protected_role(std::string_view name);
}  // namespace errors

/// InvalidInput for the paths that only AWS, and Larder in its place, gives: /aws-reserved/, and
/// for roles /aws-service-role/.
enum class PathOf { role, anything_else };
Result<void> check_path_is_free(std::string_view path, PathOf owner = PathOf::anything_else);

/// A role that may be changed: NoSuchEntity, or UnmodifiableEntity for Larder's own.
Result<Role> modifiable_role(const Account& account, std::string_view name);
/// Parses and checks a document that is to be stored, its size by `quota` (characters without white
/// space) too.
Result<PolicyText> accept_document(const std::string& text, policy::Kind kind, std::size_t quota,
                                   std::string_view quota_name);
/// The value of PermissionsBoundary: an existing managed policy, else InvalidInput or NoSuchEntity.
Result<void> check_boundary(const Account& account, const std::string& arn);

}  // namespace larder::iam
