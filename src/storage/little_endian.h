// Integers as the formats of docs/formats/storage.md have them. Inside storage only.
#pragma once

#include <cstddef>
#include <string_view>

namespace larder::storage {

template <class T>
void put(char* at, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) at[i] = static_cast<char>(value >> (8 * i));
}

/// REQUIRES: `bytes` reaches beyond the value.
template <class T>
T take(std::string_view bytes, std::size_t at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i)
    value |= static_cast<T>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return value;
}

}  // namespace larder::storage
