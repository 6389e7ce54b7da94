#include "storage/sealed.h"

#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <cstdint>
#include <memory>
#include <mutex>

#include "base/check.h"
#include "storage/errors.h"

namespace larder::storage {
namespace {

// version (1 byte), nonce (12), ciphertext, tag (16)
constexpr char version = 1;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t header_size = 1 + nonce_size;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(char* text) { return reinterpret_cast<unsigned char*>(text); }
int length(std::string_view text) { return static_cast<int>(text.size()); }

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const EVP_CIPHER* aes_256_gcm() {
  static const EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  CHECK(fetched != nullptr);
  return fetched;
}

/// HKDF-SHA256 (RFC 5869), no salt, the purpose as info.
Secret derive(const MasterKey& key, std::string_view purpose) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr), EVP_PKEY_CTX_free);
  const std::string info = "larder sealed 1 " + std::string(purpose);
  std::string out(32, '\0');
  std::size_t size = out.size();
  const auto master = key.bytes().reveal();
  CHECK(context && EVP_PKEY_derive_init(context.get()) == 1);
  CHECK(EVP_PKEY_CTX_set_hkdf_md(context.get(), EVP_sha256()) == 1);
  CHECK(EVP_PKEY_CTX_set1_hkdf_key(context.get(), bytes(master), length(master)) == 1);
  CHECK(EVP_PKEY_CTX_add1_hkdf_info(context.get(), bytes(std::string_view(info)), length(info)) ==
        1);
  CHECK(EVP_PKEY_derive(context.get(), bytes(out.data()), &size) == 1 && size == out.size());
  return Secret(std::move(out));
}

}  // namespace

Sealer::Sealer(MasterKey key, Random& random) : key_(std::move(key)), random_(random) {}

Secret Sealer::key_for(std::string_view purpose) const {
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = keys_.find(purpose); found != keys_.end()) return found->second;
  }
  auto key = derive(key_, purpose);
  const std::lock_guard lock(mutex_);
  return keys_.emplace(purpose, std::move(key)).first->second;
}

std::string Sealer::seal(std::string_view purpose, std::string_view associated,
                         std::string_view plain) const {
  CHECK(plain.size() <= INT32_MAX && associated.size() <= INT32_MAX);
  const auto key = key_for(purpose);
  std::string out(1, version);
  out += random_.bytes(nonce_size);
  out.resize(header_size + plain.size() + tag_size);
  const CipherContext context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int count = 0;
  CHECK(context && EVP_EncryptInit_ex2(context.get(), aes_256_gcm(), bytes(key.reveal()),
                                       bytes(out.data() + 1), nullptr) == 1);
  CHECK(EVP_EncryptUpdate(context.get(), nullptr, &count, bytes(std::string_view(out)), 1) == 1);
  CHECK(EVP_EncryptUpdate(context.get(), nullptr, &count, bytes(associated), length(associated)) ==
        1);
  CHECK(EVP_EncryptUpdate(context.get(), bytes(out.data() + header_size), &count, bytes(plain),
                          length(plain)) == 1);
  CHECK(EVP_EncryptFinal_ex(context.get(), bytes(out.data() + out.size()), &count) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_size,
                            out.data() + header_size + plain.size()) == 1);
  return out;
}

Result<Secret> Sealer::open(std::string_view purpose, std::string_view associated,
                            std::string_view sealed) const {
  const auto refused = fail(codes::unsealable, "A stored secret cannot be opened.");
  if (sealed.size() < header_size + tag_size || sealed.size() > INT32_MAX || sealed[0] != version)
    return refused;
  const auto key = key_for(purpose);
  const auto nonce = sealed.substr(1, nonce_size);
  const auto text = sealed.substr(header_size, sealed.size() - header_size - tag_size);
  std::string tag(sealed.substr(sealed.size() - tag_size));
  std::string plain(text.size(), '\0');
  const CipherContext context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int count = 0;
  CHECK(context && EVP_DecryptInit_ex2(context.get(), aes_256_gcm(), bytes(key.reveal()),
                                       bytes(nonce), nullptr) == 1);
  CHECK(EVP_DecryptUpdate(context.get(), nullptr, &count, bytes(sealed), 1) == 1);
  CHECK(EVP_DecryptUpdate(context.get(), nullptr, &count, bytes(associated), length(associated)) ==
        1);
  CHECK(EVP_DecryptUpdate(context.get(), bytes(plain.data()), &count, bytes(text), length(text)) ==
        1);
  Secret result(std::move(plain));  // wiped also when the tag does not fit
  CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) == 1);
  unsigned char rest[16];
  if (EVP_DecryptFinal_ex(context.get(), rest, &count) != 1) return refused;
  return result;
}

}  // namespace larder::storage
