// Owners of OpenSSL's objects; for this module's .cc files.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

namespace larder::http::openssl {

template <auto Free>
struct Deleter {
  void operator()(auto* object) const { Free(object); }
};
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;

/// Reads `text`, which outlives it.
Bio reader(std::string_view text);

/// What OpenSSL says of this thread's last failure, which it forgets; for people.
std::string last_error();

/// The first certificate of a PEM text; null if there is none.
Certificate read_certificate(BIO* from);

}  // namespace larder::http::openssl
