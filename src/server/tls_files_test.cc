#include "server/tls_files.h"

#include <gtest/gtest.h>

#include "http/self_signed.h"
#include "server/address.h"
#include "storage/memory_file_system.h"

namespace larder::server {
namespace {

using Names = std::vector<std::string>;

const Time now{std::chrono::sys_days(std::chrono::year(2026) / 7 / 1)};

class TlsFiles : public ::testing::Test {
 protected:
  http::TlsIdentity self_signed(const Names& names, Time at = now) {
    auto made = self_signed_identity(files_, "/tls", names, at);
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return *std::move(made);
  }
  void write(const std::string& path, const std::string& text) {
    ASSERT_TRUE(write_file_durably(files_, path, text, 0600).has_value());
  }

  storage::MemoryFileSystem files_;
};

TEST_F(TlsFiles, ASelfSignedCertificateIsKept) {
  const auto made = self_signed({"localhost", "127.0.0.1"});
  EXPECT_EQ(made.certificates_name, "/tls/certificate.pem");
  for (const auto* file : {"/tls/certificate.pem", "/tls/key.pem"}) {
    const auto info = files_.info(file);
    ASSERT_TRUE(info.has_value() && info->has_value()) << file;
    EXPECT_EQ((*info)->mode, 0600u) << file;
  }
  const auto kept = self_signed({"127.0.0.1", "localhost"}, now + std::chrono::days(700));
  EXPECT_EQ(kept.certificates, made.certificates);
  EXPECT_TRUE(kept.key == made.key);
}

TEST_F(TlsFiles, ASelfSignedCertificateIsMadeAnewForOtherNamesAndBeforeItEnds) {
  const auto first = self_signed({"localhost"});
  const auto second = self_signed({"localhost", "s3.example.com"});
  EXPECT_NE(second.certificates, first.certificates);
  const Time late = now + http::self_signed_life - std::chrono::days(29);
  EXPECT_NE(self_signed({"localhost", "s3.example.com"}, late).certificates, second.certificates);
}

TEST_F(TlsFiles, ASelfSignedCertificateIsMadeAnewWhenACrashLeftTheKeyOfAnother) {
  const auto first = self_signed({"localhost"});
  const auto other = http::make_self_signed({"localhost"}, now);
  write("/tls/key.pem", std::string(other->key.reveal()));
  const auto second = self_signed({"localhost"});
  EXPECT_NE(second.certificates, first.certificates);
  EXPECT_TRUE(http::TlsContext::make(second).has_value());
  write("/tls/certificate.pem", "");
  EXPECT_TRUE(http::TlsContext::make(self_signed({"localhost"})).has_value());
}

TEST_F(TlsFiles, SaysWhichFileIsMissing) {
  write("/cert.pem", "x");
  const auto no_key = read_identity(files_, "/cert.pem", "/key.pem");
  ASSERT_FALSE(no_key.has_value());
  EXPECT_TRUE(no_key.error().message.starts_with("--tls-key /key.pem cannot be read: "))
      << no_key.error().message;
  const auto no_certificate = read_identity(files_, "/absent.pem", "/key.pem");
  ASSERT_FALSE(no_certificate.has_value());
  EXPECT_TRUE(no_certificate.error().message.starts_with("--tls-certificate /absent.pem cannot"))
      << no_certificate.error().message;
}

TEST_F(TlsFiles, WarnsOfWhatClientsWillRefuse) {
  const auto shown = self_signed({"localhost"});
  const auto warning_at = [&](Time when) { return validity_warning(shown, when).value_or(""); };
  const Time end = now - std::chrono::hours(1) + http::self_signed_life;
  EXPECT_EQ(warning_at(now), "");
  EXPECT_EQ(warning_at(end - std::chrono::days(30)), "");
  EXPECT_EQ(warning_at(end - std::chrono::days(29)),
            "the certificate in /tls/certificate.pem expires at 2028-10-02T23:00:00Z: replace the "
            "file and send SIGHUP");
  EXPECT_EQ(warning_at(end),
            "the certificate in /tls/certificate.pem expired at 2028-10-02T23:00:00Z, so clients "
            "refuse it: replace the file and send SIGHUP");
  EXPECT_EQ(warning_at(now - std::chrono::days(1)),
            "the certificate in /tls/certificate.pem does not hold before 2026-06-30T23:00:00Z, so "
            "clients refuse it");
}

TEST(CertificateNames, AreAllThatClientsMayCallTheServer) {
  Config config;
  const Names usual = {"localhost", "*.localhost", "127.0.0.1", "::1"};
  EXPECT_EQ(certificate_names(config, "localhost"), usual);
  EXPECT_EQ(certificate_names(config, "(none)"), usual);
  config.listen = "[2001:db8::0001]:9000";
  config.domains = {"s3.example.com"};
  Names all = usual;
  for (const auto* name : {"store-1", "2001:db8::1", "s3.example.com", "*.s3.example.com"})
    all.emplace_back(name);
  EXPECT_EQ(certificate_names(config, "store-1"), all);
  config = {};
  config.listen = "0.0.0.0:9000";
  EXPECT_EQ(certificate_names(config, ""), usual);
}

TEST(CertifiedHost, IsANameThatTheCertificateHas) {
  http::CertificateFacts facts;
  EXPECT_EQ(certified_host(facts, "127.0.0.1"), "127.0.0.1");
  facts.names = {"*.s3.example.com", "s3.example.com"};
  EXPECT_EQ(certified_host(facts, "127.0.0.1"), "s3.example.com");
  facts.names.emplace_back("127.0.0.1");
  EXPECT_EQ(certified_host(facts, "127.0.0.1"), "127.0.0.1");
}

TEST(Url, HasBracketsAroundAddressesWithColons) {
  EXPECT_EQ(url(Scheme::https, "::1", 9000), "https://[::1]:9000");
  EXPECT_EQ(url(Scheme::http, local_address({"0.0.0.0", 9000}), 9000), "http://127.0.0.1:9000");
  EXPECT_EQ(url(Scheme::http, local_address({"::", 1}), 1), "http://[::1]:1");
  for (const auto* host : {"127.0.0.1", "localhost", "::1", "127.9.9.9"})
    EXPECT_TRUE(is_loopback(host)) << host;
  for (const auto* host : {"0.0.0.0", "::", "192.0.2.1"}) EXPECT_FALSE(is_loopback(host)) << host;
}

TEST(TlsSettings, GoTogether) {
  Config config;
  config.data = "data";
  config.tls.certificate = "cert.pem";
  EXPECT_FALSE(check(config).has_value());
  config.tls.key = "key.pem";
  EXPECT_TRUE(check(config).has_value());
  config.tls.self_signed = true;
  EXPECT_FALSE(check(config).has_value());
  config.tls = {.self_signed = true};
  EXPECT_TRUE(check(config).has_value());
}

}  // namespace
}  // namespace larder::server
