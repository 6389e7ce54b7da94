// Where a server's TLS identity comes from: the operator's files, or DIR/tls.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "http/tls_context.h"
#include "server/config.h"
#include "storage/file_system.h"

namespace larder::server {

/// The names of a self-signed certificate: this machine's, in every way that a client of this
/// configuration may call it, and each domain with its buckets below it. Each once.
std::vector<std::string> certificate_names(const Config& config, const std::string& host_name);

/// Reads what --tls-certificate and --tls-key name. bad_configuration when a file cannot be read;
/// the message names it.
Result<http::TlsIdentity> read_identity(storage::FileSystem& files, const std::string& certificate,
                                        const std::string& key);

/// The self-signed identity in `directory` (certificate.pem and key.pem, mode 0600). Makes the
/// directory and the identity when they are not there; and the identity anew when it cannot be
/// used, is for other names, or ends within 30 days of `now`.
Result<http::TlsIdentity> self_signed_identity(storage::FileSystem& files,
                                               const std::string& directory,
                                               const std::vector<std::string>& names, Time now);

/// A warning for the log, when the certificate has expired or soon will, or does not hold yet.
std::optional<std::string> validity_warning(const http::TlsIdentity& identity, Time now);

/// The host by which programs on this machine reach a server that listens on the numeric `address`:
/// that address if the certificate has it, else the first name that is no pattern.
std::string certified_host(const http::CertificateFacts& facts, const std::string& address);

}  // namespace larder::server
