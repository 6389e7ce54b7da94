#include "storage/read_only_file_system.h"

#include "storage/errors.h"

namespace larder::storage {
namespace {

std::unexpected<Error> refused(const std::string& path) {
  return fail(codes::storage_failure, path + " was opened to be read only");
}

}  // namespace

Result<std::unique_ptr<ReadableFile>> ReadOnlyFileSystem::open(const std::string& path) {
  return below_.open(path);
}
Result<std::unique_ptr<WritableFile>> ReadOnlyFileSystem::create(const std::string& path,
                                                                 unsigned) {
  return refused(path);
}
Result<std::unique_ptr<WritableFile>> ReadOnlyFileSystem::open_to_append(const std::string& path) {
  return refused(path);
}
Result<std::unique_ptr<BlockFile>> ReadOnlyFileSystem::open_blocks(const std::string& path,
                                                                   std::uint64_t) {
  return refused(path);
}
Result<std::optional<FileInfo>> ReadOnlyFileSystem::info(const std::string& path) {
  return below_.info(path);
}
Result<std::vector<std::string>> ReadOnlyFileSystem::children(const std::string& directory) {
  return below_.children(directory);
}
Result<void> ReadOnlyFileSystem::remove_file(const std::string& path) { return refused(path); }
Result<void> ReadOnlyFileSystem::remove_directory(const std::string& path) { return refused(path); }
Result<bool> ReadOnlyFileSystem::create_directory(const std::string& path) { return refused(path); }
Result<void> ReadOnlyFileSystem::rename(const std::string& from, const std::string&) {
  return refused(from);
}
Result<void> ReadOnlyFileSystem::link(const std::string&, const std::string& to) {
  return refused(to);
}
Result<void> ReadOnlyFileSystem::sync_directory(const std::string& path) { return refused(path); }
Result<std::unique_ptr<FileLock>> ReadOnlyFileSystem::lock(const std::string& path) {
  return refused(path);
}
Result<std::uint64_t> ReadOnlyFileSystem::free_space(const std::string& path) {
  return below_.free_space(path);
}
Result<std::uint64_t> ReadOnlyFileSystem::total_space(const std::string& path) {
  return below_.total_space(path);
}

}  // namespace larder::storage
