#include "http/tls_context.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>
#include <ctime>
#include <string_view>

#include "base/check.h"
#include "http/openssl.h"

namespace larder::http {
namespace {

using openssl::Certificate;
using openssl::Key;
using openssl::last_error;

// Mozilla's "intermediate" without DHE: what every client of the last ten years has. AES-128 first:
// it is safe, and a fifth faster than AES-256.
constexpr const char* tls12_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* tls13_ciphers =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
// Two records and their overhead: an upload then takes half the system calls. Only a connection
// that is receiving has it.
constexpr std::size_t receive_buffer = 2 * (TlsSession::record + 256 + 5);
constexpr std::size_t chain_max = 16;

constexpr std::array<unsigned char, 9> http11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  unsigned char* found = nullptr;
  const int outcome =
      SSL_select_next_proto(&found, size, http11.data(), http11.size(), offered, offered_size);
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Larder asks for no passphrase; says that one was wanted.
int no_passphrase(char*, int, int, void* wanted) {
  *static_cast<bool*>(wanted) = true;
  return -1;
}

std::unexpected<Error> bad(std::string message) { return fail(bad_tls_identity, message); }

Result<Certificate> first_certificate(const TlsIdentity& identity, BIO* from) {
  ERR_clear_error();
  Certificate certificate = openssl::read_certificate(from);
  if (certificate) return certificate;
  const bool none = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string why = last_error();
  if (none) {
    return bad(
        fmt::format("{} holds no certificate: Larder reads PEM, which begins with "
                    "-----BEGIN CERTIFICATE-----",
                    identity.certificates_name));
  }
  return bad(fmt::format("the certificate in {} is damaged: {}", identity.certificates_name, why));
}

Result<Key> read_key(const TlsIdentity& identity) {
  ERR_clear_error();
  bool passphrase_wanted = false;
  const auto from = openssl::reader(identity.key.reveal());
  Key key(PEM_read_bio_PrivateKey(from.get(), nullptr, no_passphrase, &passphrase_wanted));
  if (key) return key;
  const bool none = !identity.key.reveal().contains("PRIVATE KEY-----");
  const std::string why = last_error();
  if (passphrase_wanted) {
    return bad(
        fmt::format("the key in {0} is encrypted, and Larder asks for no passphrase: give it "
                    "the output of `openssl pkey -in {0}`, readable by the server alone",
                    identity.key_name));
  }
  if (none) {
    return bad(
        fmt::format("{} holds no private key: Larder reads PEM, which begins with "
                    "-----BEGIN PRIVATE KEY-----",
                    identity.key_name));
  }
  return bad(fmt::format("the key in {} cannot be read: {}", identity.key_name, why));
}

void set_rules(SSL_CTX* context) {
  CHECK(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1);
  CHECK(SSL_CTX_set_cipher_list(context, tls12_ciphers) == 1);
  CHECK(SSL_CTX_set_ciphersuites(context, tls13_ciphers) == 1);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                   SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Sessions live in their tickets: no store that grows, or that cores would share.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, receive_buffer);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
}

// The issuers that follow the server's own certificate.
Result<void> add_chain(SSL_CTX* context, const TlsIdentity& identity, BIO* from) {
  for (std::size_t count = 0; count < chain_max; ++count) {
    ERR_clear_error();
    const Certificate issuer = openssl::read_certificate(from);
    if (!issuer) {
      const bool end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
      const std::string why = last_error();
      if (end) return {};
      return bad(fmt::format("certificate {} in {} is damaged: {}", count + 2,
                             identity.certificates_name, why));
    }
    if (SSL_CTX_add1_chain_cert(context, issuer.get()) != 1) {
      return bad(fmt::format("certificate {} in {} cannot be used: {}", count + 2,
                             identity.certificates_name, last_error()));
    }
  }
  return bad(
      fmt::format("{} holds more than {} certificates: the server's own and its issuers "
                  "belong there",
                  identity.certificates_name, chain_max));
}

Time time_of(const ASN1_TIME* time) {
  std::tm parts{};
  CHECK(ASN1_TIME_to_tm(time, &parts) == 1);
  return Time(std::chrono::seconds(::timegm(&parts)));
}

std::string text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string address_of(const ASN1_OCTET_STRING* address) {
  const std::string bytes = text_of(address);
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
  if (bytes.size() != 4 && bytes.size() != 16) return {};
  ::inet_ntop(family, bytes.data(), text.data(), text.size());
  return text.data();
}

}  // namespace

Result<CertificateFacts> certificate_facts(const TlsIdentity& identity) {
  const auto from = openssl::reader(identity.certificates);
  TRY(const Certificate certificate, first_certificate(identity, from.get()));
  CertificateFacts facts;
  const auto* begins = X509_get0_notBefore(certificate.get());
  const auto* expires = X509_get0_notAfter(certificate.get());
  if (ASN1_TIME_check(begins) != 1 || ASN1_TIME_check(expires) != 1) {
    return bad(fmt::format("the certificate in {} does not say how long it holds",
                           identity.certificates_name));
  }
  facts.begins = time_of(begins);
  facts.expires = time_of(expires);
  const openssl::Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) facts.names.push_back(text_of(name->d.dNSName));
    if (name->type == GEN_IPADD) facts.names.push_back(address_of(name->d.iPAddress));
  }
  return facts;
}

TlsContext::TlsContext(Handle handle) : handle_(std::move(handle)) {}

TlsContext::~TlsContext() = default;

Result<std::unique_ptr<TlsContext>> TlsContext::make(const TlsIdentity& identity) {
  TRY(Handle handle, build(identity));
  return std::unique_ptr<TlsContext>(new TlsContext(std::move(handle)));
}

Result<TlsContext::Handle> TlsContext::build(const TlsIdentity& identity) {
  const auto from = openssl::reader(identity.certificates);
  TRY(const Certificate certificate, first_certificate(identity, from.get()));
  TRY(const Key key, read_key(identity));
  ERR_clear_error();
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return bad(
        fmt::format("the key in {} is not the key of the first certificate in {}: the "
                    "server's own certificate comes first, then those of its issuers",
                    identity.key_name, identity.certificates_name));
  }
  Handle handle(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  CHECK(handle != nullptr);
  set_rules(handle.get());
  if (SSL_CTX_use_certificate(handle.get(), certificate.get()) != 1) {
    return bad(fmt::format("the certificate in {} cannot be used: {}", identity.certificates_name,
                           last_error()));
  }
  if (SSL_CTX_use_PrivateKey(handle.get(), key.get()) != 1) {
    return bad(fmt::format("the key in {} cannot be used: {}", identity.key_name, last_error()));
  }
  TRY_VOID(add_chain(handle.get(), identity, from.get()));
  return handle;
}

Result<void> TlsContext::replace(const TlsIdentity& identity) {
  TRY(Handle handle, build(identity));
  const std::lock_guard lock(mutex_);
  handle_ = std::move(handle);
  return {};
}

std::unique_ptr<TlsSession> TlsContext::new_session(int socket) const {
  Handle handle;
  {
    const std::lock_guard lock(mutex_);
    handle = handle_;
  }
  SslHandle ssl(SSL_new(handle.get()));
  if (!ssl) return nullptr;
  return std::make_unique<TlsSession>(std::move(ssl), socket);
}

}  // namespace larder::http
