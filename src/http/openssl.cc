#include "http/openssl.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>

#include "base/check.h"

namespace larder::http::openssl {

Bio reader(std::string_view text) {
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  CHECK(bio != nullptr);
  return bio;
}

std::string last_error() {
  const unsigned long code = ERR_peek_last_error();
  const char* const reason = ERR_reason_error_string(code);
  std::array<char, 256> text{};
  if (reason == nullptr) ERR_error_string_n(code, text.data(), text.size());
  ERR_clear_error();
  return reason != nullptr ? reason : text.data();
}

Certificate read_certificate(BIO* from) {
  return Certificate(PEM_read_bio_X509(from, nullptr, nullptr, nullptr));
}

}  // namespace larder::http::openssl
