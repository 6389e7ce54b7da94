// Members of STS's operations, with the constraints of AWS's model (sts 2011-06-15).
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "aws/shape.h"
#include "aws/text.h"
#include "base/limits.h"

namespace larder::sts {

template <std::size_t Min, std::size_t Max>
struct SessionNameRule {
  static constexpr std::size_t min = Min, max = Max;
  static constexpr std::string_view pattern = "[\\w+=,.@-]*";
  static constexpr bool allowed(unsigned char c) { return aws::is_name_character(c); }
};
using SessionName = aws::Text<SessionNameRule<2, 64>>;

struct ExternalIdRule {
  static constexpr std::size_t min = 2, max = 1224;
  static constexpr std::string_view pattern = "[\\w+=,.@:\\/-]*";
  static constexpr bool allowed(unsigned char c) {
    return aws::is_name_character(c) || c == ':' || c == '/';
  }
};

struct RoleArnRule {
  static constexpr std::size_t min = 20, max = 2048;
  static constexpr std::string_view pattern =
      "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD]+";
  static constexpr bool allowed(unsigned char c) { return c >= 0x20 && c != 0x7f; }
};
using RoleArnText = aws::Text<RoleArnRule>;

struct PolicyRule {
  static constexpr std::size_t min = 1, max = limits::session_policy;
  static constexpr std::string_view pattern = "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+";
  static constexpr bool allowed(unsigned char c) { return aws::is_document_character(c); }
};

/// `Min` to `Max` seconds.
template <std::int64_t Min, std::int64_t Max>
class Duration {
 public:
  static Result<Duration> parse(std::string_view text) {
    TRY(const auto value, aws::Scalar<std::int64_t>::parse(text));
    if (value < Min)
      return fail(aws::codes::validation_error,
                  fmt::format("Member must have value greater than or equal to {}", Min));
    if (value > Max)
      return fail(aws::codes::validation_error,
                  fmt::format("Member must have value less than or equal to {}", Max));
    Duration duration;
    duration.seconds_ = value;
    return duration;
  }
  std::string str() const { return std::to_string(seconds_); }
  std::int64_t seconds() const { return seconds_; }

 private:
  std::int64_t seconds_ = 3600;
};

struct TagText {
  static constexpr std::size_t min = 0, max = 256;
  static constexpr std::string_view pattern = "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*";
  static constexpr bool allowed(unsigned char c) {
    return c >= 0x80 || aws::is_alphanumeric(c) ||
           std::string_view(" _.:/=+-@").find(static_cast<char>(c)) != std::string_view::npos;
  }
};
struct TagKeyText : TagText {
  static constexpr std::size_t min = 1, max = 128;
};
struct SessionTag {
  aws::Text<TagKeyText> key;
  aws::Text<TagText> value;
  static constexpr auto shape = aws::fields(aws::required<&SessionTag::key>("Key"),
                                            aws::required<&SessionTag::value>("Value"));
};

struct PolicyArn {
  std::optional<RoleArnText> arn;
  static constexpr auto shape = aws::fields(aws::optional<&PolicyArn::arn>("arn"));
};

struct ProvidedContext {
  std::optional<std::string> provider_arn, assertion;
  static constexpr auto shape =
      aws::fields(aws::optional<&ProvidedContext::provider_arn>("ProviderArn"),
                  aws::optional<&ProvidedContext::assertion>("ContextAssertion"));
};

struct CredentialsShape {
  std::string access_key_id, secret_access_key, session_token;
  Time expiration{};
  static constexpr auto shape =
      aws::fields(aws::required<&CredentialsShape::access_key_id>("AccessKeyId"),
                  aws::required<&CredentialsShape::secret_access_key>("SecretAccessKey"),
                  aws::required<&CredentialsShape::session_token>("SessionToken"),
                  aws::required<&CredentialsShape::expiration>("Expiration"));
};

struct AssumedRoleUser {
  std::string id, arn;
  static constexpr auto shape = aws::fields(aws::required<&AssumedRoleUser::id>("AssumedRoleId"),
                                            aws::required<&AssumedRoleUser::arn>("Arn"));
};

}  // namespace larder::sts
