// The bytes that all PUTs send: one buffer in memory, from which the kernel can send by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "http/file_descriptor.h"

namespace larder::bench {

/// Random bytes, which nothing compresses. Constant after make() but for sha256_hex's memory: one
/// thread.
class Body {
 public:
  /// service_unavailable where there is no memory.
  static Result<Body> make(std::size_t size, Random& random);
  Body(Body&& other) noexcept;
  Body& operator=(Body&&) = delete;
  ~Body();

  /// Its first `size` bytes, at most those it was made with.
  std::string_view bytes(std::size_t size) const { return {data_, size}; }
  /// In hexadecimal, of the same; computed once.
  const std::string& sha256_hex(std::size_t size);
  /// The same bytes as a file.
  int file() const { return file_.get(); }

 private:
  Body(http::FileDescriptor file, const char* data, std::size_t size)
      : file_(std::move(file)), data_(data), size_(size) {}

  http::FileDescriptor file_;
  const char* data_;
  std::size_t size_;
  std::map<std::size_t, std::string> hashes_;
};

}  // namespace larder::bench
