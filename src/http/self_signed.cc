#include "http/self_signed.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "http/openssl.h"

namespace larder::http {
namespace {

using openssl::Bio;
using openssl::Certificate;
using openssl::Key;

constexpr std::size_t dns_name_max = 253;  // RFC 1035, 2.3.4, as text

bool is_address(const std::string& name) {
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

bool is_dns_name(const std::string& name) {
  return !name.empty() && name.size() <= dns_name_max && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '*';
  });
}

void add_extension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const openssl::Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  CHECK(extension != nullptr);
  CHECK(X509_add_ext(certificate, extension.get(), -1) == 1);
}

Result<void> add_names(X509* certificate, const std::vector<std::string>& names) {
  const openssl::Names all(GENERAL_NAMES_new());
  for (const std::string& name : names) {
    const bool address = is_address(name);
    if (!is_certificate_name(name)) {
      return fail(bad_tls_identity,
                  fmt::format("no certificate can be made for the name `{}`: it is neither a DNS "
                              "name nor an address",
                              name));
    }
    GENERAL_NAME* const made =
        a2i_GENERAL_NAME(nullptr, nullptr, nullptr, address ? GEN_IPADD : GEN_DNS, name.c_str(), 0);
    CHECK(made != nullptr);
    CHECK(sk_GENERAL_NAME_push(all.get(), made) > 0);
  }
  CHECK(X509_add1_ext_i2d(certificate, NID_subject_alt_name, all.get(), 0, 0) == 1);
  return {};
}

void set_head(X509* certificate, EVP_PKEY* key, Time now) {
  CHECK(X509_set_version(certificate, X509_VERSION_3) == 1);
  // Random, positive, and never two alike: browsers refuse a second one of the same number.
  std::array<unsigned char, 16> serial{};
  CHECK(RAND_bytes(serial.data(), serial.size()) == 1);
  serial[0] = static_cast<unsigned char>((serial[0] & 0x3f) | 0x40);
  BIGNUM* const number = BN_bin2bn(serial.data(), serial.size(), nullptr);
  CHECK(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr);
  BN_free(number);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
  const auto end = seconds + std::chrono::seconds(self_signed_life) - std::chrono::hours(1);
  const auto begin = seconds - std::chrono::hours(1);
  ASN1_TIME_set(X509_getm_notBefore(certificate), begin.count());
  ASN1_TIME_set(X509_getm_notAfter(certificate), std::chrono::seconds(end).count());
  X509_NAME* const subject = X509_get_subject_name(certificate);
  constexpr const char* common_name = "Larder, self-signed";
  CHECK(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(common_name), -1, -1,
                                   0) == 1);
  CHECK(X509_set_issuer_name(certificate, subject) == 1);
  CHECK(X509_set_pubkey(certificate, key) == 1);
}

std::string text_of(const Bio& bio) {
  const char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

bool is_certificate_name(const std::string& name) { return is_address(name) || is_dns_name(name); }

Result<TlsIdentity> make_self_signed(const std::vector<std::string>& names, Time now) {
  ERR_clear_error();
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  CHECK(key != nullptr && certificate != nullptr);
  set_head(certificate.get(), key.get(), now);
  // In this order: the second identifier is copied from the first. Strict verifiers (Python 3.13's
  // default) want both.
  add_extension(certificate.get(), NID_subject_key_identifier, "hash");
  add_extension(certificate.get(), NID_authority_key_identifier, "keyid:always");
  add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(certificate.get(), NID_ext_key_usage, "serverAuth");
  TRY_VOID(add_names(certificate.get(), names));
  CHECK(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);

  const Bio certificate_text(BIO_new(BIO_s_mem())), key_text(BIO_new(BIO_s_secmem()));
  CHECK(PEM_write_bio_X509(certificate_text.get(), certificate.get()) == 1);
  CHECK(PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                      nullptr) == 1);
  TlsIdentity identity;
  identity.certificates = text_of(certificate_text);
  identity.key = Secret(text_of(key_text));
  return identity;
}

}  // namespace larder::http
