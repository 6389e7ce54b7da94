// A certificate that nobody vouches for but its own key: for a start, and within one's own walls.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/tls_context.h"

namespace larder::http {

/// Apple's clients take no certificate that holds for longer.
inline constexpr std::chrono::days self_signed_life{825};

/// A DNS name (with `*.` in front: its subdomains) or a numeric address without brackets.
bool is_certificate_name(const std::string& name);

/// ECDSA on P-256, for `names`, from an hour before `now` on (clients' clocks differ). It cannot
/// sign other certificates, so that a client which trusts it trusts this one server. The names of
/// the texts are the caller's to set. bad_tls_identity: a name is not fit for a certificate; the
/// message says which.
Result<TlsIdentity> make_self_signed(const std::vector<std::string>& names, Time now);

}  // namespace larder::http
