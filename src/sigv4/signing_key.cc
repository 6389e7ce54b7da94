#include "sigv4/signing_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include <memory>

#include "base/check.h"
#include "codec/base64.h"
#include "codec/digest.h"

namespace larder::sigv4 {
namespace {

template <auto Free>
struct Deleter {
  void operator()(auto* object) const { Free(object); }
};
using Bignum = std::unique_ptr<BIGNUM, Deleter<BN_clear_free>>;
using Group = std::unique_ptr<EC_GROUP, Deleter<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Deleter<EC_POINT_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// The public point, uncompressed.
std::string public_point(const Secret& scalar) {
  const Group group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const Bignum number(
      BN_bin2bn(bytes(scalar.reveal()), static_cast<int>(scalar.reveal().size()), nullptr));
  const Point point(EC_POINT_new(group.get()));
  CHECK(EC_POINT_mul(group.get(), point.get(), number.get(), nullptr, nullptr, nullptr) == 1);
  std::string out(65, '\0');
  CHECK(EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                           reinterpret_cast<unsigned char*>(out.data()), out.size(),
                           nullptr) == out.size());
  return out;
}

Key public_key(const Secret& scalar) {
  std::string point = public_point(scalar);
  char group[] = SN_X9_62_prime256v1;
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  CHECK(EVP_PKEY_fromdata_init(context.get()) == 1);
  CHECK(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY,
                          const_cast<OSSL_PARAM*>(parameters)) == 1);
  return Key(key);
}

bool verifies_ecdsa(const Secret& scalar, std::string_view text, std::string_view signature) {
  const auto der = hex_decode(signature);
  if (!der) return false;
  const Key key = public_key(scalar);
  const DigestContext context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(*der), der->size(), bytes(text), text.size()) == 1;
}

}  // namespace

Secret derive_ecdsa_key(std::string_view access_key_id, const Secret& secret_access_key) {
  const Group group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const Bignum limit(BN_dup(EC_GROUP_get0_order(group.get())));
  CHECK(BN_sub_word(limit.get(), 2) == 1);
  const Secret input_key("AWS4A" + std::string(secret_access_key.reveal()));
  for (int counter = 1; counter < 255; ++counter) {
    std::string fixed("\0\0\0\1", 4);  // the KDF's own counter: one block is enough
    fixed += algorithm_name(Algorithm::ecdsa);
    fixed += '\0';
    fixed += access_key_id;
    fixed += static_cast<char>(counter);
    fixed += std::string("\0\0\1\0", 4);  // 256 bits
    const Secret candidate(hmac_sha256(input_key.reveal(), fixed));
    const Bignum number(BN_bin2bn(bytes(candidate.reveal()), 32, nullptr));
    if (BN_cmp(number.get(), limit.get()) > 0) continue;
    CHECK(BN_add_word(number.get(), 1) == 1);
    std::string scalar(32, '\0');
    CHECK(BN_bn2binpad(number.get(), reinterpret_cast<unsigned char*>(scalar.data()), 32) == 32);
    return Secret(std::move(scalar));
  }
  CHECK(false);  // a chance of 2^-8000
}

SigningKey derive_key(Algorithm algorithm, const std::string& access_key_id,
                      const Secret& secret_access_key, const Scope& scope) {
  if (algorithm == Algorithm::ecdsa)
    return {algorithm, derive_ecdsa_key(access_key_id, secret_access_key)};
  return signing_key(secret_access_key, scope);
}

bool verifies(const SigningKey& key, std::string_view text, std::string_view signature) {
  if (key.algorithm == Algorithm::ecdsa) return verifies_ecdsa(key.bytes, text, signature);
  return equal_in_constant_time(sign(key.bytes, text), signature);
}

}  // namespace larder::sigv4
