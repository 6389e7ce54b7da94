// What a server shows and proves to its TLS clients.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "http/tls_session.h"

struct ssl_ctx_st;

namespace larder::http {

/// PEM texts, and what messages call them: their files' names.
struct TlsIdentity {
  std::string certificates_name, certificates;  // the server's own first, then its issuers
  std::string key_name;
  Secret key;
};

/// Of a certificate.
struct CertificateFacts {
  std::vector<std::string> names;  // DNS names and numeric addresses it is good for, as it has them
  Time begins, expires;
};
/// Of the first certificate of the identity. bad_tls_identity when there is none.
Result<CertificateFacts> certificate_facts(const TlsIdentity& identity);

/// TLS 1.2 and 1.3 with forward secrecy and authenticated encryption, http/1.1 by ALPN, session
/// tickets, no renegotiation, no client certificates, no early data. Safe from any thread.
class TlsContext {
 public:
  /// bad_tls_identity: not PEM, a key that is encrypted or not the certificate's, a key that is too
  /// weak. The message names the file and the remedy. Whether it has expired is not looked at.
  static Result<std::unique_ptr<TlsContext>> make(const TlsIdentity& identity);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// New sessions have the new identity; those that run, and all of them if it fails, are as they
  /// were. Tickets given before are not taken any more: their clients do a whole handshake.
  Result<void> replace(const TlsIdentity& identity);

  /// The server's side of a connection; null when memory is short.
  std::unique_ptr<TlsSession> new_session(int socket) const;

 private:
  using Handle = std::shared_ptr<ssl_ctx_st>;
  static Result<Handle> build(const TlsIdentity& identity);
  explicit TlsContext(Handle handle);

  mutable std::mutex mutex_;
  Handle handle_;  // guarded by mutex_
};

inline constexpr ErrorCode bad_tls_identity{"BadTlsIdentity", 500};

}  // namespace larder::http
