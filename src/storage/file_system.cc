#include "storage/file_system.h"

#include "storage/errors.h"

namespace larder::storage {

Result<std::string> read_small_file(FileSystem& files, const std::string& path, std::size_t limit) {
  TRY(const auto file, files.open(path));
  std::string content(limit + 1, '\0');
  TRY(const auto count, file->read_at(0, content));
  if (count > limit) return fail(codes::storage_failure, path + " is larger than it may be");
  content.resize(count);
  return content;
}

Result<void> write_file_durably(FileSystem& files, const std::string& path,
                                std::string_view content, unsigned mode) {
  const std::string fresh = path + ".new";
  {
    TRY(const auto file, files.create(fresh, mode));
    TRY_VOID(file->append(content));
    TRY_VOID(file->sync());
  }
  TRY_VOID(files.rename(fresh, path));
  return files.sync_directory(parent_directory(path));
}

std::string parent_directory(const std::string& path) {
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace larder::storage
