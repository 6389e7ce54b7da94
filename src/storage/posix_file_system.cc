#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "storage/errors.h"
#include "storage/file_system.h"

namespace larder::storage {
namespace {

std::unexpected<Error> failed(std::string_view what, const std::string& path, int error = errno) {
  ErrorCode code = codes::storage_failure;
  if (error == ENOENT) code = codes::no_such_file;
  if (error == ENOSPC || error == EDQUOT) code = codes::storage_full;
  return fail(code, fmt::format("cannot {} {}: {}", what, path, std::strerror(error)));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

class PosixReadable final : public ReadableFile {
 public:
  PosixReadable(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) const override {
    std::size_t done = 0;
    while (done < into.size()) {
      const auto count = ::pread(fd_.get(), into.data() + done, into.size() - done,
                                 static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failed("read", path_);
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

  Result<std::uint64_t> size() const override {
    struct stat status{};
    if (::fstat(fd_.get(), &status) != 0) return failed("read the size of", path_);
    return static_cast<std::uint64_t>(status.st_size);
  }

 private:
  const Descriptor fd_;
  const std::string path_;
};

class PosixWritable final : public WritableFile {
 public:
  PosixWritable(Descriptor fd, std::string path, std::uint64_t size)
      : fd_(std::move(fd)), path_(std::move(path)), size_(size) {}

  Result<void> append(std::string_view data) override {
    while (!data.empty()) {
      const auto count = ::pwrite(fd_.get(), data.data(), data.size(), static_cast<off_t>(size_));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failed("write", path_);
      size_ += static_cast<std::uint64_t>(count);
      data.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
  }

  Result<void> sync() override {
    // fdatasync writes the size too when it changed; only times are left out.
    if (::fdatasync(fd_.get()) != 0) return failed("sync", path_);
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) return failed("truncate", path_);
    size_ = size;
    return {};
  }

  std::uint64_t size() const override { return size_; }

  void reserve(std::uint64_t offset, std::uint64_t length) override {
    // A hint: where it fails (full disk, other file system), the write itself will tell.
    (void)::fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                      static_cast<off_t>(length));
  }

 private:
  const Descriptor fd_;
  const std::string path_;
  std::uint64_t size_;
};

class PosixBlocks final : public BlockFile {
 public:
  PosixBlocks(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<void> write_at(std::uint64_t offset, std::span<const char> data) override {
    while (!data.empty()) {
      const auto count = ::pwrite(fd_.get(), data.data(), data.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return failed("write", path_);
      offset += static_cast<std::uint64_t>(count);
      data = data.subspan(static_cast<std::size_t>(count));
    }
    return {};
  }

  Result<void> sync() override { return {}; }  // O_DSYNC: each write is

 private:
  const Descriptor fd_;
  const std::string path_;
};

class PosixLock final : public FileLock {
 public:
  explicit PosixLock(Descriptor fd) : fd_(std::move(fd)) {}

 private:
  const Descriptor fd_;  // closing it lets the lock go
};

}  // namespace

Result<std::unique_ptr<ReadableFile>> PosixFileSystem::open(const std::string& path) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return failed("open", path);
  return std::make_unique<PosixReadable>(std::move(fd), path);
}

Result<std::unique_ptr<WritableFile>> PosixFileSystem::create(const std::string& path,
                                                              unsigned mode) {
  Descriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (!fd.valid() || ::fchmod(fd.get(), mode) != 0) return failed("create", path);
  return std::make_unique<PosixWritable>(std::move(fd), path, 0);
}

Result<std::unique_ptr<WritableFile>> PosixFileSystem::open_to_append(const std::string& path) {
  Descriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  struct stat status{};
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) return failed("open", path);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  return std::make_unique<PosixWritable>(std::move(fd), path, size);
}

Result<std::unique_ptr<BlockFile>> PosixFileSystem::open_blocks(const std::string& path,
                                                                std::uint64_t size) {
  constexpr int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_DSYNC;
  Descriptor fd(::open(path.c_str(), flags | O_DIRECT, 0600));
  // Not every file system goes past the page cache.
  if (!fd.valid() && errno == EINVAL) fd = Descriptor(::open(path.c_str(), flags, 0600));
  struct stat status{};
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) return failed("open", path);
  if (static_cast<std::uint64_t>(status.st_size) >= size)
    return std::make_unique<PosixBlocks>(std::move(fd), path);
  if (const int error = ::posix_fallocate(fd.get(), 0, static_cast<off_t>(size)); error != 0)
    return failed("allocate", path, error);
  if (::fsync(fd.get()) != 0) return failed("sync", path);
  return std::make_unique<PosixBlocks>(std::move(fd), path);
}

Result<std::optional<FileInfo>> PosixFileSystem::info(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return failed("examine", path);
  }
  return FileInfo{.is_directory = S_ISDIR(status.st_mode),
                  .size = static_cast<std::uint64_t>(status.st_size),
                  .modified_seconds = static_cast<std::uint64_t>(status.st_mtime),
                  .mode = status.st_mode & 07777u};
}

Result<std::vector<std::string>> PosixFileSystem::children(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), ::closedir);
  if (!stream) return failed("list", directory);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const auto* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return failed("list", directory);
  return names;
}

Result<void> PosixFileSystem::remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return failed("remove", path);
  return {};
}

Result<void> PosixFileSystem::remove_directory(const std::string& path) {
  if (::rmdir(path.c_str()) != 0) return failed("remove the directory", path);
  return {};
}

Result<bool> PosixFileSystem::create_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return true;
  struct stat status{};
  const int error = errno;
  if (error == EEXIST && ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode))
    return false;
  return failed("make the directory", path, error);
}

Result<void> PosixFileSystem::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return failed("rename", from + " to " + to);
  return {};
}

Result<void> PosixFileSystem::link(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) != 0) return failed("link", from + " to " + to);
  return {};
}

Result<void> PosixFileSystem::sync_directory(const std::string& path) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) return failed("sync the directory", path);
  return {};
}

Result<std::unique_ptr<FileLock>> PosixFileSystem::lock(const std::string& path) {
  Descriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) return failed("open", path);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failed("lock", path);
    char text[32] = {};
    const auto count = ::pread(fd.get(), text, sizeof text - 1, 0);
    std::string holder(text, count > 0 ? static_cast<std::size_t>(count) : 0);
    while (!holder.empty() && (holder.back() < '0' || holder.back() > '9')) holder.pop_back();
    return fail(codes::locked, fmt::format("{} is locked by another process{}", path,
                                           holder.empty() ? "" : " (pid " + holder + ")"));
  }
  const auto pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd.get(), 0) != 0 ||
      ::pwrite(fd.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    log::warning("cannot write the process id to {}: {}", path, std::strerror(errno));
  return std::make_unique<PosixLock>(std::move(fd));
}

Result<std::uint64_t> PosixFileSystem::free_space(const std::string& path) {
  struct statvfs status{};
  if (::statvfs(path.c_str(), &status) != 0) return failed("ask for the free space of", path);
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

Result<std::uint64_t> PosixFileSystem::total_space(const std::string& path) {
  struct statvfs status{};
  if (::statvfs(path.c_str(), &status) != 0) return failed("ask for the size of", path);
  return static_cast<std::uint64_t>(status.f_blocks) * status.f_frsize;
}

}  // namespace larder::storage
