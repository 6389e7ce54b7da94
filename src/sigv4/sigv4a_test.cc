// SigV4A: key pairs instead of shared keys.
#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include "base/check.h"
#include "codec/base64.h"
#include "codec/checksums.h"
#include "sigv4/authorization.h"
#include "sigv4/chunked.h"
#include "sigv4/verify.h"

namespace larder::sigv4 {
namespace {

const Secret secret("q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom");
constexpr const char* access_key_id = "AKISORANDOMAASORANDOM";

// The value that AWS's own implementations agree on (aws-c-auth, tests/key_derivation_tests.c).
TEST(SigV4A, TheKeyIsDerivedAsAwsDerivesIt) {
  EXPECT_EQ(hex_encode(derive_ecdsa_key(access_key_id, secret).reveal()),
            "7fd3bd010c0d9c292141c2b77bfbde1042c92e6836fff749d1269ec890fca1bd");
}

/// What a client does: ECDSA over P-256 with the derived key, DER in hexadecimal.
std::string sign_as_client(std::string_view text) {
  const Secret scalar = derive_ecdsa_key(access_key_id, secret);
  const auto* raw = reinterpret_cast<const unsigned char*>(scalar.reveal().data());
  EC_GROUP* group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  BIGNUM* number = BN_bin2bn(raw, 32, nullptr);
  EC_POINT* point = EC_POINT_new(group);
  CHECK(EC_POINT_mul(group, point, number, nullptr, nullptr, nullptr) == 1);
  unsigned char pub[65];
  CHECK(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, pub, sizeof pub, nullptr) ==
        65);
  unsigned char priv[32];
  CHECK(BN_bn2nativepad(number, priv, 32) == 32);
  char name[] = SN_X9_62_prime256v1;
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, priv, sizeof priv),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, pub, sizeof pub),
      OSSL_PARAM_construct_end()};
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
  EVP_PKEY* key = nullptr;
  CHECK(EVP_PKEY_fromdata_init(context) == 1);
  CHECK(EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters) == 1);
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  CHECK(EVP_DigestSignInit(digest, nullptr, EVP_sha256(), nullptr, key) == 1);
  std::string out(128, '\0');
  std::size_t size = out.size();
  CHECK(EVP_DigestSign(digest, reinterpret_cast<unsigned char*>(out.data()), &size,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1);
  EVP_MD_CTX_free(digest);
  EVP_PKEY_free(key);
  EVP_PKEY_CTX_free(context);
  EC_POINT_free(point);
  BN_free(number);
  EC_GROUP_free(group);
  return hex_encode(out.substr(0, size));
}

const std::vector<std::string> signed_headers = {"host", "x-amz-content-sha256", "x-amz-date",
                                                 "x-amz-region-set"};

std::vector<HeaderView> unsigned_headers(std::string_view regions) {
  return {{"Host", "b.s3.amazonaws.com"},
          {"x-amz-date", "20220830T123600Z"},
          {"x-amz-content-sha256", "UNSIGNED-PAYLOAD"},
          {"x-amz-region-set", regions}};
}

Result<void> verify_signed(std::string_view path_sent, std::string_view regions,
                           std::string_view region) {
  auto headers = unsigned_headers(regions);
  const Scope scope{"20220830", "", "s3"};
  const RequestView signed_request{"GET", "/key", "", headers};
  const auto canonical =
      canonical_request(signed_request, signed_headers, "UNSIGNED-PAYLOAD", Dialect::s3);
  const auto signature =
      sign_as_client(string_to_sign("20220830T123600Z", scope, canonical, Algorithm::ecdsa));
  const std::string value =
      std::string("AWS4-ECDSA-P256-SHA256 Credential=") + access_key_id +
      "/20220830/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;"
      "x-amz-region-set, Signature=" +
      signature;
  headers.push_back({"Authorization", value});
  const RequestView sent{"GET", path_sent, "", headers};
  TRY(const auto parsed, parse_authorization(sent, Dialect::s3));
  TRY_VOID(check_scope(*parsed, "s3", region, Dialect::s3));
  return verify(sent, *parsed,
                derive_key(parsed->algorithm, parsed->access_key_id, secret, parsed->scope),
                "UNSIGNED-PAYLOAD", Dialect::s3);
}

TEST(SigV4A, ASignedRequestVerifiesAndAnAlteredOneDoesNot) {
  const auto verified = verify_signed("/key", "us-east-1", "us-east-1");
  EXPECT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verify_signed("/other", "us-east-1", "us-east-1").error().code.name,
            "SignatureDoesNotMatch");
}

TEST(SigV4A, TheRegionMustBeInTheSet) {
  EXPECT_TRUE(verify_signed("/key", "*", "us-east-1"));
  EXPECT_TRUE(verify_signed("/key", "eu-west-1,us-*", "us-east-1"));
  EXPECT_EQ(verify_signed("/key", "eu-west-1", "us-east-1").error().code.name,
            "AuthorizationHeaderMalformed");
  EXPECT_FALSE(verify_signed("/key", "", "us-east-1"));
}

TEST(SigV4A, TheRegionSetMustBeSigned) {
  const HeaderView headers[] = {
      {"Host", "h"},
      {"x-amz-date", "20220830T123600Z"},
      {"x-amz-region-set", "*"},
      {"Authorization",
       "AWS4-ECDSA-P256-SHA256 Credential=AK/20220830/s3/aws4_request, SignedHeaders=host, "
       "Signature=00"}};
  const RequestView request{"GET", "/", "", headers};
  EXPECT_FALSE(parse_authorization(request, Dialect::s3));
}

TEST(SigV4A, AMalformedSignatureIsNoSignature) {
  const SigningKey key{Algorithm::ecdsa, derive_ecdsa_key(access_key_id, secret)};
  for (const char* bad : {"", "zz", "00", "3006020100020100"})
    EXPECT_FALSE(verifies(key, "text", bad)) << bad;
  EXPECT_TRUE(verifies(key, "text", sign_as_client("text")));
  EXPECT_FALSE(verifies(key, "texu", sign_as_client("text")));
}

std::string padded(std::string signature) {
  signature.resize(144, '*');
  return signature;
}

TEST(SigV4A, SignedChunksAndTheirTrailerVerify) {
  const auto payload = parse_payload("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER");
  ASSERT_TRUE(payload);
  const ChunkSigning signing{{Algorithm::ecdsa, derive_ecdsa_key(access_key_id, secret)},
                             "20220830T123600Z",
                             {"20220830", "", "s3"},
                             sign_as_client("the request")};
  const std::string data(10'000, 'x');
  const auto first =
      sign_as_client(chunk_string_to_sign(signing, signing.seed_signature, sha256_hex(data)));
  const auto last = sign_as_client(chunk_string_to_sign(signing, first, empty_sha256_hex));
  auto checksum = make_checksum(ChecksumAlgorithm::crc32);
  checksum->update(data);
  const std::string line = "x-amz-checksum-crc32:" + base64_encode(checksum->finish());
  const auto trailer = sign_as_client(trailer_string_to_sign(signing, last, line + "\n"));
  const std::string wire = "2710;chunk-signature=" + padded(first) + "\r\n" + data +
                           "\r\n0;chunk-signature=" + padded(last) + "\r\n" + line +
                           "\r\nx-amz-trailer-signature:" + padded(trailer) + "\r\n\r\n";
  for (const std::size_t altered : {wire.size(), std::size_t{200}, wire.size() - 170}) {
    auto sent = wire;
    if (altered < sent.size()) sent[altered] = static_cast<char>(sent[altered] ^ 1);
    ChunkDecoder decoder(*payload, signing, data.size(), "x-amz-checksum-crc32");
    std::string_view left = sent;
    bool good = true;
    while (good && !left.empty()) {
      const auto step = decoder.feed(left);
      good = step.has_value();
      if (good) left.remove_prefix(step->consumed);
    }
    EXPECT_EQ(good && decoder.done(), altered == wire.size()) << altered;
  }
}

}  // namespace
}  // namespace larder::sigv4
