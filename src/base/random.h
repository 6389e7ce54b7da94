// Randomness comes in by constructor. Only the programs' main functions name SystemRandom.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>

namespace larder {

/// Unpredictable bytes. Safe from any thread.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;

  std::string bytes(std::size_t count);
  std::uint64_t number();
};

/// The operating system's generator (OpenSSL's, seeded by it).
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

/// The same bytes for the same seed: for tests, never for secrets. One thread only.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<std::uint8_t> out) override;

 private:
  std::mt19937_64 engine_;
};

}  // namespace larder
