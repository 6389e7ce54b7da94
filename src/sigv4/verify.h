// Verification of a signature against a secret. Pure: the time is an argument.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "sigv4/authorization.h"
#include "sigv4/canonical.h"
#include "sigv4/signing_key.h"

namespace larder::sigv4 {

/// S3 API Reference, RequestTimeTooSkewed; we take the same for all services.
inline constexpr Seconds allowed_skew{900};

/// The scope's service and region and the request's age. `region` empty: any region is taken.
Result<void> check_scope(const Authorization& authorization, std::string_view service,
                         std::string_view region, Dialect dialect);
Result<void> check_time(const Authorization& authorization, Time now, Dialect dialect);

/// S3: every x-amz-* header must be among the signed ones.
Result<void> check_signed_headers(const RequestView& request, const Authorization& authorization);

/// The signature itself, compared in constant time. `payload_hash` is what stands in the canonical
/// request: a digest in hexadecimal, or one of S3's words. A mismatch tells S3's clients our
/// canonical request (their session token left out).
Result<void> verify(const RequestView& request, const Authorization& authorization,
                    const SigningKey& signing_key, std::string_view payload_hash, Dialect dialect);

}  // namespace larder::sigv4
