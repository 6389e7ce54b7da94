// What a request says about who signed it: the Authorization header or the query of a presigned
// URL. Parsing only; nothing here is believed until verify() has held it against the secret.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "sigv4/canonical.h"

namespace larder::sigv4 {

enum class Carrier { header, query };

struct Authorization {
  Carrier carrier;
  Algorithm algorithm = Algorithm::hmac;
  std::string access_key_id;
  Scope scope;
  std::string timestamp;  // as sent, basic form
  Time time;
  std::optional<Seconds> expires;           // presigned only
  std::vector<std::string> signed_headers;  // lower case, sorted
  std::string signature;
  std::string region_set;  // of SigV4A: regions separated by commas, "*" for any run of characters
  std::optional<std::string> session_token;
};

/// nullopt: the request carries no signature at all, it is anonymous. Errors are those of the
/// dialect (S3 API Reference, "Error responses"; IAM API Reference, "Common errors").
Result<std::optional<Authorization>> parse_authorization(const RequestView& request,
                                                         Dialect dialect);

namespace codes {
inline constexpr ErrorCode authorization_header_malformed{"AuthorizationHeaderMalformed", 400};
inline constexpr ErrorCode authorization_query_parameters_error{"AuthorizationQueryParametersError",
                                                                400};
inline constexpr ErrorCode incomplete_signature{"IncompleteSignature", 400};
inline constexpr ErrorCode invalid_request{"InvalidRequest", 400};
inline constexpr ErrorCode request_expired{"RequestExpired", 400};
inline constexpr ErrorCode request_time_too_skewed{"RequestTimeTooSkewed", 403};
inline constexpr ErrorCode signature_does_not_match{"SignatureDoesNotMatch", 403};
inline constexpr ErrorCode auth_failure{"AuthFailure", 401};
inline constexpr ErrorCode x_amz_content_sha256_mismatch{"XAmzContentSHA256Mismatch", 400};
}  // namespace codes

}  // namespace larder::sigv4
