#include "bench/s3/body.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "base/check.h"
#include "codec/digest.h"

namespace larder::bench {

Result<Body> Body::make(std::size_t size, Random& random) {
  size = std::max<std::size_t>(size, 1);  // mmap maps no less
  http::FileDescriptor file(memfd_create("bench_s3", MFD_CLOEXEC));
  void* data = MAP_FAILED;
  if (file && ftruncate(file.get(), static_cast<off_t>(size)) == 0)
    data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (data == MAP_FAILED)
    return fail(codes::service_unavailable,
                fmt::format("no {} bytes of memory for the bodies: {}", size, strerror(errno)));
  random.fill(std::span(static_cast<std::uint8_t*>(data), size));
  return Body(std::move(file), static_cast<const char*>(data), size);
}

Body::Body(Body&& other) noexcept
    : file_(std::move(other.file_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(other.size_),
      hashes_(std::move(other.hashes_)) {}

Body::~Body() {
  if (data_ != nullptr) munmap(const_cast<char*>(data_), size_);
}

const std::string& Body::sha256_hex(std::size_t size) {
  CHECK(size <= size_);
  std::string& hash = hashes_[size];
  if (hash.empty()) hash = larder::sha256_hex(bytes(size));
  return hash;
}

}  // namespace larder::bench
