#include "storage/rocks_file_system.h"

#include <rocksdb/file_system.h>

#include <algorithm>
#include <utility>

#include "storage/errors.h"

namespace larder::storage {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus status_of(const Error& error) {
  if (error.code == codes::no_such_file) return IOStatus::PathNotFound(error.message);
  if (error.code == codes::storage_full) return IOStatus::NoSpace(error.message);
  return IOStatus::IOError(error.message);
}

template <class T>
IOStatus status_of(const Result<T>& result) {
  return result ? IOStatus::OK() : status_of(result.error());
}

std::string_view view(const Slice& slice) { return {slice.data(), slice.size()}; }

class Sequential final : public rocksdb::FSSequentialFile {
 public:
  explicit Sequential(std::unique_ptr<ReadableFile> file) : file_(std::move(file)) {}

  IOStatus Read(std::size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) override {
    const auto count = file_->read_at(at_, {scratch, n});
    if (!count) return status_of(count.error());
    at_ += *count;
    *result = Slice(scratch, *count);
    return IOStatus::OK();
  }

  IOStatus Skip(std::uint64_t n) override {
    at_ += n;
    return IOStatus::OK();
  }

  IOStatus InvalidateCache(std::size_t, std::size_t) override { return IOStatus::OK(); }

 private:
  const std::unique_ptr<ReadableFile> file_;
  std::uint64_t at_ = 0;
};

class RandomAccess final : public rocksdb::FSRandomAccessFile {
 public:
  explicit RandomAccess(std::unique_ptr<ReadableFile> file) : file_(std::move(file)) {}

  IOStatus Read(std::uint64_t offset, std::size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    const auto count = file_->read_at(offset, {scratch, n});
    if (!count) return status_of(count.error());
    *result = Slice(scratch, *count);
    return IOStatus::OK();
  }

  IOStatus InvalidateCache(std::size_t, std::size_t) override { return IOStatus::OK(); }

 private:
  const std::unique_ptr<ReadableFile> file_;
};

class Writable final : public rocksdb::FSWritableFile {
 public:
  Writable(std::unique_ptr<WritableFile> file, const FileOptions& options)
      : FSWritableFile(options), file_(std::move(file)) {}

  using FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    return status_of(file_->append(view(data)));
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions&, IODebugContext*) override {
    return status_of(file_->truncate(size));
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return status_of(file_->sync()); }
  std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return file_->size(); }
  IOStatus InvalidateCache(std::size_t, std::size_t) override { return IOStatus::OK(); }
  IOStatus Allocate(std::uint64_t offset, std::uint64_t length, const IOOptions&,
                    IODebugContext*) override {
    file_->reserve(offset, length);
    return IOStatus::OK();
  }

 private:
  const std::unique_ptr<WritableFile> file_;
};

class Directory final : public rocksdb::FSDirectory {
 public:
  Directory(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return status_of(files_.sync_directory(path_));
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  FileSystem& files_;
  const std::string path_;
};

class Lock final : public rocksdb::FileLock {
 public:
  explicit Lock(std::unique_ptr<storage::FileLock> lock) : lock_(std::move(lock)) {}

 private:
  const std::unique_ptr<storage::FileLock> lock_;
};

class Adapter final : public rocksdb::FileSystem {
 public:
  explicit Adapter(storage::FileSystem& files) : files_(files) {}
  const char* Name() const override { return "LarderFileSystem"; }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result,
                             IODebugContext*) override {
    auto file = files_.open(path);
    if (file) *result = std::make_unique<Sequential>(*std::move(file));
    return status_of(file);
  }

  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                               IODebugContext*) override {
    auto file = files_.open(path);
    if (file) *result = std::make_unique<RandomAccess>(*std::move(file));
    return status_of(file);
  }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext*) override {
    auto file = files_.create(path, 0600);
    if (file) *result = std::make_unique<Writable>(*std::move(file), options);
    return status_of(file);
  }

  IOStatus ReopenWritableFile(const std::string& path, const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* result,
                              IODebugContext*) override {
    auto file = files_.open_to_append(path);
    if (file) *result = std::make_unique<Writable>(*std::move(file), options);
    return status_of(file);
  }

  IOStatus NewDirectory(const std::string& path, const IOOptions&,
                        std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) override {
    const auto info = files_.info(path);
    if (!info) return status_of(info.error());
    if (!*info || !(*info)->is_directory) return IOStatus::PathNotFound(path);
    *result = std::make_unique<Directory>(files_, path);
    return IOStatus::OK();
  }

  IOStatus FileExists(const std::string& path, const IOOptions&, IODebugContext*) override {
    const auto info = files_.info(path);
    if (!info) return status_of(info.error());
    return *info ? IOStatus::OK() : IOStatus::NotFound(path);
  }

  IOStatus GetChildren(const std::string& path, const IOOptions&, std::vector<std::string>* result,
                       IODebugContext*) override {
    auto names = files_.children(path);
    if (names) *result = *std::move(names);
    return status_of(names);
  }

  IOStatus DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) override {
    return status_of(files_.remove_file(path));
  }

  IOStatus Truncate(const std::string& path, std::size_t size, const IOOptions&,
                    IODebugContext*) override {
    const auto file = files_.open_to_append(path);
    if (!file) return status_of(file.error());
    return status_of((*file)->truncate(size));
  }

  IOStatus CreateDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    const auto made = files_.create_directory(path);
    if (made && !*made) return IOStatus::IOError(path, "exists");
    return status_of(made);
  }

  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) override {
    return status_of(files_.create_directory(path));
  }

  IOStatus DeleteDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return status_of(files_.remove_directory(path));
  }

  IOStatus GetFileSize(const std::string& path, const IOOptions&, std::uint64_t* size,
                       IODebugContext*) override {
    const auto info = files_.info(path);
    if (!info) return status_of(info.error());
    if (!*info) return IOStatus::PathNotFound(path);
    *size = (*info)->size;
    return IOStatus::OK();
  }

  IOStatus GetFileModificationTime(const std::string& path, const IOOptions&, std::uint64_t* time,
                                   IODebugContext*) override {
    const auto info = files_.info(path);
    if (!info) return status_of(info.error());
    if (!*info) return IOStatus::PathNotFound(path);
    *time = (*info)->modified_seconds;
    return IOStatus::OK();
  }

  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                      IODebugContext*) override {
    return status_of(files_.rename(from, to));
  }

  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions&,
                    IODebugContext*) override {
    return status_of(files_.link(from, to));
  }

  IOStatus LockFile(const std::string& path, const IOOptions&, rocksdb::FileLock** lock,
                    IODebugContext*) override {
    auto held = files_.lock(path);
    *lock = held ? new Lock(*std::move(held)) : nullptr;
    return status_of(held);
  }

  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    delete static_cast<Lock*>(lock);
    return IOStatus::OK();
  }

  IOStatus GetTestDirectory(const IOOptions&, std::string* path, IODebugContext*) override {
    *path = "/tmp";
    return IOStatus::OK();
  }

  IOStatus NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>* result,
                     IODebugContext*) override {
    result->reset();  // Options::info_log is ours; RocksDB asks for no other
    return IOStatus::NotSupported("log files");
  }

  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* result,
                           IODebugContext*) override {
    *result = path;
    return IOStatus::OK();
  }

  IOStatus GetFreeSpace(const std::string& path, const IOOptions&, std::uint64_t* bytes,
                        IODebugContext*) override {
    const auto space = files_.free_space(path);
    if (space) *bytes = *space;
    return status_of(space);
  }

  IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* is_directory,
                       IODebugContext*) override {
    const auto info = files_.info(path);
    if (!info) return status_of(info.error());
    if (!*info) return IOStatus::PathNotFound(path);
    *is_directory = (*info)->is_directory;
    return IOStatus::OK();
  }

 private:
  storage::FileSystem& files_;
};

/// After a background write has failed RocksDB sleeps a second, which nobody waits for here: the
/// database is closed and opened again (RocksDatabase::reopen).
class Environment final : public rocksdb::EnvWrapper {
 public:
  explicit Environment(const std::shared_ptr<Adapter>& files)
      : EnvWrapper(rocksdb::NewCompositeEnv(files)) {
    file_system_ = files;  // itself, not this Env's older file interface on top of it
  }
  const char* Name() const override { return "LarderEnvironment"; }
  void SleepForMicroseconds(int micros) override {
    EnvWrapper::SleepForMicroseconds(std::min(micros, 20'000));
  }
};

}  // namespace

std::unique_ptr<rocksdb::Env> make_rocks_env(FileSystem& files) {
  return std::make_unique<Environment>(std::make_shared<Adapter>(files));
}

}  // namespace larder::storage
