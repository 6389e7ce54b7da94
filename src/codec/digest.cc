#include "codec/digest.h"

#include <openssl/evp.h>

#include "base/check.h"
#include "codec/base64.h"

namespace larder {
namespace {

// EVP_sha256() and its like look the implementation up at every use, which costs more than hashing
// a short text.
const EVP_MD* fetched(Hash hash) {
  static const std::array<EVP_MD*, 3> all = {EVP_MD_fetch(nullptr, "MD5", nullptr),
                                             EVP_MD_fetch(nullptr, "SHA1", nullptr),
                                             EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  return all[static_cast<std::size_t>(hash)];
}

std::string whole(Hash hash, std::string_view bytes) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  CHECK(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &size,
                   fetched(hash), nullptr) == 1);
  out.resize(size);
  return out;
}

}  // namespace

void Digest::Free::operator()(void* context) const {
  EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context));
}

Digest::Digest(Hash hash) : context_(EVP_MD_CTX_new()) { restart(hash); }
Digest::~Digest() = default;

void Digest::restart(Hash hash) {
  CHECK(EVP_DigestInit_ex2(static_cast<EVP_MD_CTX*>(context_.get()), fetched(hash), nullptr) == 1);
}
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(std::string_view bytes) {
  CHECK(EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_.get()), bytes.data(), bytes.size()) ==
        1);
}

std::string Digest::finish() {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  CHECK(EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_.get()),
                           reinterpret_cast<unsigned char*>(out.data()), &size) == 1);
  out.resize(size);
  return out;
}

std::string md5(std::string_view bytes) { return whole(Hash::md5, bytes); }
std::string sha256(std::string_view bytes) { return whole(Hash::sha256, bytes); }
std::string sha256_hex(std::string_view bytes) { return hex_encode(sha256(bytes)); }

// RFC 2104 over the cached SHA-256: OpenSSL 3's HMAC() fetches at every call.
std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  constexpr std::size_t block = 64;
  std::string padded = key.size() > block ? sha256(key) : std::string(key);
  padded.resize(block, '\0');
  std::string inner = padded;
  std::string outer = padded;
  for (auto& c : inner) c = static_cast<char>(c ^ 0x36);
  for (auto& c : outer) c = static_cast<char>(c ^ 0x5c);
  Digest digest(Hash::sha256);
  digest.update(inner);
  digest.update(bytes);
  const std::string within = digest.finish();
  digest.restart(Hash::sha256);  // a second context would cost more than what it hashes
  digest.update(outer);
  digest.update(within);
  return digest.finish();
}

}  // namespace larder
