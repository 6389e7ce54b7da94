// DIR: everything one server keeps. lock, format, master.key, kv/, blobs/: docs/formats/storage.md.
#pragma once

#include <memory>
#include <string>

#include "base/async/blocking_pool.h"
#include "base/random.h"
#include "storage/blobs.h"
#include "storage/file_system.h"
#include "storage/files_blobs.h"
#include "storage/inspectable_kv.h"
#include "storage/rocks_kv.h"
#include "storage/sealed.h"

namespace larder::storage {

/// An opened, locked DIR. Destroy it when nothing calls its parts any more.
class DataDirectory {
 public:
  InspectableKv& kv() { return *kv_; }
  Blobs& blobs() { return *blobs_; }
  const Sealer& sealer() const { return *sealer_; }
  const std::string& path() const { return path_; }

 private:
  friend Result<std::unique_ptr<DataDirectory>> open_data_directory(const std::string&, FileSystem&,
                                                                    BlockingPool&, Random&,
                                                                    const RocksKvOptions&,
                                                                    const FilesBlobsOptions&);
  friend Result<std::unique_ptr<DataDirectory>> view_data_directory(const std::string&, FileSystem&,
                                                                    BlockingPool&, Random&);
  DataDirectory() = default;

  std::string path_;
  std::unique_ptr<FileLock> lock_;     // let go last
  std::unique_ptr<FileSystem> guard_;  // of one that is viewed
  std::unique_ptr<Sealer> sealer_;
  std::unique_ptr<Blobs> blobs_;
  std::unique_ptr<InspectableKv> kv_;
};

/// The version of DIR as a whole that this program writes. It opens the versions from 1 on and
/// makes them this one.
inline constexpr unsigned data_format_version = 3;

/// Opens `path`; makes it, mode 0700, when it is absent or empty (its parent exists). Blocks: call
/// it before serving. `files`, `pool` and `random` outlive what it returns. Errors are for the
/// operator: Locked (another server, named by its process id), BadDataDirectory (newer format, not
/// Larder's, key missing or exposed), DataCorrupted.
Result<std::unique_ptr<DataDirectory>> open_data_directory(
    const std::string& path, FileSystem& files, BlockingPool& pool, Random& random,
    const RocksKvOptions& kv_options = {}, const FilesBlobsOptions& blobs_options = {});

/// DIR as it stands, to be looked at while no server runs. Takes the lock (whose file then names
/// this process) and changes nothing else: what a stopped server left unfinished stays unfinished.
/// As above otherwise; a path that is no data directory is BadDataDirectory, and left alone.
Result<std::unique_ptr<DataDirectory>> view_data_directory(const std::string& path,
                                                           FileSystem& files, BlockingPool& pool,
                                                           Random& random);

}  // namespace larder::storage
