// From a signed request to a Caller. The order is that of AWS: form of the signature, its scope and
// age, the credential, the signature.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/caller.h"
#include "aws/signing_keys.h"
#include "http/message.h"
#include "sigv4/authorization.h"
#include "sigv4/canonical.h"
#include "sigv4/signing_key.h"

namespace larder::aws {

/// A request whose signature's form, scope and age are good and whose credential exists; the
/// signature itself is not yet checked.
struct Presented {
  sigv4::Authorization authorization;
  Caller caller;
  sigv4::SigningKey signing_key;
};

/// `region` empty: any. nullopt: the request is not signed.
Result<std::optional<Presented>> present(const sigv4::RequestView& request, sigv4::Dialect dialect,
                                         std::string_view service, std::string_view region,
                                         const CredentialDirectory& directory, SigningKeys& keys,
                                         Time now);

/// The views that sigv4 works on; valid while `request` is.
std::vector<sigv4::HeaderView> header_views(const http::Request& request);

/// In the words of the dialect.
Error bad_credential(BadCredential why, sigv4::Dialect dialect, const std::string& access_key_id,
                     const std::optional<std::string>& session_token);

namespace codes {
inline constexpr ErrorCode missing_authentication_token{"MissingAuthenticationToken", 403};
}  // namespace codes

}  // namespace larder::aws
