#include "storage/data_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "codec/checksums.h"
#include "storage/errors.h"
#include "storage/master_key.h"
#include "storage/read_only_file_system.h"

namespace larder::storage {
namespace {

constexpr std::string_view format_prefix = "larder data ";
constexpr std::size_t format_file_max = 256;
constexpr std::uint64_t log_segment_min = 1u << 20;

struct Format {
  unsigned version;
  std::string master_key_fingerprint;
};

std::string text_of(const Format& format) {
  auto text = fmt::format("{}{}\nmaster-key {}\n", format_prefix, format.version,
                          format.master_key_fingerprint);
  if (format.version >= 3) text += fmt::format("crc32c {:08x}\n", crc32c(text));
  return text;
}

/// Reads the version first: what follows it is that version's.
Result<Format> parse_format(const std::string& path, std::string_view whole) {
  const auto malformed = fail(codes::bad_data_directory,
                              path + " is damaged or not Larder's. Restore it from a backup.");
  if (!whole.starts_with(format_prefix)) return malformed;
  const auto text = whole.substr(format_prefix.size());
  Format format{.version = 0, .master_key_fingerprint = {}};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), format.version);
  if (error != std::errc()) return malformed;
  if (format.version == 0) return malformed;
  if (format.version > data_format_version)
    return fail(codes::bad_data_directory,
                fmt::format("{} says format version {}, and this program knows versions up to {}: "
                            "use a newer release of Larder.",
                            path, format.version, data_format_version));
  constexpr std::string_view key_line = "\nmaster-key ";
  constexpr std::size_t fingerprint_size = 16;
  auto rest = text.substr(static_cast<std::size_t>(end - text.data()));
  if (!rest.starts_with(key_line)) return malformed;
  format.master_key_fingerprint = rest.substr(key_line.size(), fingerprint_size);
  if (text_of(format) != whole) return malformed;
  return format;
}

/// First start, or one that a first start did not finish: what it made is used, what is missing is
/// made. The format file comes last and says that all is there.
Result<MasterKey> initialize(const std::string& path, FileSystem& files, Random& random) {
  TRY(const auto names, files.children(path));
  for (const auto& name : names) {
    constexpr std::string_view ours[] = {"lock",       "master.key", "master.key.new",
                                         "format.new", "lost+found", "audit"};
    if (std::ranges::find(ours, name) == std::end(ours))
      return fail(codes::bad_data_directory,
                  fmt::format("{} is not empty and not a data directory of Larder's (it has {}).",
                              path, name));
  }
  const auto key_path = path + "/master.key";
  TRY(const auto existing, files.info(key_path));
  auto key =
      existing ? read_master_key(files, key_path) : create_master_key(files, key_path, random);
  if (!key) return key;
  const Format format{.version = data_format_version, .master_key_fingerprint = key->fingerprint()};
  TRY_VOID(write_file_durably(files, path + "/format", text_of(format), 0600));
  return key;
}

Result<Format> read_format(const std::string& path, FileSystem& files) {
  const auto format_path = path + "/format";
  TRY(const auto text, read_small_file(files, format_path, format_file_max));
  return parse_format(format_path, text);
}

Result<MasterKey> read_key(const std::string& path, FileSystem& files, const Format& format) {
  TRY(auto key, read_master_key(files, path + "/master.key"));
  if (key.fingerprint() != format.master_key_fingerprint)
    return fail(codes::bad_data_directory,
                fmt::format("{}/master.key (fingerprint {}) is not the key of this directory "
                            "(fingerprint {}). Restore the right one from a backup.",
                            path, key.fingerprint(), format.master_key_fingerprint));
  return key;
}

Result<MasterKey> unlock(const std::string& path, FileSystem& files, Random& random) {
  TRY(const auto existing, files.info(path + "/format"));
  if (!existing) return initialize(path, files, random);
  TRY(auto format, read_format(path, files));
  TRY(auto key, read_key(path, files, format));
  // An older program must refuse what this one is about to write.
  if (std::exchange(format.version, data_format_version) < data_format_version)
    TRY_VOID(write_file_durably(files, path + "/format", text_of(format), 0600));
  return key;
}

std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

Result<std::unique_ptr<FileLock>> take_lock(const std::string& path, FileSystem& files) {
  auto lock = files.lock(path + "/lock");
  if (!lock && lock.error().code == codes::locked)
    return fail(codes::locked,
                fmt::format("The data directory {} is in use: {}.", path, lock.error().message));
  return lock;
}

}  // namespace

Result<std::unique_ptr<DataDirectory>> open_data_directory(const std::string& given,
                                                           FileSystem& files, BlockingPool& pool,
                                                           Random& random,
                                                           const RocksKvOptions& kv_options,
                                                           const FilesBlobsOptions& blobs_options) {
  const std::string path = without_slashes(given);
  TRY_VOID(files.create_directory(path));
  TRY_VOID(files.sync_directory(parent_directory(path)));
  std::unique_ptr<DataDirectory> opened(new DataDirectory);
  opened->path_ = path;
  TRY(opened->lock_, take_lock(path, files));
  TRY(auto key, unlock(path, files, random));
  opened->sealer_ = std::make_unique<Sealer>(std::move(key), random);
  // A small disk keeps a share back instead of the full reserves, or nothing would fit on it.
  TRY(const auto total, files.total_space(path));
  auto blobs = blobs_options;
  blobs.free_space_min = std::min(blobs.free_space_min, total / 8);
  auto kv = kv_options;
  kv.free_space_min = std::min(kv.free_space_min, total / 16);
  kv.log_segment_bytes = std::min(kv.log_segment_bytes, std::max(total / 64, log_segment_min));
  TRY(opened->blobs_, open_files_blobs(path + "/blobs", files, pool, blobs));
  TRY(opened->kv_, open_rocks_kv(path + "/kv", files, pool, random, kv));
  return opened;
}

Result<std::unique_ptr<DataDirectory>> view_data_directory(const std::string& given,
                                                           FileSystem& files, BlockingPool& pool,
                                                           Random& random) {
  const std::string path = without_slashes(given);
  TRY(const auto format, files.info(path + "/format"));
  if (!format)
    return fail(codes::bad_data_directory,
                fmt::format("{} is not a data directory of Larder's.", path));
  std::unique_ptr<DataDirectory> viewed(new DataDirectory);
  viewed->path_ = path;
  TRY(viewed->lock_, take_lock(path, files));
  TRY(const auto written, read_format(path, files));
  TRY(auto key, read_key(path, files, written));
  viewed->sealer_ = std::make_unique<Sealer>(std::move(key), random);
  viewed->guard_ = std::make_unique<ReadOnlyFileSystem>(files);
  viewed->blobs_ = view_files_blobs(path + "/blobs", *viewed->guard_, pool);
  TRY(viewed->kv_, open_rocks_kv(path + "/kv", *viewed->guard_, pool, random, {.read_only = true}));
  return viewed;
}

}  // namespace larder::storage
