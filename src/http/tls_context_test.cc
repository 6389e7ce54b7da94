#include "http/tls_context.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "http/openssl.h"
#include "http/self_signed.h"

namespace larder::http {
namespace {

const Time now{std::chrono::sys_days(std::chrono::year(2026) / 7 / 1)};

TlsIdentity identity(const std::vector<std::string>& names = {"localhost"}) {
  auto made = make_self_signed(names, now);
  EXPECT_TRUE(made.has_value());
  made->certificates_name = "cert.pem";
  made->key_name = "key.pem";
  return *std::move(made);
}

std::string refusal(const TlsIdentity& given) {
  const auto made = TlsContext::make(given);
  return made ? "none" : made.error().message;
}

TEST(TlsContext, SaysWhatIsWrongWithTheFiles) {
  TlsIdentity given = identity();
  EXPECT_EQ(refusal(given), "none");
  given.certificates = "hello";
  EXPECT_EQ(refusal(given),
            "cert.pem holds no certificate: Larder reads PEM, which begins with -----BEGIN "
            "CERTIFICATE-----");
  given = identity();
  given.key = Secret(given.certificates);
  EXPECT_EQ(refusal(given),
            "key.pem holds no private key: Larder reads PEM, which begins with -----BEGIN PRIVATE "
            "KEY-----");
  given = identity();
  given.key = identity().key;
  EXPECT_EQ(refusal(given),
            "the key in key.pem is not the key of the first certificate in cert.pem: the server's "
            "own certificate comes first, then those of its issuers");
  given = identity();
  given.certificates.insert(given.certificates.size() / 2, "!");
  EXPECT_TRUE(refusal(given).starts_with("the certificate in cert.pem is damaged: "))
      << refusal(given);
}

TEST(TlsContext, AsksForNoPassphrase) {
  TlsIdentity given = identity();
  const auto from = openssl::reader(given.key.reveal());
  const openssl::Key key(PEM_read_bio_PrivateKey(from.get(), nullptr, nullptr, nullptr));
  const openssl::Bio encrypted(BIO_new(BIO_s_mem()));
  char passphrase[] = "secret";
  ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(encrypted.get(), key.get(), EVP_aes_256_cbc(), passphrase,
                                          6, nullptr, nullptr),
            1);
  const char* text = nullptr;
  const long size = BIO_get_mem_data(encrypted.get(), &text);
  given.key = Secret(std::string(text, static_cast<std::size_t>(size)));
  EXPECT_EQ(
      refusal(given),
      "the key in key.pem is encrypted, and Larder asks for no passphrase: give it the output "
      "of `openssl pkey -in key.pem`, readable by the server alone");
}

TEST(TlsContext, TakesBothFromOneFileAndAChainBehindTheCertificate) {
  TlsIdentity given = identity();
  const std::string both = given.certificates + std::string(given.key.reveal());
  given.certificates = both;
  given.key = Secret(both);
  EXPECT_EQ(refusal(given), "none");
  given.certificates += identity().certificates;
  EXPECT_EQ(refusal(given), "none");
  given.certificates += "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n";
  EXPECT_TRUE(refusal(given).starts_with("certificate 3 in cert.pem is damaged: "))
      << refusal(given);
}

TEST(TlsContext, TheOrderOfTheChainCounts) {
  TlsIdentity given = identity();
  given.certificates = identity().certificates + given.certificates;
  EXPECT_TRUE(refusal(given).starts_with("the key in key.pem is not the key of the first"))
      << refusal(given);
}

TEST(SelfSigned, IsForItsNamesAndFor825Days) {
  const std::vector<std::string> names = {"localhost", "*.s3.example.com", "127.0.0.1", "::1"};
  const auto facts = certificate_facts(identity(names));
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts->names, names);
  EXPECT_EQ(facts->begins, now - std::chrono::hours(1));
  EXPECT_EQ(facts->expires, facts->begins + self_signed_life);
}

TEST(SelfSigned, EveryOneIsAnother) {
  EXPECT_NE(identity().certificates, identity().certificates);
  EXPECT_FALSE(identity().key == identity().key);
}

TEST(SelfSigned, RefusesWhatIsNoName) {
  for (const auto* name : {"", "a b", "a,DNS:b", "[::1]", "a/b"}) {
    const auto made = make_self_signed({"localhost", name}, now);
    ASSERT_FALSE(made.has_value()) << name;
    EXPECT_TRUE(made.error().message.contains("`" + std::string(name) + "`"));
  }
}

}  // namespace
}  // namespace larder::http
