#include "server/tls_files.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/log.h"
#include "codec/iso8601.h"
#include "http/self_signed.h"
#include "server/address.h"

namespace larder::server {
namespace {

// A chain of RSA-4096 certificates is some 10 KiB.
constexpr std::size_t pem_file_max = 256 * 1024;
constexpr std::chrono::days soon{30};
constexpr unsigned owner_only = 0600;

Result<std::string> read_pem(storage::FileSystem& files, const std::string& path,
                             std::string_view option) {
  auto text = storage::read_small_file(files, path, pem_file_max);
  if (text) return text;
  return fail(codes::bad_configuration,
              fmt::format("{} {} cannot be read: {}", option, path, text.error().message));
}

// nullopt: it has to be made.
std::optional<http::TlsIdentity> kept_identity(storage::FileSystem& files,
                                               const http::TlsIdentity& named,
                                               std::vector<std::string> names, Time now) {
  auto certificate = storage::read_small_file(files, named.certificates_name, pem_file_max);
  auto key = storage::read_small_file(files, named.key_name, pem_file_max);
  if (!certificate || !key) return std::nullopt;
  http::TlsIdentity kept = named;
  kept.certificates = *std::move(certificate);
  kept.key = Secret(*std::move(key));
  // A crash between the two writes leaves a key that is not the certificate's.
  if (!http::TlsContext::make(kept)) return std::nullopt;
  auto facts = http::certificate_facts(kept);
  if (!facts || facts->expires < now + soon) return std::nullopt;
  std::ranges::sort(names);
  std::ranges::sort(facts->names);
  if (facts->names != names) return std::nullopt;
  return kept;
}

// An address as certificate_facts() gives it; anything else as it is.
std::string canonical(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  for (const int family : {AF_INET, AF_INET6}) {
    if (::inet_pton(family, name.c_str(), bytes.data()) == 1)
      return ::inet_ntop(family, bytes.data(), text.data(), text.size());
  }
  return name;
}

}  // namespace

std::vector<std::string> certificate_names(const Config& config, const std::string& host_name) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& given) {
    std::string name = canonical(given);
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  };
  for (const auto* name : {"localhost", "*.localhost", "127.0.0.1", "::1"}) add(name);
  // Nobody chose it for this: one that fits no certificate, like "(none)", is left out.
  if (http::is_certificate_name(host_name)) add(host_name);
  const auto listening = parse_address(config.listen, "--listen");
  if (listening && listening->host != "0.0.0.0" && listening->host != "::") add(listening->host);
  for (const std::string& domain : config.domains) {
    add(domain);
    add("*." + domain);
  }
  return names;
}

Result<http::TlsIdentity> read_identity(storage::FileSystem& files, const std::string& certificate,
                                        const std::string& key) {
  http::TlsIdentity identity;
  identity.certificates_name = certificate;
  identity.key_name = key;
  TRY(identity.certificates, read_pem(files, certificate, "--tls-certificate"));
  TRY(std::string key_text, read_pem(files, key, "--tls-key"));
  identity.key = Secret(std::move(key_text));
  return identity;
}

Result<http::TlsIdentity> self_signed_identity(storage::FileSystem& files,
                                               const std::string& directory,
                                               const std::vector<std::string>& names, Time now) {
  http::TlsIdentity named;
  named.certificates_name = directory + "/certificate.pem";
  named.key_name = directory + "/key.pem";
  if (auto kept = kept_identity(files, named, names, now)) return *std::move(kept);
  TRY(http::TlsIdentity made, http::make_self_signed(names, now));
  made.certificates_name = named.certificates_name;
  made.key_name = named.key_name;
  TRY_VOID(files.create_directory(directory));
  TRY_VOID(files.sync_directory(storage::parent_directory(directory)));
  TRY_VOID(write_file_durably(files, made.key_name, made.key.reveal(), owner_only));
  TRY_VOID(write_file_durably(files, made.certificates_name, made.certificates, owner_only));
  log::info("made a self-signed certificate: {}", made.certificates_name);
  return made;
}

std::optional<std::string> validity_warning(const http::TlsIdentity& identity, Time now) {
  const auto facts = http::certificate_facts(identity);
  if (!facts) return std::nullopt;
  const std::string& file = identity.certificates_name;
  if (facts->expires <= now) {
    return fmt::format(
        "the certificate in {} expired at {}, so clients refuse it: replace the file "
        "and send SIGHUP",
        file, format_iso8601(facts->expires));
  }
  if (facts->begins > now) {
    return fmt::format("the certificate in {} does not hold before {}, so clients refuse it", file,
                       format_iso8601(facts->begins));
  }
  if (facts->expires < now + soon) {
    return fmt::format("the certificate in {} expires at {}: replace the file and send SIGHUP",
                       file, format_iso8601(facts->expires));
  }
  return std::nullopt;
}

std::string certified_host(const http::CertificateFacts& facts, const std::string& address) {
  const auto& names = facts.names;
  if (std::ranges::find(names, address) != names.end()) return address;
  const auto found =
      std::ranges::find_if(names, [](const std::string& name) { return !name.contains('*'); });
  return found == names.end() ? address : *found;
}

}  // namespace larder::server
