#include "aws/authenticate.h"

#include "sigv4/verify.h"

namespace larder::aws {
namespace {

constexpr ErrorCode invalid_access_key_id{"InvalidAccessKeyId", 403};
constexpr ErrorCode invalid_client_token_id{"InvalidClientTokenId", 403};
constexpr ErrorCode invalid_token{"InvalidToken", 400};
constexpr ErrorCode expired_token_s3{"ExpiredToken", 400};
constexpr ErrorCode expired_token_query{"ExpiredToken", 403};

Error s3_error(BadCredential why, const std::string& access_key_id) {
  switch (why) {
    case BadCredential::unknown_key:
      return {invalid_access_key_id,
              "The AWS Access Key Id you provided does not exist in our records.",
              {{"AWSAccessKeyId", access_key_id}}};
    case BadCredential::invalid_token:
      return {invalid_token, "The provided token is malformed or otherwise invalid."};
    case BadCredential::expired_token:
      break;
  }
  return {expired_token_s3, "The provided token has expired."};
}

}  // namespace

Error bad_credential(BadCredential why, sigv4::Dialect dialect, const std::string& access_key_id,
                     const std::optional<std::string>& session_token) {
  if (dialect == sigv4::Dialect::s3) {
    // S3 does not know a temporary key id that comes without its token.
    const bool no_token = why == BadCredential::invalid_token && !session_token;
    return s3_error(no_token ? BadCredential::unknown_key : why, access_key_id);
  }
  if (dialect == sigv4::Dialect::ec2) {
    if (why == BadCredential::expired_token)
      return {sigv4::codes::request_expired, "Request has expired."};
    return {sigv4::codes::auth_failure,
            "AWS was not able to validate the provided access credentials"};
  }
  if (why == BadCredential::expired_token)
    return {expired_token_query, "The security token included in the request is expired"};
  return {invalid_client_token_id, "The security token included in the request is invalid."};
}

Result<std::optional<Presented>> present(const sigv4::RequestView& request, sigv4::Dialect dialect,
                                         std::string_view service, std::string_view region,
                                         const CredentialDirectory& directory, SigningKeys& keys,
                                         Time now) {
  TRY(auto authorization, sigv4::parse_authorization(request, dialect));
  if (!authorization) return std::nullopt;
  TRY_VOID(sigv4::check_scope(*authorization, service, region, dialect));
  TRY_VOID(sigv4::check_time(*authorization, now, dialect));
  auto found = directory.find(authorization->access_key_id, authorization->session_token, now);
  if (!found)
    return fail(bad_credential(found.error(), dialect, authorization->access_key_id,
                               authorization->session_token));
  auto key = keys.derive(authorization->algorithm, authorization->access_key_id,
                         found->secret_access_key, authorization->scope);
  return Presented{*std::move(authorization), std::move(found->caller), std::move(key)};
}

std::vector<sigv4::HeaderView> header_views(const http::Request& request) {
  std::vector<sigv4::HeaderView> views;
  views.reserve(request.headers.size());
  for (const auto& header : request.headers) views.push_back({header.name, header.value});
  return views;
}

}  // namespace larder::aws
