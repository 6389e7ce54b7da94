#include "base/random.h"

#include <openssl/rand.h>

#include <cstring>

#include "base/check.h"

namespace larder {

std::string Random::bytes(std::size_t count) {
  std::string out(count, '\0');
  fill({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
  return out;
}

std::uint64_t Random::number() {
  std::uint8_t raw[8];
  fill(raw);
  std::uint64_t value = 0;
  std::memcpy(&value, raw, sizeof value);
  return value;
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
  CHECK(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
  for (auto& byte : out) byte = static_cast<std::uint8_t>(engine_());
}

}  // namespace larder
